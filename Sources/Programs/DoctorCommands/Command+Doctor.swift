package import InterlockCommandLine
import InterlockDoctor
import InterlockHooks
import InterlockJSON

extension Command {
    package static let doctor = Command(
        "doctor", "check that a coding agent really asks Interlock",
        example: "interlock doctor --host claude-code",
        options: [
            Option(
                "--host HOST", "this coding agent (default: those that are installed)",
                isRepeatable: true),
            Option("--probe", "also run the host itself, with a scripted model and canary files"),
            .json, .directory,
        ],
        exits: [.no, .unavailable],
        notes: """
            HOST is claude-code, codex, gemini-cli, cursor or copilot. Run it as the user who runs the host, in the folder of \
            a project: what root finds does not hold for another user. Nothing is changed; the programs that a host would \
            start are started with the same environment: the host for its version, the hook with an empty event, and the \
            helper that the managed settings name. `--probe` runs Claude Code twice with a model on loopback, in a temporary \
            home and project: a guarded command must not run, and hidden files must not reach the model, also after the \
            settings of user and project were rewritten. Its calls are on record as those of the user's agent. Each control \
            is a line: `enforced at` the part that keeps it, or `guidance`, which stops no agent that does not behave. With \
            --dir or $INTERLOCK_DIR the last event is looked up in the log, and the gateway's own entry in lists of MCP \
            servers is known. The gateway keeps the result: Claude Code with managed settings begins no session without a \
            good one of the last 24 hours. 0 good, 1 a check failed, 69 could not find out.
            """
    ) { invocation in
        let hosts = try invocation.all("host").map { name throws(Failure) -> HookHost in
            try Invocation.choice(name, "host")
        }
        let machine = MachineFacts(invocation)
        let chosen = hosts.isEmpty ? HookHost.allCases.filter(machine.hasHost) : hosts
        let isProbing = invocation.has("probe")
        var facts = chosen.map { machine.facts(of: $0, probe: isProbing ? .ahead : .notAsked) }
        if isProbing {
            // The policy helper lets the host start only after a result.
            DoctorResults.report(facts.map { DoctorReport($0) }, isProbeAhead: true)
            for index in facts.indices { facts[index].probe = machine.probe(facts[index].host) }
        }
        let reports = facts.map { DoctorReport($0) }
        for report in reports {
            for check in report.checks {
                invocation.print(check.json(of: report.host), check.line(of: report.host))
            }
        }
        let outcome = DoctorReport.outcome(of: reports)
        DoctorResults.report(reports, isProbeAhead: false)
        invocation.print(summary(reports, outcome), sentence(reports, outcome))
        return outcome.exit
    }

    private static func count(_ reports: [DoctorReport], _ word: String) -> Int {
        reports.flatMap(\.checks).count { $0.verdict.word == word }
    }

    private static let words = ["enforced", "guidance", "failed", "unknown"]

    private static func summary(_ reports: [DoctorReport], _ outcome: DoctorOutcome) -> JSONValue {
        var object: JSONObject = ["result": .string(outcome.rawValue)]
        object["hosts"] = .strings(reports.map(\.host.rawValue))
        for word in words { object[word] = .count(count(reports, word)) }
        return .object(object)
    }

    private static func sentence(_ reports: [DoctorReport], _ outcome: DoctorOutcome) -> String {
        guard !reports.isEmpty else {
            return "unknown: no coding agent is installed; name one with --host"
        }
        let counts = words.map { "\(count(reports, $0)) \($0)" }.joined(separator: ", ")
        return "\(outcome.rawValue): \(counts)"
    }
}

extension DoctorOutcome {
    fileprivate var exit: Exit {
        switch self {
        case .good: .ok
        case .failed: .no
        case .unknown: .unavailable
        }
    }
}

extension DoctorCheck {
    /// `enforced at managed settings  claude-code hooks /etc/…: 30 events …`, with the remedy on a line of its own.
    fileprivate func line(of host: HookHost) -> String {
        let place = subject.map { " " + TerminalEscaping.shown($0) } ?? ""
        let head = "\(verdict.text.padded(to: 29)) \(host.rawValue) \(name.rawValue)\(place)"
        let text = "\(head): \(TerminalEscaping.shown(cause))"
        return text + (help.map { "\n  help: \($0)" } ?? "")
    }

    fileprivate func json(of host: HookHost) -> JSONValue {
        [
            "host": .string(host.rawValue), "check": .string(name.rawValue),
            "subject": subject.map { .string($0) } ?? .null,
            "verdict": .string(verdict.word),
            "at": verdict.point.map { .string($0.rawValue) } ?? .null, "cause": .string(cause),
            "help": help.map { .string($0) } ?? .null,
        ]
    }
}
