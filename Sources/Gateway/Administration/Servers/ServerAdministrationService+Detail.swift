import InterlockGovernor
import InterlockJSON
package import InterlockModel
import InterlockPolicy
import InterlockPorts

extension ServerAdministrationService {
    package func server(_ name: ServerName, page: Int, for sight: Visibility) -> ServerDetail? {
        let policy = gateway.policy.snapshot
        guard let entry = policy.servers[name] else { return nil }
        let standing = gateway.standing(of: name, under: policy)
        let locked = policy.lock?.servers[name]
        let tools = ServerReading(gateway, entry, standing, under: policy).tools
        let pages = max(1, (tools.count + ServerDetail.toolsOfPage - 1) / ServerDetail.toolsOfPage)
        let page = min(max(1, page), pages)
        let agents = policy.agents.values.lazy
            .filter { sight.sees($0.name) && $0.scopedServers.contains(name) }.map(\.name).sorted()
        return ServerDetail(
            at: gateway.clock.wall, standing: standing, review: entry.reviewed,
            place: entry.place, environment: entry.environment, version: locked?.version,
            protocolVersion: locked?.protocolVersion,
            otherInstructions: otherInstructions(of: name, locked),
            tools: Array(
                tools.dropFirst((page - 1) * ServerDetail.toolsOfPage)
                    .prefix(ServerDetail.toolsOfPage)),
            page: page, pages: pages, toolCount: tools.count,
            faultCount: tools.count { $0.pin.isFault },
            agents: Array(agents.prefix(ServerDetail.mostAgents)), agentCount: agents.count,
            deeds: deeds(standing, sight))
    }

    /// Returns the server's current instructions if they differ from the lock, empty if they were removed; otherwise
    /// nil. The lock has only their digest.
    private func otherInstructions(of name: ServerName, _ locked: LockedServer?) -> String? {
        guard let locked, case .ready = gateway.upstreams.view(of: name) else { return nil }
        let live = gateway.upstreams.offers(of: name).instructions
        let digest = live.flatMap { try? JSONValue.string($0).canonical() }
            .map(gateway.pins.hashing.sha256)
        return digest == locked.instructions ? nil : live ?? ""
    }

    private func deeds(_ standing: ServerStatus, _ sight: Visibility) -> Set<ServerAction> {
        let isQuarantined = if case .quarantined = standing.state { true } else { false }
        let fitting = ServerAction.allCases.filter { deed in
            switch deed {
            case .quarantine: !isQuarantined
            case .release: isQuarantined
            case .closeBreaker:
                standing.breakers.contains { if case .open = $0.state { true } else { false } }
            }
        }
        return Set(fitting.filter { !sight.powers.isDisjoint(with: $0.roles) })
    }
}
