package import InterlockCluster
package import InterlockClusterAudit
import InterlockCommandLine
package import InterlockJSON
import InterlockModel
package import InterlockStore

/// The result of `interlock audit verify --cluster`.
package struct ClusterReport {
    package struct Log {
        package let origin: String
        package let report: VerifyReport
    }

    /// The newest entry of the chain that was applied; nil if the first one is another than was given.
    package let head: ChainHead?
    /// The logs that were verified, each by itself, by origin.
    package internal(set) var logs: [Log] = []
    /// The findings about the chain and the logs together.
    package internal(set) var findings: [ClusterFinding] = []

    init(head: ChainHead) { self.head = head }

    /// The report on a chain whose first entry does not count.
    init(rejected error: EntryRejection) {
        head = nil
        let text: String =
            switch error {
            case .fault(let fault): "\(fault)"
            case .unknownKind(_, let kind): "the first entry is of kind `\(kind)`"
            }
        findings = [ClusterFinding(.chain, text)]
    }

    package var isGood: Bool {
        logs.allSatisfy(\.report.isGood) && !findings.contains { $0.severity == .fault }
    }

    /// True if for each log an old checkpoint was given and a quorum of witnesses was required.
    package var isAnchored: Bool { !logs.isEmpty && logs.allSatisfy(\.report.isAnchored) }

    /// One line for standard output.
    package var summary: String {
        let entries = logs.map(\.report.size).reduce(0, +)
        let place = "\(logs.count) logs with \(entries) entries"
        guard isGood, let head else {
            let faults =
                logs.map(\.report.faults.count).reduce(0, +)
                + findings.count { $0.severity == .fault }
            return "BAD: \(faults) faults in \(place)"
        }
        return "ok: \(place), a chain of \(head.number + 1) entries, head \(head.digest.base64)"
    }

    package var json: JSONValue {
        [
            "good": .bool(isGood), "anchored": .bool(isAnchored),
            "head": head.map(Self.json) ?? .null,
            "logs": .array(
                logs.map { log in
                    [
                        "origin": .string(log.origin), "entries": .count(log.report.size),
                        "root": .string(log.report.root.base64),
                        "cosignatures": .count(log.report.cosignatures),
                        "faults": .strings(log.report.faults),
                        "warnings": .strings(log.report.warnings),
                        "not_checked": .strings(log.report.unchecked),
                    ]
                }),
            "findings": .array(findings.map(Self.json)),
        ]
    }

    private static func json(_ head: ChainHead) -> JSONValue {
        ["n": .integer(head.number), "digest": .string(head.digest.base64)]
    }

    private static func json(_ finding: ClusterFinding) -> JSONValue {
        [
            "rule": .string(finding.rule.rawValue), "kind": .string(finding.severity.rawValue),
            "origin": finding.log.map { JSONValue.string($0) } ?? .null,
            "index": finding.index.map { JSONValue.count($0) } ?? .null,
            "text": .string(finding.text),
        ]
    }

    /// Prints one line `ok:` or `BAD:` on standard output, and all else on standard error.
    package func print() {
        for log in logs {
            for fault in log.report.faults { Self.note("fault", "`\(log.origin)`: \(fault)") }
        }
        for finding in findings where finding.severity == .fault {
            Self.note("fault", finding.description)
        }
        Output.line(summary)
        for finding in findings where finding.severity == .listed {
            Self.note("listed", finding.description)
        }
        for finding in findings where finding.severity == .unchecked {
            Self.note("not checked", finding.description)
        }
        for log in logs {
            for left in log.report.unchecked {
                Self.note("not checked in one log", "`\(log.origin)`: \(left)")
            }
            for warning in log.report.warnings {
                Self.note("warning", "`\(log.origin)`: \(warning)")
            }
        }
        Self.note(
            "not checked",
            "the signed statements of votes: `interlock approvals verify` opens them")
    }

    private static func note(_ kind: String, _ text: String) {
        Output.error("\(kind): \(TerminalEscaping.shown(text))")
    }
}
