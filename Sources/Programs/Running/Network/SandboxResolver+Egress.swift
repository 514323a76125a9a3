import InterlockPolicy
import InterlockPorts
import InterlockTransport

extension SandboxResolver {
    /// Returns the resolver that a policy names, or nil if its servers cannot be asked.
    func resolver(on loops: LoopGroup) -> (any EgressResolver)? {
        switch self {
        case .system: SystemEgressResolver()
        case .servers(let servers): DNSServerResolver(servers: servers, loops: loops)
        }
    }
}
