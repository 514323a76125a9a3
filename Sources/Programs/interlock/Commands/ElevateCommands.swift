import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockYAML

extension Command {
    static let elevateRequest = Command(
        "elevate request", "ask for more for one agent, with an end",
        example:
            "interlock elevate request --agent code-fix --grant '{deploy: [rollback]}' --until 2026-12-01T12:00:00Z --ticket INC-4711 --reason 'Roll back checkout' --as ada@acme.example",
        options: [
            .directory, .person, .key, .reason.required, .json,
            Option("--agent AGENT", "who gets it").required,
            Option("--grant YAML", "what, as in a policy: `{deploy: [rollback]}`").required,
            Option("--until TIME", "when it has ended, RFC 3339").required,
            Option("--from TIME", "when it begins (default: now)"),
            Option("--ticket TICKET", "where it is followed up").required,
        ],
        exits: .ofOrders,
        notes:
            "Grants nothing by itself: as many people as the policy says approve it. It lifts no forbid, tier or control."
    ) { invocation in
        let agent = try Invocation.agentName(try invocation.require("agent"))
        let grants = try grants(try invocation.require("grant"))
        let now = SystemClock().now.wall
        let from = try invocation["from"].map(wholeSecond) ?? now.wholeSecond
        let until = try wholeSecond(try invocation.require("until"))
        let reason = try invocation.require("reason")
        let ticket = try invocation.require("ticket")
        let deployment = try Deployment.open(invocation)
        let signer = try PersonSigner.open(invocation, deployment)
        let org = try PersonSigner.trustFile(of: deployment).org
        let payload = try statement { () throws(FormError) in
            try ElevationOrder(
                id: ElevationID(milliseconds: now.milliseconds, random: SystemEntropy().bytes(10)),
                org: org, agent: agent, grants: grants, from: from, until: until, reason: reason,
                ticket: ticket, author: signer.person.pseudonym
            ).canonical()
        }
        let answer = try GatewayClient(deployment).post(
            "/v1/elevations", try signer.sign(.elevationRequest, payload).json)
        return invocation.print(
            answer,
            "elevation \(answer.text("id")) waits for \(answer.number("need")) people: "
                + "interlock elevate approve \(answer.text("id")) --as EMAIL")
    }

    static let elevateApprove = Command(
        "elevate approve ID", "approve an elevation with your signature",
        example: "interlock elevate approve 01kag0q9m2c4e6g8j0k2n4p6r8 --as bo@acme.example",
        options: [.directory, .person, .key, .json],
        exits: .ofOrders,
        notes: "Prints what is asked for, signs exactly that, sends."
    ) { invocation in
        let (answer, _) = try sign(.elevationApproval, "approve", invocation)
        return invocation.print(
            answer,
            answer["state"]?.string == "granted"
                ? "granted" : "approved by \(answer.number("have")) of \(answer.number("need"))")
    }

    static let elevateList = Command(
        "elevate list", "list elevations that wait or are granted",
        example: "interlock elevate list",
        options: [.directory, .json, Option("--agent AGENT", "of this agent alone")],
        exits: [.notFound, .unavailable]
    ) { invocation in
        let agent = try invocation["agent"].map(Invocation.agentName)
        let all = try invocation.gateway().get("/v1/elevations").rows("elevations")
        let shown = all.filter { agent == nil || $0["agent"]?.string == agent?.text }
        return invocation.print(
            table: shown, Column.elevations, nothing: "there are no elevations")
    }

    static let elevateEnd = Command(
        "elevate end ID", "end an elevation now, or refuse one that waits",
        example: "interlock elevate end 01kag0q9m2c4e6g8j0k2n4p6r8 --as ada@acme.example",
        options: [.directory, .person, .key, .json],
        exits: .ofOrders,
        notes: "Any enrolled person may: it only takes away."
    ) { invocation in
        let (answer, id) = try sign(.elevationEnd, "end", invocation)
        return invocation.print(answer, "ended \(id.text)")
    }
}

/// Displays the order that the gateway stores, signs exactly its bytes, and sends the signature.
private func sign(
    _ type: PayloadType, _ action: String, _ invocation: Invocation
) throws(Failure) -> (answer: JSONValue, id: ElevationID) {
    let id = try invocation.argument(
        "no id of an elevation", help: "interlock elevate list"
    ) { ElevationID($0) }
    let deployment = try Deployment.open(invocation)
    let client = GatewayClient(deployment)
    let signer = try PersonSigner.open(invocation, deployment)
    let (order, payload): (ElevationOrder, [UInt8]) = try shownOrder(
        in: try client.get("/v1/elevations/\(id.text)"), "elevation")
    guard order.id == id, order.org == (try PersonSigner.trustFile(of: deployment)).org else {
        throw Failure(.data, "the gateway shows another elevation than `\(id.text)`")
    }
    invocation.explain(order.shown)
    let answer = try client.post(
        "/v1/elevations/\(id.text)/\(action)", try signer.sign(type, payload).json)
    return (answer, id)
}

extension ElevationOrder {
    /// The text that a person reads before signing, made from the signed value alone.
    fileprivate var shown: String {
        """
        elevation of \(agent) from \(from.rfc3339(fractionDigits: 0)) until \
        \(until.rfc3339(fractionDigits: 0))
        grant: \(TerminalEscaping.shown(grants.json))
        reason: \(TerminalEscaping.shown(reason)) (\(TerminalEscaping.shown(ticket)))
        """
    }
}

/// Parses a grant by the rules of a policy file, so that the signed grant means what the same text means in a policy.
private func grants(_ yaml: String) throws(Failure) -> JSONValue {
    let reading = readYAML(Array(yaml.utf8), file: "--grant")
    guard let root = reading.root else { throw Failure(.data, findings: reading.findings) }
    let (canonical, findings) = ElevationOrder.grants(root, file: "--grant")
    guard let canonical else { throw Failure(.data, findings: findings) }
    return canonical
}

/// Parses an RFC 3339 time. Statements hold whole seconds, so fractions of a second are refused.
private func wholeSecond(_ text: String) throws(Failure) -> Timestamp {
    try Invocation.parsed(
        text, "no time in whole seconds", help: "write 2026-11-20T09:00:00Z", .usage
    ) { Timestamp(rfc3339: $0).flatMap { $0 == $0.wholeSecond ? $0 : nil } }
}
