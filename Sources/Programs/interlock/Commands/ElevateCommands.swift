import InterlockJSON
import InterlockKeys
import InterlockModel
import InterlockPolicy
import InterlockYAML

extension Command {
    static let elevateRequest = Command(
        "elevate request", "ask for more for one agent, with an end",
        options: [
            .directory, .person, .key, .reason, .json,
            Option("--agent AGENT", "who gets it"),
            Option("--grant YAML", "what, as in a policy: `{deploy: [rollback]}`"),
            Option("--until TIME", "when it has ended, RFC 3339"),
            Option("--from TIME", "when it begins (default: now)"),
            Option("--ticket TICKET", "where it is followed up"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .notPermitted],
        notes:
            "Grants nothing by itself: as many people as the policy says approve it. It lifts no forbid, tier or control."
    ) { invocation in
        let agent = try agentName(invocation)
        let grants = try grants(try invocation.require("grant"))
        let now = SystemClock().now.wall
        let from = try invocation["from"].map(time) ?? now.wholeSecond
        let until = try time(try invocation.require("until"))
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
        if invocation.has("json") {
            Output.json(answer)
        } else {
            let id = answer["id"]?.string ?? "-"
            Output.line(
                "elevation \(id) waits for \(answer["need"]?.integer ?? 0) people: "
                    + "interlock elevate approve \(id) --as EMAIL")
        }
        return .ok
    }

    static let elevateApprove = Command(
        "elevate approve ID", "approve an elevation with your signature",
        options: [.directory, .person, .key, .json],
        exits: [.no, .data, .notFound, .unavailable, .notPermitted],
        notes: "Prints what is asked for, signs exactly that, sends."
    ) { invocation in
        let (answer, _) = try sign(.elevationApproval, "approve", invocation)
        if invocation.has("json") {
            Output.json(answer)
        } else if answer["state"]?.string == "granted" {
            Output.line("granted")
        } else {
            Output.line(
                "approved by \(answer["have"]?.integer ?? 0) of \(answer["need"]?.integer ?? 0)")
        }
        return .ok
    }

    static let elevateList = Command(
        "elevate list", "list elevations that wait or are granted",
        options: [.directory, .json, Option("--agent AGENT", "of this agent alone")],
        exits: [.notFound, .unavailable]
    ) { invocation in
        let agent = invocation.has("agent") ? try agentName(invocation) : nil
        let client = GatewayClient(try Deployment.open(invocation))
        let all = try client.get("/v1/elevations")["elevations"]?.array ?? []
        let shown = all.filter { agent == nil || $0["agent"]?.string == agent?.text }
        for elevation in shown {
            invocation.has("json") ? Output.json(elevation) : Output.text(text(of: elevation))
        }
        if shown.isEmpty, !invocation.has("json") { Output.line("there are no elevations") }
        return .ok
    }

    static let elevateEnd = Command(
        "elevate end ID", "end an elevation now, or refuse one that waits",
        options: [.directory, .person, .key, .json],
        exits: [.no, .data, .notFound, .unavailable, .notPermitted],
        notes: "Any enrolled person may: it only takes away."
    ) { invocation in
        let (answer, id) = try sign(.elevationEnd, "end", invocation)
        invocation.has("json") ? Output.json(answer) : Output.line("ended \(id.text)")
        return .ok
    }
}

/// Displays the order that the gateway stores, signs exactly its bytes, and sends the signature.
private func sign(
    _ type: PayloadType, _ deed: String, _ invocation: Invocation
) throws(Failure) -> (answer: JSONValue, id: ElevationID) {
    let text = invocation.positional[0]
    guard let id = ElevationID(text) else {
        throw Failure(
            .notFound, "`\(text)` is no id of an elevation", help: "interlock elevate list")
    }
    let deployment = try Deployment.open(invocation)
    let client = GatewayClient(deployment)
    let signer = try PersonSigner.open(invocation, deployment)
    let (order, payload): (ElevationOrder, [UInt8]) = try shownOrder(
        in: try client.get("/v1/elevations/\(id.text)"), "elevation")
    guard order.id == id, order.org == (try PersonSigner.trustFile(of: deployment)).org else {
        throw Failure(.data, "the gateway shows another elevation than `\(id.text)`")
    }
    invocation.has("json") ? Output.error(order.shown) : Output.line(order.shown)
    let answer = try client.post(
        "/v1/elevations/\(id.text)/\(deed)", try signer.sign(type, payload).json)
    return (answer, id)
}

extension ElevationOrder {
    /// The text that a person reads before signing, made from the signed value alone.
    fileprivate var shown: String {
        let grant = TerminalEscaping.shown(String(decoding: grants.serialized(), as: UTF8.self))
        return """
            elevation of \(agent) from \(from.rfc3339(fractionDigits: 0)) until \
            \(until.rfc3339(fractionDigits: 0))
            grant: \(grant)
            reason: \(TerminalEscaping.shown(reason)) (\(TerminalEscaping.shown(ticket)))
            """
    }
}

private func text(of elevation: JSONValue) -> String {
    func text(_ key: String) -> String { TerminalEscaping.shown(elevation[key]?.string ?? "-") }
    let grant = String(decoding: (elevation["grant"] ?? .null).serialized(), as: UTF8.self)
    let state = elevation["in_force"]?.bool == true ? "in force" : text("state")
    let unfit = elevation["unfit"]?.string.map { "\n  unfit: " + TerminalEscaping.shown($0) } ?? ""
    return """
        \(text("id"))  \(text("agent"))  \(state)  \(text("from")) to \(text("until"))
          \(TerminalEscaping.shown(grant))
          \(elevation["have"]?.integer ?? 0) of \(elevation["need"]?.integer ?? 0) approvals, asked \
        by \(text("author")): \(text("reason")) (\(text("ticket")))\(unfit)

        """
}

private func agentName(_ invocation: Invocation) throws(Failure) -> AgentName {
    let text = try invocation.require("agent")
    guard let name = AgentName(text) else {
        throw Failure(.notFound, "`\(text)` is no name of an agent")
    }
    return name
}

/// Parses a grant by the rules of a policy file, so that the signed grant means what the same text means in a policy.
private func grants(_ yaml: String) throws(Failure) -> JSONValue {
    let reading = readYAML(Array(yaml.utf8), file: "--grant")
    guard let root = reading.root else { throw Failure(.data, findings: reading.findings) }
    let grant = ElevationGrant(root, file: "--grant")
    guard let canonical = grant.canonical else { throw Failure(.data, findings: grant.findings) }
    return canonical
}

/// Parses an RFC 3339 time. Statements hold whole seconds, so fractions of a second are refused.
private func time(_ text: String) throws(Failure) -> Timestamp {
    guard let time = Timestamp(rfc3339: text), time.microseconds % 1_000_000 == 0 else {
        throw Failure(
            .usage, "`\(text)` is no time in whole seconds", help: "write 2026-11-20T09:00:00Z")
    }
    return time
}
