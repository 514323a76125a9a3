import InterlockApprovals
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    static let tokensIssue = Command(
        "tokens issue NAME", "let a service read the API of the people plane",
        example:
            "interlock tokens issue siem --role security --for 90d --as ada@acme.example --reason 'Export to the SIEM'",
        options: [
            .directory, .person, .key, .reason.required, .json,
            Option("--role ROLE", "as whose holder it sees: kill, resume, security or break_glass")
                .required,
            Option("--for DURATION", "how long it counts, at most 365d").required,
        ],
        exits: .ofOrders,
        notes: """
            Needs the role `security`. The token is printed once and kept nowhere; give it to the service alone, which
            sends it as `Authorization: Bearer`. A service reads and does nothing: it never votes, signs, halts or
            releases. With `security` it reads every record, with another role how the house stands and what was refused.
            The token ends with its time, with `interlock tokens revoke`, and with its issuer's role.
            """
    ) { invocation in
        let name = try serviceArgument(invocation)
        let role = try Role.named(try invocation.require("role"))
        let life = try invocation.require("for")
        guard let seconds = secondsOf(life), seconds > 0,
            .seconds(seconds) <= ServiceAccountToken.longestLife
        else {
            throw Failure(
                .usage, "`\(TerminalEscaping.shown(life))` is no duration up to 365d",
                help: "write 12h or 90d")
        }
        let answer = try invocation.order(
            .issueToken(name, role: role, until: SystemClock().now.wall + .seconds(seconds)),
            because: try invocation.require("reason"))
        return invocation.print(answer, answer["token"]?.string ?? "")
    }

    static let tokensList = Command(
        "tokens list", "list the services whose tokens count",
        example: "interlock tokens list",
        options: [.directory, .json],
        exits: [.unavailable],
        notes: "`used` is the last time since the gateway started.",
        run: listing(
            "/v1/services", "services", nothing: "no service has a token",
            Column("SERVICE", "service"), Column("ROLE", "role"),
            Column("UNTIL") { "until \($0.text("expires"))" },
            Column("BY") { "by \($0.text("by"))" }, Column("USED") { "used \($0.text("used"))" }))

    static let tokensRevoke = Command(
        "tokens revoke NAME", "end the token of a service, at once",
        example:
            "interlock tokens revoke siem --as ada@acme.example --reason 'Replaced by another'",
        options: [.directory, .person, .key, .reason.required, .json],
        exits: .ofOrders,
        notes: "Needs the role `security`."
    ) { invocation in
        let name = try serviceArgument(invocation)
        let answer = try invocation.order(
            .endToken(name), because: try invocation.require("reason"))
        return invocation.print(answer, "the token of \(name) counts no more")
    }
}

private func serviceArgument(_ invocation: Invocation) throws(Failure) -> ServiceAccountName {
    try invocation.argument(
        "no name of a service", help: "small letters, digits and hyphens, for instance `siem`",
        .usage
    ) { ServiceAccountName($0) }
}
