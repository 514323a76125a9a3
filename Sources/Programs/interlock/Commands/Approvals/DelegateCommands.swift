import InterlockApprovals
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    static let approvalsDelegate = Command(
        "approvals delegate", "let another person decide in your place for a time",
        example:
            "interlock approvals delegate --group finance --to bo@acme.example --until 7d --as ada@acme.example --reason 'On holiday until Monday'",
        options: [
            .directory, .person, .key, .reason, .json,
            Option("--group GROUP", "the group whose member you are").required,
            Option("--to EMAIL", "who decides; enrolled, a member or not"),
            Option("--until TIME", "its end, such as 7d or 2026-12-01T08:00:00Z; within 14 days"),
            Option("--end", "end your delegation in this group now"),
        ],
        exits: .ofOrders,
        notes: """
            The other person votes with the own key, in your seat, and never for calls that the rules keep that person \
            from. Your own vote in this group does not count meanwhile. A member who holds your seat too still has one \
            vote. It ends with its time, by `--end`, and when either of you leaves the group or is revoked. Who decides \
            about elevations does not change.
            """
    ) { invocation in
        let group = try invocation.require("group")
        guard !invocation.has("end") else {
            guard invocation["to"] == nil, invocation["until"] == nil else {
                throw Failure(.usage, "`--end` takes neither `--to` nor `--until`")
            }
            let answer = try invocation.order(
                .endDelegation(group: group),
                because: invocation["reason"] ?? "ended by its author")
            return invocation.print(answer, "you decide in \(TerminalEscaping.shown(group)) again")
        }
        let person = try Invocation.parsed(
            try invocation.require("to"), "no e-mail address", .usage
        ) { Person($0) }
        let end = try endOfDelegation(try invocation.require("until"))
        let answer = try invocation.order(
            .delegate(group: group, to: person, until: end),
            because: try invocation.require("reason"))
        return invocation.print(answer, delegated(answer))
    }

    static let approvalsDelegations = Command(
        "approvals delegations", "list who decides in whose place",
        example: "interlock approvals delegations",
        options: [.directory, .json],
        exits: [.unavailable],
        run: listing(
            "/v1/delegations", "delegations", nothing: "no seat is delegated",
            Column("GROUP", "group"),
            Column("DECIDES") { "\($0.text("to")) for \($0.text("from"))" },
            Column("UNTIL") { "until \($0.text("expires"))" }, Column("REASON", "reason")))
}

private func delegated(_ answer: JSONValue) -> String {
    let voters = answer.number("voters")
    let rest =
        voters == 1 ? "one person holds all its seats" : "\(voters) people hold its seats"
    return "\(answer.text("person")) decides in your place in \(answer.text("group")) until "
        + "\(answer.text("expires")); \(rest)"
}

/// Parses a duration from now, or a time.
private func endOfDelegation(_ text: String) throws(Failure) -> Timestamp {
    if let seconds = secondsOf(text), seconds > 0, seconds <= 14 * 86_400 {
        return SystemClock().now.wall + .seconds(seconds)
    }
    return try Invocation.parsed(
        text, "no time within 14 days", help: "write 7d, or 2026-12-01T08:00:00Z", .usage
    ) { Timestamp(rfc3339: $0) }
}
