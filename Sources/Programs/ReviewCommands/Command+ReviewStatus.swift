package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockReview

extension Command {
    package static let reviewStatus = Command(
        "review status [AGENT]", "list the reviews that are due, overdue and open",
        example: "interlock review status",
        options: [.directory, .json],
        exits: [.no, .notFound, .unavailable],
        notes: """
            Exit 1: a review, or a finding of one, is due or overdue. An agent is reviewed each week in its first 8 weeks and \
            in the 4 weeks after a demotion, then every 30, 90 or 180 days by its tier; the organisation every 90 days.
            """
    ) { invocation in
        var rows = try invocation.gateway().get("/v1/reviews").rows("reviews")
        if !invocation.positional.isEmpty {
            let agent = try invocation.agentArgument()
            rows = rows.filter { $0["agent"]?.string.map { sameBytes($0, agent.text) } ?? false }
            if rows.isEmpty { throw Failure(.notFound, "no agent `\(agent)` is reviewed") }
        }
        invocation.print(rows: rows, nothing: "nothing is reviewed") { line($0) }
        return rows.contains { isDue($0) } ? .no : .ok
    }

    private static let dueSteps: [ExactText] = ["overdue", "escalated", "demoted"]

    private static func isDue(_ row: JSONValue) -> Bool {
        ([row] + row.rows("findings")).contains { one in
            one["step"]?.string.map { dueSteps.contains(ExactText($0)) } ?? false
        }
    }

    private static func line(_ row: JSONValue) -> String {
        var text =
            "\(row.text("scope"))  due \(row.text("due"))  \(row.text("step"))"
        if row["agent"] != nil {
            text += "  tier \(row.text("tier")), owner \(row.text("owner"))"
        }
        if row.flag("weekly") { text += "  weekly" }
        text +=
            row["signed"]?.string == nil ? "  never signed" : "  signed \(row.text("signed"))"
        if row["open"]?.string != nil {
            text += "  open \(row.text("open")), \(row.number("marked")) marked"
        }
        for finding in row.rows("findings") {
            text +=
                "\n  finding \(finding.number("number")) of \(finding.text("review")), severity "
                + "\(finding.number("severity")), \(finding.text("owner")), due "
                + "\(finding.text("due"))  \(finding.text("step"))"
        }
        return text
    }

    package static let reviewStart = Command(
        "review start [AGENT]", "fix the records of a review, and draw its sample",
        example: "interlock review start support-triage --from 2026-11-01 --to 2026-12-01",
        options: [
            .directory, .json, Option("--org", "review the organisation as a whole"),
            Option("--from DATE", "the start of the period").required,
            Option("--to DATE", "its end, which is outside (default: now)"),
        ],
        exits: .ofOrders,
        notes: """
            A sample is drawn once: neither reviewer nor owner can choose its seed. The review is open until it is signed; \
            another one can be started 14 days later at the earliest.
            """
    ) { invocation in
        var body: JSONObject = [
            "from": .string(try moment("from", invocation)),
            "to": .string(
                try invocation.has("to")
                    ? moment("to", invocation)
                    : SystemClock().now.wall.rfc3339(fractionDigits: 0)),
        ]
        if let agent = try scopedAgent(invocation) { body["agent"] = .string(agent.text) }
        let client = GatewayClient(
            try Deployment.open(invocation), patience: Duration.seconds(180))
        invocation.explain(
            "the sample is drawn at the next checkpoint, which takes up to half a minute")
        let answer = try client.post("/v1/reviews", .object(body))
        return invocation.print(
            answer,
            "review \(answer.text("review")) of \(answer.text("scope")): "
                + "\(answer.number("records")) records of \(answer.number("size")) are to be read\n"
                + "interlock review sample \(answer.text("review"))")
    }

    /// The agent of the command line, or nil for `--org`.
    static func scopedAgent(_ invocation: Invocation) throws(Failure) -> AgentName? {
        guard invocation.positional.isEmpty == invocation.has("org") else {
            throw Failure(
                .usage, invocation.has("org") ? "`--org` takes no AGENT" : "missing agent",
                help: "pass AGENT or `--org`")
        }
        return invocation.has("org") ? nil : try invocation.agentArgument()
    }

    /// The time of an option, as the gateway reads it.
    static func moment(_ option: String, _ invocation: Invocation) throws(Failure) -> String {
        let time = try Invocation.parsed(
            try invocation.require(option), "no date",
            help: "write 2026-12-30 or 2026-12-30T09:00:00Z", .usage
        ) { Timestamp(rfc3339: $0) ?? Timestamp(rfc3339: $0 + "T00:00:00Z") }
        return time.rfc3339(fractionDigits: 0)
    }
}
