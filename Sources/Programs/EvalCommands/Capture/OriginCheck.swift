package import InterlockCommandLine
package import InterlockEvals
package import InterlockModel

/// The record that a case names as its origin, compared with a log.
package enum OriginReading: Sendable {
    /// The log is not at hand, or the record was pruned.
    case unreachable
    /// The log has no such record.
    case absent
    case found(OriginRecord)
}

/// The fields of a record that an origin must agree with; nil for one that the record does not have.
package struct OriginRecord: Sendable {
    /// True if the record is the decision about one call.
    let isDecision: Bool
    let agent: String?
    /// `server__tool`.
    let tool: String?
    let run: String?
    let policy: Digest?

    package init(
        isDecision: Bool, agent: String?, tool: String?, run: String?, policy: Digest?
    ) {
        self.isDecision = isDecision
        self.agent = agent
        self.tool = tool
        self.run = run
        self.policy = policy
    }
}

/// Reads the records of origins from the log that a command line names: one reading for each, in their order.
package typealias OriginReader = @Sendable (Invocation, [CaseOrigin]) throws -> [OriginReading]

/// Compares the origins of cases with the log that they name.
struct OriginCheck {
    /// One line for each origin that is not as the log says.
    private(set) var problems: [(one: EvalCase, line: String)] = []
    private(set) var unreachable = 0

    init(_ suite: Suite, _ invocation: Invocation, _ reader: OriginReader) throws {
        var origins: [CaseOrigin] = []
        var cases: [EvalCase] = []
        for one in suite.cases {
            for origin in one.origins {
                origins.append(origin)
                cases.append(one)
            }
        }
        guard !origins.isEmpty else { return }
        let readings = try reader(invocation, origins)
        for (number, origin) in origins.enumerated() {
            let one = cases[number]
            // A reader that leaves one out has not found it.
            let reading: OriginReading =
                readings.indices.contains(number) ? readings[number] : .absent
            switch reading {
            case .unreachable: unreachable += 1
            case .absent: add(one, "the log has no record \(origin.leaf)")
            case .found(let record):
                if !Self.agrees(record, origin, one, of: suite) {
                    add(one, "record \(origin.leaf) is of another call, run or policy")
                }
            }
        }
    }

    private mutating func add(_ one: EvalCase, _ line: String) {
        problems.append((one: one, line: line))
    }

    private static func agrees(
        _ record: OriginRecord, _ origin: CaseOrigin, _ one: EvalCase, of suite: Suite
    ) -> Bool {
        // A record without these fields would agree with every case.
        guard record.isDecision else { return false }
        if let agent = record.agent, agent != suite.agent.text { return false }
        if let tool = record.tool, let call = one.policyCase?.call, tool != call.wireName {
            return false
        }
        if let policy = record.policy, policy != origin.policy { return false }
        return record.run == origin.run
    }
}
