import InterlockAdministration
import InterlockCommandLine
import InterlockEvidence
import InterlockLedger
import InterlockLogReading

extension Command {
    static let auditQuery = Command(
        "audit query", "find records by what they are about, each proved",
        example: "interlock audit query --agent refunds --decision deny --since 24h",
        options: Option.logSource + [
            .json, .since, .until, .ofAgent,
            Option("--owner EMAIL", "of the agents that this person owns in today's policy"),
            Option("--subject EMAIL", "on behalf of this person; a pseudonym does, too"),
            Option("--tool TOOL", "of this tool: server.tool or server__tool"),
            .ofType,
            Option("--decision WORD", "allow, approve or deny"),
            Option("--rule RULE", "decided by this rule"),
            Option(
                "--code CODE",
                "with this code, for instance policy.no_grant; looks at all that else fits"),
            .ofRun,
            Option("--text TEXT", "not in this version: payloads are not searched"),
            Option("--limit COUNT", "the newest so many (default: 100)"),
            Option("--csv", "comma-separated values, with a header"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .io],
        notes:
            "The index says where to look; what is shown is read from the log and proved. A row of the index "
            + "without a proof is not shown, and the exit code is 1. That you search is recorded first."
    ) { invocation in
        guard !invocation.has("text") else {
            throw Failure(
                .usage, "`--text` needs an index of payloads, and `free_text` is off",
                help: "search by agent, tool, run, rule or time")
        }
        guard !(invocation.has("csv") && invocation.isJSON) else {
            throw Failure(.usage, "`--csv` and `--json` exclude each other")
        }
        let limit = try count(invocation, "limit", default: 100)
        return try RecordList(invocation, limit: limit).show(.query, invocation)
    }
}
