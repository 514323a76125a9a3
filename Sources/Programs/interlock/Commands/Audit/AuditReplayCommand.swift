import InterlockCommandLine
import InterlockEvidence
import InterlockLogReading

extension Command {
    static let auditReplay = Command(
        "audit replay [RUN]", "decide recorded calls again and compare; or a run's story",
        example: "interlock audit replay --since 30d --policy proposed",
        options: Option.logSource + [
            .json,
            .since, .until,
            Option(
                "--level R0|R1",
                "R0: what happened, in order; R1: every decision made again (default: R1)"),
            Option(
                "--policy PATH", "R1: what this policy would have decided, and where that differs"),
            Option("--live", "R3: run the agent again; not offered by this version"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .io],
        notes: """
            Exit 0 when every decision comes out as it was recorded, 1 when one does not, or when what \
            it rested on is gone without an erasure on record. What was erased is said: cannot tell.
            """
    ) { invocation in
        let level = try ReplayLevel(invocation)
        let selection = try ReplaySelection(invocation)
        let log = try AuditLog(invocation)
        switch level {
        case .timeline: return try Timeline(of: selection, in: log).show(invocation)
        case .decisions: return try DecisionsAgain(of: selection, in: log, invocation).show()
        }
    }
}

/// The extent of a replay (docs/specs/ledger.md, section 15).
private enum ReplayLevel {
    case timeline, decisions

    init(_ invocation: Invocation) throws(Failure) {
        switch invocation["level"] ?? (invocation.has("live") ? "R3" : "R1") {
        case "R0": self = .timeline
        case "R1": self = .decisions
        case "R2":
            throw Failure(
                .usage, "R2, an agent again with recorded results, is not offered by this version")
        case "R3" where !invocation.has("live"):
            throw Failure(
                .usage, "R3 runs the agent again, with real effects",
                help: "it needs `--live`, and this version does not offer it")
        case "R3":
            throw Failure(.usage, "R3, a live run again, is not offered by this version")
        case let other: throw Failure(.usage, "`\(other)` is no level", help: "R0 or R1")
        }
        if self == .timeline, invocation.has("policy") {
            throw Failure(.usage, "`--policy` goes with R1")
        }
    }
}
