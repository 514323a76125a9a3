import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    static let kill = Command(
        "kill [RUN|AGENT]", "stop one agent, server, tool, run, an owner's agents, or everything",
        example:
            "interlock kill --agent refunds --as ada@acme.example --reason 'Refunds to unknown accounts'",
        options: [
            .directory, .person, .key, .reason, .json,
            Option("--all", "the whole organisation"),
            Option("--owner EMAIL", "every agent of this person"),
            Option("--agent AGENT", "one agent"),
            Option("--server SERVER", "one server"),
            Option("--tool SERVER.TOOL", "one tool"),
            Option("--run RUN", "one run"),
            Option("--force", "halt a name that does not exist yet"),
            Option("--offline", "ask no gateway: sign the order and write it to the file of -o"),
            Option("-o FILE", "where to, with --offline; must not exist yet"),
            Option(
                "--apply FILE",
                "bring a signed order to the gateway, or where it is down to its folder of orders"),
            Option("--status", "show the halts in force instead"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .cannotCreate, .notPermitted],
        notes:
            "Needs one person with the role `kill`. It acts first and is recorded after; `resume` needs two people. Without any gateway: --offline, the file of `kill.root_file`, or SIGUSR2 to `interlock serve`."
    ) { invocation in
        if invocation.has("status") {
            return HaltFormatter.show(
                status: try invocation.gateway().get("/v1/halts"), invocation)
        }
        if let file = invocation["apply"] { return try apply(file, invocation) }
        let reason = try invocation.require("reason")
        _ = try wantedScope(invocation)
        let deployment = try Deployment.open(invocation)
        let file = try offlineFile(invocation)
        let client = file == nil ? GatewayClient(deployment) : nil
        let target = try haltTarget(invocation, deployment, client)
        let (id, order) = try PersonSigner.order(
            HaltContent(target: target), reason: reason, invocation, deployment)
        guard let file else {
            return HaltFormatter.show(
                try reached { () throws(Failure) in
                    try GatewayClient(deployment).post("/v1/halts", order.json)
                }, invocation)
        }
        try OutputFile.write(order.bytes, to: file)
        Output.line(
            "order \(id.text) to halt \(target) is in \(file); it is in force nowhere yet: "
                + "interlock kill --apply FILE, or put it into state/kill/orders/ of any node")
        return .ok
    }
}

/// Adds advice on how to halt without the gateway if the gateway cannot be reached.
private func reached<Answer>(_ send: () throws(Failure) -> Answer) throws(Failure) -> Answer {
    do throws(Failure) { return try send() } catch {
        guard error.exit == .unavailable else { throw error }
        throw Failure(
            error.exit, "nothing was halted: \(error.message)",
            help: "without the gateway: `kill ... --offline -o FILE`, then `kill --apply FILE`")
    }
}

private func offlineFile(_ invocation: Invocation) throws(Failure) -> String? {
    guard invocation.has("offline") else {
        guard !invocation.has("o") else { throw Failure(.usage, "-o goes with --offline") }
        return nil
    }
    return try invocation.require("o")
}

/// Applies a halt that was signed elsewhere. If the gateway is down, writes the order to a file that takes effect at
/// the next start.
private func apply(_ file: String, _ invocation: Invocation) throws -> Exit {
    let deployment = try Deployment.open(invocation)
    let envelope: Envelope
    let order: HaltOrder
    do {
        envelope = try Envelope(parsing: try File.read(file, limit: Envelope.largestJSON))
        guard envelope.payloadType == .halt else {
            throw Failure(.data, "`\(file)` is no order to halt")
        }
        order = try HaltOrder(parsing: envelope.payload)
    } catch let failure as FileFailure {
        throw Failure(failure.isMissing ? .notFound : .data, failure.message)
    } catch let failure as FormError {
        throw Failure(.data, "`\(file)` is no order: \(failure)")
    }
    do throws(Failure) {
        return HaltFormatter.show(
            try GatewayClient(deployment).post("/v1/halts/offline", envelope.json), invocation)
    } catch {
        guard error.exit == .unavailable else { throw error }
        do throws(KeyFailure) {
            try HaltFolder.put(envelope, id: order.id, in: deployment.kill)
        } catch { throw Failure(.unavailable, "nothing was written: \(error.reason)") }
        Output.error("interlock: \(error.message)")
        Output.line(
            "order \(order.id.text) is in state/kill/orders/: in force at the next start; NOT confirmed"
        )
        return .no
    }
}

