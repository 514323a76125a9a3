import InterlockCommandLine
import InterlockEvidence
import InterlockLedger
import InterlockTrustCommands

extension Command {
    static let trustStatus = Command(
        "trust status [AGENT]", "show what autonomy agents have earned",
        example: "interlock trust status support-triage",
        options: Option.logSource + [.json],
        exits: [.no, .data, .notFound, .io],
        notes: """
            Counts the runs of the log, and shows each criterion of the next stage beside its threshold, which \
            `trust/criteria.yaml` beside the policy states. Exit 1: a criterion is missed; what is unknown counts as missed. \
            The stage is that of the records of promotions and demotions. It shows no record, so nothing is recorded.
            """
    ) { invocation in
        let records = try TrustRecords(invocation)
        var exit = Exit.ok
        for report in records.reports {
            invocation.print(
                report.json(explains: false), report.lines.joined(separator: "\n"))
            if !report.isMet { exit = .no }
        }
        return exit
    }

    static let trustExplain = Command(
        "trust explain AGENT", "show the records behind an agent's stage",
        example: "interlock trust explain support-triage",
        options: Option.logSource + [.json],
        exits: [.no, .data, .notFound, .unavailable, .io],
        notes: """
            As `trust status`, with the leaf hash of each record that counts against the agent; --json also lists those \
            of every criterion. That you look is recorded first.
            """
    ) { invocation in
        let records = try TrustRecords(invocation)
        var exit = Exit.ok
        for report in records.reports {
            try AuditExport.record(
                kind: .show, count: report.namedRecords, query: invocation.query,
                from: records.log)
            invocation.print(
                report.json(explains: true), report.explanation.joined(separator: "\n"))
            if !report.isMet { exit = .no }
        }
        return exit
    }
    static let trustClassify = classifyDenial(options: Option.logSource) { text, invocation in
        switch try RecordName(argument: text) {
        case .index(let place): return place
        case .hash(let hash):
            var search = try RecordSearch.telling(AuditLog(invocation))
            if let found = try search.named(.hash(hash)).first { return found.index }
        case .call, .approval, .id: break
        }
        throw Failure(.notFound, "no denial is named `\(text)`", help: "an index or a leaf hash")
    }
}
