import InterlockCommandLine
import InterlockDeployment
import InterlockJSON

extension Command {
    static let outcomesList = Command(
        "outcomes list", "list calls whose outcome is to be checked",
        example: "interlock outcomes list", options: [.directory, .json], exits: [.unavailable]
    ) { invocation in
        let client = try invocation.gateway()
        var (rows, next): ([JSONValue], String?) = ([], "")
        while let cursor = next {
            let page = try client.get(
                "/v1/outcomes/unknown" + (cursor.isEmpty ? "" : "?cursor=\(cursor)"))
            rows += page.rows("outcomes")
            next = page["next"]?.string
        }
        return invocation.print(
            table: rows,
            ["record", "since", "agent", "tool", "cause"].map { member in
                Column(member.uppercased()) { TerminalEscaping.shown($0[member]?.plain ?? "-") }
            },
            nothing: "no call has an unknown outcome")
    }

    static let outcomesCheck = Command(
        "outcomes check RECORD", "record what became of a call",
        example: "interlock outcomes check 4711 --found ran --comment 'Refund 88 is paid'",
        options: [
            .directory, .json,
            Option("--found FINDING", "ran, not_run, undone or still_unknown").required,
            Option("--comment TEXT", "at most 500 characters; required for still_unknown"),
        ], exits: .ofOrders
    ) { invocation in
        let record = try invocation.argument("no index of a record") { UInt64($0) }
        var body: JSONObject = ["found": .string(try invocation.require("found"))]
        body["comment"] = invocation.json("comment")
        let answer = try invocation.gateway().post(
            "/v1/outcomes/\(record)/checked", .object(body))
        return invocation.print(answer, "record \(record): \(answer.text("found"))")
    }
}
