import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    static let resume = Command(
        "resume [HALT...]", "end halts; two people with the role `resume` sign",
        example:
            "interlock resume 01kag0q9m2c4e6g8j0k2n4p6r8 --as ada@acme.example --reason 'The supplier mended its data'",
        options: [
            .directory, .person, .key, .reason, .json,
            Option("--confirm RELEASE", "sign, as the second person, what the first asked for"),
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
        try Invocation.parsed(text, "no id of a halt", help: "interlock kill --status") {
            OrderID($0)
        }
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

/// Signs the release that the first person signed, after displaying its halts and reason. It must be of this
/// organisation and have exactly this id.
private func confirm(
    _ release: String, _ client: GatewayClient, _ invocation: Invocation, _ deployment: Deployment
) throws -> Exit {
    let id = try Invocation.parsed(release, "no id of a release") { OrderID($0) }
    let signer = try PersonSigner.open(invocation, deployment)
    let (order, payload): (ReleaseOrder, [UInt8]) = try shownOrder(
        in: try client.get("/v1/releases/\(id.text)"), "release")
    guard order.id == id, order.org == (try PersonSigner.trustFile(of: deployment)).org else {
        throw Failure(.data, "the gateway shows another release than `\(id.text)`")
    }
    invocation.explain("release of \(order.halts.map(\.text).joined(separator: ", "))")
    invocation.explain("reason: \(TerminalEscaping.shown(order.reason))")
    let answer = try client.post(
        "/v1/releases/\(id.text)/confirm", try signer.sign(.release, payload).json)
    let exit = show(progress: answer, id, invocation)
    return answer["state"]?.string == "released" ? exit : .no
}

private func show(progress answer: JSONValue, _ id: OrderID, _ invocation: Invocation) -> Exit {
    let next = "interlock resume --confirm \(id.text) --as EMAIL"
    return invocation.print(
        answer,
        answer["state"]?.string == "released"
            ? "released by \(id.text)" : "release \(id.text) waits for another person: \(next)")
}
