import InterlockApprovals
import InterlockConfiguration
import InterlockJSON
import InterlockKeys
import InterlockModel

private let orderExits: [Exit] = [.no, .data, .notFound, .unavailable, .notPermitted]

extension Command {
    static let tokensIssue = Command(
        "tokens issue NAME", "let a service read the API of the people plane",
        options: [
            .directory, .person, .key, .reason, .json,
            Option("--role ROLE", "as whose holder it sees: kill, resume, security or break_glass"),
            Option("--for DURATION", "how long it counts, at most 365d"),
        ],
        exits: orderExits,
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
        let answer = try PeopleClient(invocation).order(
            .issueToken(name, role: role, until: SystemClock().now.wall + .seconds(seconds)),
            reason: try invocation.require("reason"))
        invocation.has("json") ? Output.json(answer) : Output.line(answer["token"]?.string ?? "")
        return .ok
    }

    static let tokensList = Command(
        "tokens list", "list the services whose tokens count",
        options: [.directory, .json],
        exits: [.unavailable],
        notes: "`used` is the last time since the gateway started."
    ) { invocation in
        let answer = try GatewayClient(try Deployment.open(invocation)).get("/v1/services")
        for service in answer["services"]?.array ?? [] {
            if invocation.has("json") {
                Output.json(service)
                continue
            }
            func text(_ key: String) -> String {
                TerminalEscaping.shown(service[key]?.string ?? "-")
            }
            Output.line(
                "\(text("service").padded(to: 24)) \(text("role").padded(to: 11)) until "
                    + "\(text("expires"))  by \(text("by"))  used \(text("used"))")
        }
        return .ok
    }

    static let tokensRevoke = Command(
        "tokens revoke NAME", "end the token of a service, at once",
        options: [.directory, .person, .key, .reason, .json],
        exits: orderExits,
        notes: "Needs the role `security`."
    ) { invocation in
        let name = try serviceArgument(invocation)
        let answer = try PeopleClient(invocation).order(
            .endToken(name), reason: try invocation.require("reason"))
        invocation.has("json")
            ? Output.json(answer) : Output.line("the token of \(name) counts no more")
        return .ok
    }
}

private func serviceArgument(_ invocation: Invocation) throws(Failure) -> ServiceAccountName {
    let text = invocation.positional[0]
    guard let name = ServiceAccountName(text) else {
        throw Failure(
            .usage, "`\(TerminalEscaping.shown(text))` is no name of a service",
            help: "small letters, digits and hyphens, for instance `siem`")
    }
    return name
}
