import InterlockHooks
import InterlockHosts
import InterlockJSON
import InterlockModel

/// The addresses at which the gateway's MCP server is reached, as only root or the operator of a deployment can state them.
struct GatewayAddresses {
    /// The names under which the gateway is listed: a server with one of them and another address is taken for it.
    let names: [String]
    private let addresses: [String]

    /// False if no address of the gateway is known.
    var isKnown: Bool { !addresses.isEmpty }

    init(_ managed: ManagedServerChecks, _ facts: DoctorFacts) {
        let machine = facts.agentPlane.machine.flatMap {
            try? ManagedServerChecks.read($0, facts.user)
        }
        let configured = facts.agentPlane.configured.map { [$0] } ?? []
        addresses = managed.addresses + (machine ?? []).map(\.address) + configured
        let known = managed.names + (machine ?? []).map(\.name)
        names = known.isEmpty && !configured.isEmpty ? ["interlock"] : known
    }

    /// Returns true for the address of the agent plane, and of one server below it.
    func has(_ url: String) -> Bool {
        addresses.contains { address in
            guard url.utf8.starts(with: address.utf8) else { return false }
            let rest = url.utf8.dropFirst(address.utf8.count)
            guard let first = rest.first else { return true }
            return first == UInt8(ascii: "/") && ServerName(String(rest.dropFirst()) ?? "") != nil
        }
    }

    /// Returns true if the address is the only way that the entry states: a relay is a command, which the agent could
    /// replace.
    func has(_ entry: HostEntry, of kind: HostKind) -> Bool {
        guard kind == .geminiCLI, let object = entry.node.value.object else {
            guard case .remote(let remote) = entry.definition else { return false }
            return has(remote.url)
        }
        // Gemini CLI has two members for addresses. Which one counts if both are there is not relied on.
        let members = ["httpUrl", "url", "command", "tcp"].filter { object[$0] != nil }
        guard members.count == 1 else { return false }
        return (object["httpUrl"] ?? object["url"])?.string.map(has) ?? false
    }
}
