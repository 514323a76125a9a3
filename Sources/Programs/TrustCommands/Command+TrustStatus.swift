package import InterlockCommandLine
import InterlockJSON

extension Command {
    /// `trust status`.
    ///
    /// - Parameters:
    ///   - options: those by which `reports` opens the log.
    ///   - reports: reads the log, and makes one report for each agent that is asked about.
    package static func showTrust(
        options: [Option], _ reports: @escaping @Sendable (Invocation) throws -> [TrustReport]
    ) -> Command {
        Command(
            "trust status [AGENT]", "show what autonomy agents have earned",
            example: "interlock trust status support-triage",
            options: options + [.json],
            exits: [.no, .data, .notFound, .io],
            notes: """
                Counts the runs of the log, and shows each criterion of the next stage beside its threshold, which \
                `trust/criteria.yaml` beside the policy states. Exit 1: a criterion is missed; what is unknown counts as missed. \
                The stage is that of the records of promotions and demotions. It shows no record, so nothing is recorded.
                """
        ) { invocation in
            var exit = Exit.ok
            for report in try reports(invocation) {
                invocation.print(
                    report.json(explains: false), report.lines.joined(separator: "\n"))
                if !report.isMet { exit = .no }
            }
            return exit
        }
    }

    /// `trust explain`.
    ///
    /// - Parameter reports: the same, and records that the records are shown.
    package static func explainTrust(
        options: [Option], _ reports: @escaping @Sendable (Invocation) throws -> [TrustReport]
    ) -> Command {
        Command(
            "trust explain AGENT", "show the records behind an agent's stage",
            example: "interlock trust explain support-triage",
            options: options + [.json],
            exits: [.no, .data, .notFound, .unavailable, .io],
            notes: """
                As `trust status`, with the leaf hash of each record that counts against the agent, each stated cause, and \
                the history of its stage; --json also lists those of every criterion. That you look is recorded first.
                """
        ) { invocation in
            var exit = Exit.ok
            for report in try reports(invocation) {
                invocation.print(
                    report.json(explains: true), report.explanation.joined(separator: "\n"))
                if !report.isMet { exit = .no }
            }
            return exit
        }
    }
}
