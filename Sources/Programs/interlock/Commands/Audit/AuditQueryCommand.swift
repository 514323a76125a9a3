import InterlockAdministration
import InterlockGovernor
import InterlockLedger

extension Command {
    static let auditQuery = Command(
        path: ["audit", "query"], summary: "find records by what they are about, each proved",
        options: Option.logSource + [
            .json, .since, .until, .ofAgent,
            Option(
                name: "owner", value: "EMAIL",
                help: "of the agents that this person owns in today's policy"),
            Option(
                name: "subject", value: "EMAIL",
                help: "on behalf of this person; a pseudonym does, too"),
            Option(name: "tool", value: "TOOL", help: "of this tool: server.tool or server__tool"),
            .ofType,
            Option(name: "decision", value: "WORD", help: "allow, approve or deny"),
            Option(name: "rule", value: "RULE", help: "decided by this rule"),
            Option(
                name: "code", value: "CODE",
                help: "with this code, for instance policy.no_grant; looks at all that else fits"),
            .ofRun,
            Option(
                name: "text", value: "TEXT",
                help: "not in this version: payloads are not searched"),
            Option(name: "limit", value: "COUNT", help: "the newest so many (default: 100)"),
            Option(name: "csv", help: "comma-separated values, with a header"),
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
        guard !(invocation.has("csv") && invocation.has("json")) else {
            throw Failure(.usage, "`--csv` and `--json` exclude each other")
        }
        let limit = try count(invocation, "limit", default: 100)
        let log = try AuditLog(invocation)
        let filter = try RecordFilter(invocation, log)
        var search = try RecordSearch.telling(log)
        let records = try search.newest(filter, limit: limit)
        return try RecordList(
            records: records, search: search,
            isWholeRun: filter.isOfRunAlone && records.count < limit
        ).show(.query, invocation)
    }
}
