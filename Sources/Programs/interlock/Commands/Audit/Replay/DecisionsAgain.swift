import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockEvidence
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands

/// R1: evaluates each recorded decision again from its committed input, under the policy that decided it or under
/// another one.
struct DecisionsAgain {
    private let log: AuditLog
    private let invocation: Invocation
    /// The policy that replaces the recorded one.
    private let other: PolicySnapshot?
    private let report: DecisionsReport

    init(of selection: ReplaySelection, in log: AuditLog, _ invocation: Invocation) throws {
        self.log = log
        self.invocation = invocation
        other = try invocation["policy"].map { path throws(Failure) in
            try LoadedPolicy.loadWithLock(path).snapshot
        }
        var replayer = DecisionReplayer(log, other: other)
        var found: [DecisionAgain] = []
        try selection.scan(log) { entry, record in
            found += try replayer.replay(entry, record)
        } people: { entry, record in
            replayer.follow(entry, record)
        }
        report = DecisionsReport(found)
    }

    /// Prints the differing and the undeterminable decisions, then the totals.
    func show() throws -> Exit {
        try AuditExport.record(
            kind: .replay, count: report.decisions.count, query: invocation.query, from: log)
        let isJSON = invocation.isJSON
        for decision in report.decisions where isJSON || decision.result != .equal {
            invocation.print(decision.json, decision.text)
        }
        for build in report.otherBuilds where !isJSON {
            let count = report.decisions.count { $0.otherBuild == build }
            Output.error(
                "warning: \(count) decisions were made by another build (\(build.hex.prefix(16)))")
        }
        let head = other.map { "under \($0.digest.prefixed): " } ?? ""
        invocation.print(
            report.json,
            "\(head)\(report.decisions.count) decisions made again, \(report.differing) differences, "
                + "\(report.untold) cannot tell")
        return report.isBad ? .no : .ok
    }
}

extension DecisionAgain {
    fileprivate var text: String {
        let head = "record \(index)  dec_\(call)"
        switch result {
        case .equal: return head + "  equal"
        case .erased(let what), .gone(let what): return head + "  cannot tell: \(what)"
        case .differs(let differences):
            return
                ([head + "  differs"]
                + differences.map { difference in
                    "  \(difference.field): recorded \(TerminalEscaping.shown(difference.recorded)), "
                        + "again \(TerminalEscaping.shown(difference.again))"
                }).joined(separator: "\n")
        }
    }
}
