import InterlockAlerts
import InterlockCommandLine
import InterlockDeployment
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel

extension Command {
    static let incidentsTimeline = Command(
        "incidents timeline ID", "list the records around an incident, each proved",
        example: "interlock incidents timeline 01kag0q9m2c4e6g8j0k2n4p6r8",
        options: Option.logSource + [
            .json,
            Option("--before TIME", "how long before its opening it begins [default: 1h]"),
            Option("--limit COUNT", "the newest so many (default: 1000)"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .io],
        notes: """
            The records are those about the agent of the incident, up to its end. They are read from the log and proved; \
            that you read them is recorded first. 65: the incident is about no agent.
            """
    ) { invocation in
        let id = try invocation.argument("no id of an incident", help: "interlock incidents list") {
            IncidentID($0)
        }
        let limit = try count(invocation, "limit", default: 1_000)
        let incident = try invocation.gateway().get("/v1/incidents/\(id)")
        guard let agent = incident["agent"]?.string,
            let opened = incident["opened"]?.string.flatMap({ Timestamp(rfc3339: $0) })
        else {
            throw Failure(
                .data, "the incident is about no agent",
                help: "interlock audit query --since TIME --until TIME")
        }
        var filter = RecordFilter()
        filter.agents = [agent]
        filter.hidden = RecordFilter.views
        filter.since =
            try invocation.timestamp("before", before: opened) ?? opened - .seconds(3_600)
        // The record of the end has a time within the second that the end is stated in.
        filter.until = incident["closed"]?.string.flatMap { Timestamp(rfc3339: $0) }
            .map { $0 + .seconds(2) }
        return try RecordList(in: AuditLog(invocation), filter, limit: limit).show(
            .query, invocation)
    }
}
