package import InterlockModel

/// The address or the command by which a server is reached.
package enum ServerConnection: Sendable, Hashable {
    case http(String)
    case stdio([String])

    /// True for a connection without TLS to `localhost` or to a literal loopback address.
    var isPlainLoopback: Bool {
        guard case .http(let url) = self, url.hasPrefix("http://") else { return false }
        let authority = url.dropFirst(7).prefix { !"/?#".contains($0) }
        let host =
            authority.hasPrefix("[")
            ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        let isFour = host.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2e }
        return host == "localhost" || host == "[::1]" || (isFour && host.hasPrefix("127."))
    }
}

/// The review of a server: the reviewer, the date, and the trust in its content.
package struct ServerReview: Sendable, Hashable {
    package let by: Person
    package let on: CivilDate
    package let trust: ServerTrust
}

package enum ServerTrust: String, Sendable, Hashable {
    /// Content that is read from partner and external servers taints a run.
    case `internal`, partner, external
}

/// One server as written. It is a class, because many agents refer to it.
package final class ServerSpec: PolicyPart {
    package let name: ServerName
    package let place: PolicyLocation
    let path: String
    let connection: ServerConnection?
    let connectPlace: PolicyLocation?
    /// The user whose process must answer, for an HTTP server on this machine.
    let owner: UInt32?
    /// True if the name in `connect.http` may lead to a private or loopback address.
    let allowsPrivateNames: Bool
    /// Is nil if `connect` states no sandbox: the child then has the profile `mcp`.
    package let sandbox: SandboxSpec?
    /// The additional paths that the child of a stdio server may read, and write (`connect.sandbox`).
    let sandboxRead: [String]
    let sandboxWrite: [String]
    let droppedReads: [DroppedPath]
    /// The network in which that child is started (`connect.sandbox`).
    let network: ServerNetwork
    /// The additional environment variables of that child (`connect.sandbox`).
    let variables: ServerVariables
    package let reviewed: ServerReview?
    let reviewerPlace: PolicyLocation?
    let credentials: [CredentialSpec]
    package let environment: String
    let asks: Set<ServerAsk>
    var weakness: ServerWeakness? { ServerWeakness(connection, network, owner: owner) }
    /// The tools, resources and prompts, sorted by name.
    package let tools: [ToolSpec]
    /// The obligations on every agent's calls of the server.
    let data: DataObligations
    let notEnforced: [Located<String>]
    /// The index of each tool in `tools`, by name.
    let positions: [String: Int]

    /// - Parameter name: the name, with the prefix `resource:` or `prompt:` for these.
    func tool(_ name: String) -> ToolSpec? { positions[name].map { tools[$0] } }
    func has(_ item: String) -> Bool { positions[item] != nil }

    init?(_ member: TypedValue.Member, _ findings: inout Findings) {
        guard let name = ServerName(member.key) else { return nil }
        let value = member.value
        self.name = name
        place = member.keyPlace
        path = value.path
        connection = readConnection(value["connect"], &findings)
        connectPlace = value["connect"]?.place
        owner = value["connect"]?["uid"]?.integer.flatMap(UInt32.init(exactly:))
        if let uid = value["connect"]?["uid"], connection?.isPlainLoopback != true {
            findings.add(
                .outOfPlace, at: uid,
                "connect: `uid` is for plain `http` at an address of loopback or `localhost`")
        }
        allowsPrivateNames = value["connect"]?["private"]?.flag ?? false
        if let key = value["connect"]?["private"], case .stdio? = connection {
            findings.add(.outOfPlace, at: key, "connect: `private` is for `http` alone")
        }
        let stated = value["connect"]?["sandbox"]
        sandbox = stated.map { SandboxSpec.read($0, of: .server, &findings) }
        sandboxRead = stated?["read"]?.items.compactMap(\.text) ?? []
        sandboxWrite = stated?["writable_cache"]?.items.compactMap(\.text) ?? []
        droppedReads = DroppedPath.all(in: stated, of: connection)
        network = stated?["network"]?.text.flatMap(ServerNetwork.init) ?? .own
        variables = ServerVariables(stated)
        if let review = value["reviewed"], let by = review["by"]?.person,
            let on = review["on"]?.date, let trust = review["trust"]?.text.flatMap(ServerTrust.init)
        {
            reviewed = ServerReview(by: by, on: on, trust: trust)
            reviewerPlace = review["by"]?.place
        } else {
            reviewed = nil
            reviewerPlace = nil
        }
        credentials = (value["credentials"]?.members ?? []).compactMap { entry in
            guard let header = entry.value["header"]?.text,
                let secret = entry.value["secret"]?.located(\.text)
            else { return nil }
            return CredentialSpec(
                agent: Located(entry.key, place: entry.keyPlace, path: entry.value.path),
                header: header, secret: secret, rotation: entry.value["rotate_by"]?.rotation)
        }
        environment = value["environment"]?.text ?? "production"
        asks = Set((value["asks"]?.items ?? []).compactMap { $0.text.flatMap(ServerAsk.init) })
        var notEnforced = ServerSandboxKeys(stated, of: connection).notEnforced
        if case .stdio? = connection {
            // A credential is an HTTP header, which a stdio server does not receive.
            notEnforced += credentials.map {
                Located("credentials", place: $0.agent.place, path: $0.agent.path)
            }
        }
        self.notEnforced = notEnforced
        tools = readOffers(of: value, &findings).sorted { $0.name < $1.name }
        var positions: [String: Int] = [:]
        for (index, tool) in tools.enumerated() { positions[tool.name.text] = index }
        self.positions = positions
        if tools.count > YAMLLimits.toolsOfServer {
            findings.add(
                .tooLarge, at: place, path: path,
                "\(name): more than \(YAMLLimits.toolsOfServer) tools, resources and prompts")
        }
        data = DataObligations(value["data"])
        if let data = value["data"] { checkData(data, &findings) }
    }
}

private func readConnection(_ value: TypedValue?, _ findings: inout Findings) -> ServerConnection? {
    guard let value else { return nil }
    let argv = value["stdio"]?.items.compactMap(\.text)
    switch (value["http"]?.text, argv) {
    case (let url?, nil): return .http(url)
    case (nil, let argv?) where !argv.isEmpty: return .stdio(argv)
    case (nil, []?):
        findings.add(.wrongShape, at: value, "connect: `stdio` names no program")
        return nil
    default: return nil  // has its own finding
    }
}

/// Requests that a server may send to the agent's side in the middle of a call; none by default
/// (docs/specs/policy.md, section 3).
package enum ServerAsk: String, Sendable, Hashable, CaseIterable {
    case sampling
    case elicitationForm = "elicitation_form"
    case elicitationURL = "elicitation_url"
    case roots
}
