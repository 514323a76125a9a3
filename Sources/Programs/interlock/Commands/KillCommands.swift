import InterlockJSON
import InterlockKeys
import InterlockModel

extension Command {
    static let kill = Command(
        path: ["kill"],
        summary: "stop one agent, server, tool, run, an owner's agents, or everything",
        options: [
            .directory, .person, .key, .reason, .json,
            Option(name: "all", help: "the whole organisation"),
            Option(name: "owner", value: "EMAIL", help: "every agent of this person"),
            Option(name: "agent", value: "AGENT", help: "one agent"),
            Option(name: "server", value: "SERVER", help: "one server"),
            Option(name: "tool", value: "SERVER.TOOL", help: "one tool"),
            Option(name: "run", value: "RUN", help: "one run"),
            Option(name: "status", help: "show the halts in force instead"),
        ],
        exits: [.no, .notFound, .unavailable, .notPermitted],
        notes:
            "Needs one person with the role `kill`. It acts first and is recorded after; `resume` needs two people."
    ) { invocation in
        let wantsStatus = invocation.has("status")
        let reason = wantsStatus ? "" : try invocation.require("reason")
        if !wantsStatus { _ = try haltScope(invocation) }
        let deployment = try Deployment.open(invocation)
        let client = GatewayClient(deployment)
        if wantsStatus { return try showHalts(client, invocation) }
        let target = try haltTarget(invocation, deployment, client)
        let signer = try PersonSigner.open(invocation, deployment)
        let now = SystemClock().now.wall
        let org = try PersonSigner.trustFile(of: deployment).org
        let payload = try statement { () throws(FormError) in
            try HaltOrder(
                id: newOrderID(at: now), org: org, target: target, reason: reason,
                author: signer.person.pseudonym, at: now
            ).canonical()
        }
        let report = try client.post("/v1/halts", try signer.sign(.halt, payload).json)
        return show(report, invocation)
    }

    static let resume = Command(
        path: ["resume"], summary: "end halts; two people with the role `resume` sign",
        arguments: ["[HALT...]"],
        options: [
            .directory, .person, .key, .reason, .json,
            Option(
                name: "confirm", value: "RELEASE",
                help: "sign, as the second person, what the first asked for"),
        ],
        exits: [.no, .notFound, .unavailable, .notPermitted]
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let client = GatewayClient(deployment)
        if let release = invocation["confirm"] {
            return try confirm(release, client, invocation, deployment)
        }
        return try propose(client, invocation, deployment)
    }
}

private func propose(
    _ client: GatewayClient, _ invocation: Invocation, _ deployment: Deployment
) throws -> Exit {
    let reason = try invocation.require("reason")
    let halts = try invocation.positional.map { text throws(Failure) in
        guard let id = OrderID(text) else {
            throw Failure(
                .notFound, "`\(text)` is no id of a halt", help: "interlock kill --status")
        }
        return id
    }
    guard !halts.isEmpty else {
        throw Failure(.usage, "name the halts to end", help: "interlock kill --status")
    }
    let signer = try PersonSigner.open(invocation, deployment)
    let trust = try PersonSigner.trustFile(of: deployment)
    guard let epoch = try client.get("/v1/halts")["epoch"]?.integer else {
        throw Failure(.unavailable, "the gateway does not say which epoch it is in")
    }
    let first = signer.person.pseudonym
    let others = trust.people.filter { $0.roles.contains(.resume) }.map(\.pseudonym)
    let id = newOrderID(at: SystemClock().now.wall)
    let payload = try statement { () throws(FormError) in
        try ReleaseOrder(
            id: id, org: trust.org, halts: halts, afterEpoch: epoch, reason: reason,
            authors: [first] + others.filter { $0 != first }
        ).canonical()
    }
    let answer = try client.post("/v1/releases", try signer.sign(.release, payload).json)
    return show(progress: answer, id, invocation)
}

/// Signs what the first person asked for: a release of this organisation with this very id, shown in
/// full before.
private func confirm(
    _ release: String, _ client: GatewayClient, _ invocation: Invocation, _ deployment: Deployment
) throws -> Exit {
    guard let id = OrderID(release) else {
        throw Failure(.notFound, "`\(release)` is no id of a release")
    }
    let signer = try PersonSigner.open(invocation, deployment)
    let pending = try client.get("/v1/releases/\(id.text)")
    let (order, payload) = try pendingRelease(in: pending)
    guard order.id == id, order.org == (try PersonSigner.trustFile(of: deployment)).org else {
        throw Failure(.data, "the gateway shows another release than `\(id.text)`")
    }
    let say = invocation.has("json") ? Output.error : Output.line
    say("release of \(order.halts.map(\.text).joined(separator: ", "))")
    say("reason: \(TerminalText.shown(order.reason))")
    let answer = try client.post(
        "/v1/releases/\(id.text)/confirm", try signer.sign(.release, payload).json)
    let exit = show(progress: answer, id, invocation)
    return answer["state"]?.string == "released" ? exit : .no
}

