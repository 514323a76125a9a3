/// One finding about the logs and the control chain of a cluster.
package struct ClusterFinding: Hashable, Sendable, CustomStringConvertible {
    /// The rule that the finding is about (docs/specs/cluster.md, section 7).
    package enum Rule: String, Sendable {
        case votes = "X1"
        case uses = "X2"
        case unrecordedUses = "X3"
        case runs = "X4"
        case halts = "X5"
        case members = "X6"
        case limits = "X7"
        case revisions = "X8"
        case references = "X9"
        /// The chain itself does not verify.
        case chain
        /// The log of a member is not there.
        case logs
    }

    package enum Severity: String, Sendable {
        case fault
        /// Something that an honest cluster can leave, for instance after a crash.
        case listed
        /// A part that could not be checked with what is there.
        case unchecked
    }

    package let rule: Rule
    package let severity: Severity
    /// The origin of the log; nil if the finding is about the chain or several logs.
    package let log: String?
    /// The index of the record in the log.
    package let index: UInt64?
    package let text: String

    package init(
        _ rule: Rule, as severity: Severity = .fault, log: String? = nil, index: UInt64? = nil,
        _ text: String
    ) {
        self.rule = rule
        self.severity = severity
        self.log = log
        self.index = index
        self.text = text
    }

    /// The text of one line, for instance ``X2: `acme/gw1/2026`, record 12: the use names no entry``.
    package var description: String {
        let record = index.map { ", record \($0)" } ?? ""
        let place = log.map { "`\($0)`\(record): " } ?? ""
        return "\(rule.rawValue): \(place)\(text)"
    }
}
