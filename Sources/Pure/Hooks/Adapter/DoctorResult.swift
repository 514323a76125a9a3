import InterlockJSON
package import InterlockModel

/// The answer of `interlock doctor`. The raw value is the name on the wire and in records.
package enum DoctorOutcome: String, Sendable, Hashable, CaseIterable {
    /// No check failed, and each could be made.
    case good
    case failed
    /// None failed, and at least one could not be made.
    case unknown
    /// All are good without the probe, for which the host itself is about to be started.
    case probing
}

/// The result of `doctor` for one host, as the user who ran it reports it on the socket of hooks outside runs:
/// `{"v":1,"host":"claude-code","result":"good"}`. The gateway adds the time and the agent of the user.
package struct DoctorResult: Sendable, Hashable {
    /// The path of the request, a POST. It is answered with 201 once the result is on record.
    package static let path = "/hook/v1/doctor"

    package let host: HookHost
    package let outcome: DoctorOutcome

    package init(host: HookHost, outcome: DoctorOutcome) {
        self.host = host
        self.outcome = outcome
    }

    /// The most bytes of the form.
    package static let limitBytes = 1024
    private static let limits = JSONLimits(depth: 1, bytes: limitBytes, values: 8, members: 8)

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: Self.limits)
        } catch { throw .json(error) }
        let fields = try StrictFields(value, required: ["v", "host", "result"])
        try fields.expectVersion1()
        host = try fields.made("host", "the name of a host") { HookHost(rawValue: $0) }
        outcome = try fields.made("result", "good, failed, unknown or probing") {
            DoctorOutcome(rawValue: $0)
        }
    }

    package var wire: [UInt8] {
        let value: JSONValue = [
            "v": 1, "host": .string(host.rawValue), "result": .string(outcome.rawValue),
        ]
        return value.serialized()
    }
}
