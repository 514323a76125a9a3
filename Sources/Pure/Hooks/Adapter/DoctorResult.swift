import InterlockJSON
package import InterlockModel

/// The answer of `interlock doctor`. The raw value is the name on the wire and in records.
package enum DoctorOutcome: String, Sendable, Hashable, CaseIterable {
    /// No check failed, and each could be made.
    case good
    case failed
    /// None failed, and at least one could not be made.
    case unknown
}

/// The state of `interlock doctor` for one host, as its user reported it: an outcome, or a probe between two of them.
package enum DoctorState: Sendable, Hashable, CaseIterable {
    case finished(DoctorOutcome)
    /// All checks are good without the probe, for which the host itself is about to be started.
    case probing

    private static let probingName = "probing"
    /// All names, for the message about another text.
    static let namesText = "good, failed, unknown or probing"

    package static var allCases: [DoctorState] {
        DoctorOutcome.allCases.map { .finished($0) } + [.probing]
    }

    /// - Returns: nil if `name` is no state.
    package init?(name: String) {
        if let outcome = DoctorOutcome(rawValue: name) {
            self = .finished(outcome)
        } else if sameBytes(name, Self.probingName) {
            self = .probing
        } else {
            return nil
        }
    }

    /// The name on the wire and in records.
    package var name: String {
        switch self {
        case .finished(let outcome): outcome.rawValue
        case .probing: Self.probingName
        }
    }
}

/// The result of `doctor` for one host, as the user who ran it reports it on the socket of hooks outside runs:
/// `{"v":1,"host":"claude-code","result":"good"}`. The gateway adds the time and the agent of the user.
package struct DoctorResult: Sendable, Hashable {
    /// The path of the request, a POST. It is answered with 201 once the result is on record.
    package static let path = "/hook/v1/doctor"

    package let host: HookHost
    package let state: DoctorState

    package init(host: HookHost, state: DoctorState) {
        self.host = host
        self.state = state
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
        state = try fields.made("result", DoctorState.namesText) {
            DoctorState(name: $0)
        }
    }

    package var wire: [UInt8] {
        let value: JSONValue = [
            "v": 1, "host": .string(host.rawValue), "result": .string(state.name),
        ]
        return value.serialized()
    }
}
