package import InterlockCommandLine
import InterlockDeployment
import InterlockEvidence
import InterlockJSON
package import InterlockLogReading
package import InterlockModel
package import InterlockPolicy
import InterlockPolicyReview
import InterlockReview

extension Command {
    /// `review findings`.
    ///
    /// - Parameter earlier: returns the policies that were in force between two times.
    package static func compareScopes(
        _ earlier: @escaping @Sendable (AuditLog, Timestamp, Timestamp) throws -> [PolicySnapshot]
    ) -> Command {
        Command(
            "review findings ID", "compare scopes with their use, and propose what to retire",
            example: "interlock review findings 01kag0q9m2c4e6g8j0k2n4p6r8 --retire narrow.patch",
            options: Option.logSource + [
                .json,
                Option("--policy PATH", "file or folder (default: the deployment's)"),
                Option("--sample FILE", "the document of the sample (default: the gateway's)"),
                Option("--retire FILE", "write the proposal as a patch; nothing is applied"),
            ],
            exits: [.no, .data, .notFound, .unavailable, .cannotCreate, .io],
            notes: """
                Exit 0: nothing to retire and nothing drifted. 1: something did. A tool is retired if no call used it for 90 \
                days, or for the period of the review if that is longer; a bound in a guard is halved if no call used half of \
                it. The patch only narrows: refused calls widen nothing. It names the policy and the digest of the patch, which \
                the sign-off states. That you look is recorded first. Apply a patch with `patch -p1` in the folder that has the \
                policy.
                """
        ) { invocation in
            if let file = invocation["retire"] { try OutputFile.requireFree(file) }
            let sample = try reviewedSample(invocation)
            let findings = try ReviewFindings(sample, invocation, earlier: earlier)
            try AuditExport.record(
                kind: .query, count: findings.reading.count, query: invocation.query,
                from: findings.log)
            if invocation.isJSON {
                Output.json(findings.json)
            } else {
                for line in findings.lines { Output.line(line) }
            }
            for note in findings.notes { Output.error("note: \(note)") }
            if let file = invocation["retire"], let patch = findings.patch {
                try OutputFile.write(Array(patch.utf8), to: file)
            }
            return findings.isEmpty ? .ok : .no
        }
    }
}

/// Scopes against use, what is retired, and what drifted.
private struct ReviewFindings {
    let log: AuditLog
    private let compared: ScopeComparison
    private let sample: ReviewSample

    init(
        _ sample: ReviewSample, _ invocation: Invocation,
        earlier: (AuditLog, Timestamp, Timestamp) throws -> [PolicySnapshot]
    ) throws {
        self.sample = sample
        let log = try AuditLog(invocation)
        self.log = log
        guard let path = invocation["policy"] ?? log.deployment?.policy else {
            throw Failure(.usage, "name the policy with `--policy`")
        }
        let progress = log.progress()
        defer { progress.end() }
        compared = try ScopeComparison(
            sample, policy: path, in: log, counting: progress, earlier: earlier)
    }

    var reading: ScopeReading { compared.reading }
    var proposal: RetireProposal { compared.proposal }
    var patch: String? { compared.patch }
    var notes: [String] { compared.notes }

    var isEmpty: Bool { proposal.items.isEmpty && reading.drift.isEmpty }

    private var patchDigest: String? { compared.patchDigest?.prefixed }

    var json: JSONValue {
        var object: JSONObject = [
            "agents": .array(sample.agents.map { .string($0.name.text) }),
            "drift": .array(reading.drift.map(\.shown)),
            "from": .string(sample.period.start.rfc3339(fractionDigits: 0)),
            "notes": .array(notes.map { .string($0) }),
            "policy": .string(reading.use.policy.prefixed),
            "retire": .array(proposal.items.map { .string($0.text) }),
            "scope": .string(sample.scope.text),
            "to": .string(sample.period.end.rfc3339(fractionDigits: 0)),
            "tools": .array(reading.use.tools.map(\.shown)),
        ]
        if let patch { object["patch"] = .string(patch) }
        if let patchDigest { object["patch_digest"] = .string(patchDigest) }
        return .object(object)
    }

    var lines: [String] {
        var lines = ["policy \(reading.use.policy.prefixed)"]
        lines += reading.use.tools.flatMap(\.lines)
        lines += reading.drift.map {
            "drift  \($0.cause.rawValue) of \(TerminalEscaping.shown($0.subject)), record "
                + $0.leaf.base64
        }
        lines += proposal.items.map { "retire \(TerminalEscaping.shown($0.words))" }
        if let patch {
            lines += ["patch \(patchDigest ?? "")"]
            lines += patch.split(separator: "\n").map(String.init)
        }
        return lines
    }
}

extension ToolUse {
    fileprivate var shown: JSONValue {
        var object: JSONObject = [
            "agent": .string(agent.text), "approvals": .count(approvals),
            "arguments": .array(arguments.map(\.shown)), "calls": .count(calls),
            "denials": .count(denials), "state": .string(state.rawValue),
            "tool": .string(tool.description),
        ]
        if let last { object["last"] = .string(last.rfc3339(fractionDigits: 0)) }
        return .object(object)
    }

    fileprivate var lines: [String] {
        let end = last.map { ", last \($0.rfc3339(fractionDigits: 0))" } ?? ""
        let head =
            "\(state.rawValue.padded(to: 12)) \(agent) \(tool): \(calls) calls, \(approvals) approved, "
            + "\(denials) denied\(end)"
        return [TerminalEscaping.shown(head)]
            + arguments.map { "  " + TerminalEscaping.shown($0.words) }
    }
}

extension ArgumentUse {
    fileprivate var shown: JSONValue {
        var object: JSONObject = [
            "cap": .integer(cap), "count": .count(count), "name": .string(name),
            "unread": .count(unread),
        ]
        if let largest { object["largest"] = .integer(largest) }
        if let typical { object["typical"] = .integer(typical) }
        return .object(object)
    }

    fileprivate var words: String {
        let median = typical.map { "\($0)" } ?? "unknown"
        let values = largest.map { "largest \($0), typical \(median)" } ?? "no value"
        let rest = unread > 0 ? ", \(unread) not known" : ""
        return "\(name) of at most \(cap): \(values) in \(count) calls\(rest)"
    }
}

extension DriftItem {
    fileprivate var shown: JSONValue {
        [
            "cause": .string(cause.rawValue), "leaf": .string(leaf.base64),
            "subject": .string(subject),
        ]
    }
}
