import InterlockAdministration
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockSchemas

/// The sign of life of the gateway, with the worst state of its parts.
package struct Beat: ResponseRecord {
    let at: Timestamp
    /// Is nil if there are no checks here.
    let state: HealthCheck.State?

    static let form = ResponseSchema<Beat>(
        "Beat",
        .init("at", .text(.time), "When this was so.") { $0.at },
        .maybe(
            "state", .choice(HealthCheck.State.allCases.map(\.rawValue)),
            "The worst of all parts; `problem`: calls that the policy allows may be denied."
        ) { $0.state?.rawValue })

    var event: [UInt8] {
        let text = String(decoding: Self.form.json(self).serialized(), as: UTF8.self)
        return Array("event: beat\ndata: \(text)\n\n".utf8)
    }
}

extension OperationServices {
    package var beat: Beat { Beat(at: clock.wall, state: sources.status?.checks.worst) }
}

extension [HealthCheck] {
    /// The state of the whole: the worst of the parts that are set up. Nil without checks; what is unknown is
    /// never counted as working.
    var worst: HealthCheck.State? {
        let order: [HealthCheck.State] = [.problem, .attention, .unknown, .working, .notSetUp]
        return order.first { state in contains { $0.state == state } }
    }
}