/// Returns the one flag that names the target, or nil if the argument RUN or AGENT names it.
private func wantedScope(_ invocation: Invocation) throws(Failure) -> String? {
    let scopes = ["all", "owner", "agent", "server", "tool", "run"].filter(invocation.has)
    guard scopes.count + invocation.positional.count == 1 else {
        throw Failure(
            .usage,
            "name one of RUN, AGENT, --all, --owner, --agent, --server, --tool, --run")
    }
    return scopes.first
}

/// - Parameter client: the gateway that checks the name, or nil to check only the form of the name.
private func haltTarget(
    _ invocation: Invocation, _ deployment: Deployment, _ client: GatewayClient?
) throws(Failure) -> HaltTarget {
    guard let flag = try wantedScope(invocation) else {
        return try runOrAgent(invocation.positional[0], client)
    }
    let scope = flag == "all" ? "org" : flag
    var text = flag == "all" ? "*" : invocation[flag] ?? ""
    if scope == "owner" {
        text = try ownerPseudonym(text, deployment, client)
    }
    let target = try made(scope, text)
    if let client, !invocation.has("force") {
        try reached { () throws(Failure) in try checkExists(scope, text, client) }
    }
    return target
}

/// Returns the pseudonym of a person who is enrolled or, by the running gateway, owns an agent: most owners have no
/// key, and so no place in the file of authorized keys.
private func ownerPseudonym(
    _ text: String, _ deployment: Deployment, _ client: GatewayClient?
) throws(Failure) -> String {
    guard let person = Person(text) else { throw Failure(.usage, "no person `\(text)`") }
    if let trusted = try PersonSigner.trustFile(of: deployment).person(person) {
        return trusted.pseudonym.text
    }
    guard let client else {
        throw Failure(
            .notFound, "`\(text)` is not enrolled here",
            help: "with --offline name the agents of a person who has no key")
    }
    let owners = try reached { () throws(Failure) in
        try client.get("/v1/names").rows("owners")
    }
    let names = owners.map { $0.text("person") }
    guard let owner = owners.first(where: { $0.text("person") == person.address }) else {
        throw Failure(
            .notFound, "`\(text)` owns no agent and is not enrolled here",
            help: didYouMean(text, among: names))
    }
    return owner.text("pseudonym")
}

/// Finds the run or agent that an argument without a flag names.
private func runOrAgent(_ text: String, _ client: GatewayClient?) throws(Failure) -> HaltTarget {
    guard let client else {
        throw Failure(.usage, "with --offline say which it is: --run or --agent")
    }
    let names = try reached { () throws(Failure) in try client.get("/v1/names") }
    let agents = names.strings("agents")
    let runs = try client.get("/v1/open-runs").rows("runs").compactMap { $0["run"]?.string }
    switch (agents.contains(text), runs.contains(text)) {
    case (true, false): return try made("agent", text)
    case (false, true): return try made("run", text)
    case (true, true):
        throw Failure(.usage, "`\(text)` is a run and an agent", help: "use --run or --agent")
    case (false, false):
        throw Failure(
            .notFound, "there is no run and no agent `\(text)`",
            help: didYouMean(text, among: agents))
    }
}

private func made(_ scope: String, _ text: String) throws(Failure) -> HaltTarget {
    try Invocation.parsed(text, "no \(scope)") { HaltTarget(scope: scope, target: $0) }
}

/// Rejects an unknown name, so that a typing error does not look like a halt. Runs and owners are not checked, because
/// the gateway may not know them yet.
private func checkExists(_ scope: String, _ text: String, _ client: GatewayClient) throws(Failure) {
    guard ["agent", "server", "tool"].contains(scope) else { return }
    let names = try client.get("/v1/names").strings(scope + "s")
    guard !names.contains(text) else { return }
    throw Failure(
        .notFound, "there is no \(scope) `\(text)`",
        help: didYouMean(text, among: names) ?? "--force halts a name that does not exist yet")
}