/// The order and its canonical bytes, as the gateway keeps them.
private func pendingRelease(
    in pending: JSONValue
) throws(Failure) -> (ReleaseOrder, payload: [UInt8]) {
    do {
        let payload = try (pending["order"] ?? .null).canonical()
        return (try ReleaseOrder(parsing: payload), payload)
    } catch {
        throw Failure(.data, "the gateway's release is malformed: \(error)")
    }
}

private func newOrderID(at now: Timestamp) -> OrderID {
    OrderID(milliseconds: now.milliseconds, random: SystemEntropy().bytes(10))
}

/// What is to be signed; a reason that is too short or too long is the person's to mend.
private func statement(_ make: () throws(FormError) -> [UInt8]) throws(Failure) -> [UInt8] {
    do { return try make() } catch { throw Failure(.usage, "\(error)") }
}

private func show(progress answer: JSONValue, _ id: OrderID, _ invocation: Invocation) -> Exit {
    if invocation.has("json") {
        Output.json(answer)
    } else if answer["state"]?.string == "released" {
        Output.line("released by \(id.text)")
    } else {
        Output.line(
            "release \(id.text) waits for another person: interlock resume --confirm \(id.text) --as EMAIL"
        )
    }
    return .ok
}

/// The one flag that says what to stop.
private func haltScope(_ invocation: Invocation) throws(Failure) -> String {
    let scopes = ["all", "owner", "agent", "server", "tool", "run"].filter(invocation.has)
    guard scopes.count == 1 else {
        throw Failure(.usage, "name one of --all, --owner, --agent, --server, --tool, --run")
    }
    return scopes[0]
}

private func haltTarget(
    _ invocation: Invocation, _ deployment: Deployment, _ client: GatewayClient
) throws(Failure) -> HaltTarget {
    let flag = try haltScope(invocation)
    let scope = flag == "all" ? "org" : flag
    var text = flag == "all" ? "*" : invocation[flag] ?? ""
    if scope == "owner" {
        guard let person = Person(text),
            let trusted = try PersonSigner.trustFile(of: deployment).person(person)
        else { throw Failure(.notFound, "`\(text)` is not enrolled here") }
        text = trusted.pseudonym.text
    }
    guard let target = HaltTarget(scope: scope, target: text) else {
        throw Failure(.notFound, "`\(text)` is no \(scope)")
    }
    try checkExists(scope, text, client)
    return target
}

/// A typing error must not look like a halt. Runs and owners may be unknown to the gateway yet.
private func checkExists(_ scope: String, _ text: String, _ client: GatewayClient) throws(Failure) {
    guard ["agent", "server", "tool"].contains(scope) else { return }
    let names = try client.get("/v1/names")[scope + "s"]?.array?.compactMap(\.string) ?? []
    guard !names.contains(text) else { return }
    throw Failure(
        .notFound, "there is no \(scope) `\(text)`", help: didYouMean(text, among: names))
}

private func showHalts(_ client: GatewayClient, _ invocation: Invocation) throws -> Exit {
    let status = try client.get("/v1/halts")
    if invocation.has("json") {
        Output.json(status)
        return .ok
    }
    let halts = status["halts"]?.array ?? []
    Output.line("epoch \(status["epoch"]?.integer ?? 0), \(halts.count) in force")
    for halt in halts {
        func text(_ key: String) -> String { TerminalText.shown(halt[key]?.string ?? "-") }
        Output.line(
            "\(text("id"))  \(text("scope")) \(text("target"))  since \(text("at")): \(text("reason"))"
        )
    }
    return .ok
}

private func show(_ report: JSONValue, _ invocation: Invocation) -> Exit {
    let isHalted = report["state"]?.string == "halted"
    if invocation.has("json") {
        Output.json(report)
    } else {
        for point in report["points"]?.array ?? [] {
            Output.line(
                "\(point["point"]?.string ?? "-")  \(point["state"]?.string ?? "-")  "
                    + "\(point["ms"]?.integer ?? 0) ms, \(point["cancelled"]?.integer ?? 0) calls cut"
            )
        }
        Output.line(
            "halt \(report["halt"]?.string ?? "-") in force, epoch \(report["epoch"]?.integer ?? 0)"
                + (isHalted ? "" : "; NOT confirmed everywhere"))
        for cut in report["manual"]?.array ?? [] {
            Output.line(
                "check by hand: \(cut["tool"]?.string ?? "-"), call \(cut["call"]?.string ?? "-"), sent "
                    + (cut["sent"]?.string ?? "-"))
        }
    }
    return isHalted ? .ok : .no
}
