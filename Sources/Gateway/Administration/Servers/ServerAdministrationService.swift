package import InterlockGovernor
import InterlockJSON
package import InterlockModel
import InterlockPolicy
import InterlockPorts

/// Servers for readers on the people plane, and the actions of people on them.
package struct ServerAdministrationService: ServerAdministration {
    let gateway: Gateway
    private let quarantines: QuarantineService

    package init(gateway: Gateway, quarantines: QuarantineService) {
        self.gateway = gateway
        self.quarantines = quarantines
    }

    package func servers() -> [ServerStatus] {
        let policy = gateway.policy.snapshot
        return policy.servers.keys.sorted().map { gateway.status(of: $0, under: policy) }
    }

    package func perform(
        _ action: ServerAction, on name: ServerName, tool: ToolAddress?, reason: String,
        by person: Pseudonym, _ visibility: Visibility
    ) async throws(ServerRefusal) {
        guard gateway.policy.snapshot.servers[name] != nil else {
            throw .quarantine(.unknown(name))
        }
        guard !visibility.powers.isDisjoint(with: action.roles) else { throw .notEligible(action) }
        guard OrderLimits.reason.contains(reason.unicodeScalars.count) else {
            throw .quarantine(.reason)
        }
        do throws(QuarantineRefusal) {
            switch action {
            case .quarantine:
                return try await quarantines.quarantine(name, reason: reason, by: person)
            case .release: return try await quarantines.release(name, reason: reason, by: person)
            case .closeBreaker: break
            }
        } catch { throw .quarantine(error) }
        try await close(tool?.description ?? name.text, reason, by: person)
    }

    private func close(
        _ breaker: String, _ reason: String, by person: Pseudonym
    ) async throws(ServerRefusal) {
        switch await gateway.letOneTry(breaker, reason: reason, by: person) {
        case .done: return
        case .notOpen: throw .noOpenBreaker
        case .notRecorded(let code): throw .notRecorded(code)
        }
    }
}

extension ServerAdministrationService {
    package func server(_ name: ServerName, page: Int, for visibility: Visibility) -> ServerDetail?
    {
        let policy = gateway.policy.snapshot
        guard let entry = policy.servers[name] else { return nil }
        let status = gateway.status(of: name, under: policy)
        let locked = policy.lock?.servers[name]
        let tools = ServerReading(gateway, entry, status, under: policy).tools
        let pages = max(1, (tools.count + ServerDetail.toolsOfPage - 1) / ServerDetail.toolsOfPage)
        let page = min(max(1, page), pages)
        let agents = policy.agents.values.lazy
            .filter { visibility.sees($0.name) && $0.scopedServers.contains(name) }.map(\.name)
            .sorted()
        return ServerDetail(
            at: gateway.clock.wall, status: status, review: entry.reviewed,
            place: entry.place, environment: entry.environment, version: locked?.version,
            protocolVersion: locked?.protocolVersion,
            otherInstructions: otherInstructions(of: name, locked),
            tools: Array(
                tools.dropFirst((page - 1) * ServerDetail.toolsOfPage)
                    .prefix(ServerDetail.toolsOfPage)),
            page: page, pages: pages, toolCount: tools.count,
            faultCount: tools.count { $0.pin.isFault },
            agents: Array(agents.prefix(ServerDetail.mostAgents)), agentCount: agents.count,
            actions: actions(status, visibility))
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

    private func actions(_ status: ServerStatus, _ visibility: Visibility) -> Set<ServerAction> {
        let isQuarantined = if case .quarantined = status.state { true } else { false }
        let fitting = ServerAction.allCases.filter { action in
            switch action {
            case .quarantine: !isQuarantined
            case .release: isQuarantined
            case .closeBreaker:
                status.breakers.contains { if case .open = $0.state { true } else { false } }
            }
        }
        return Set(fitting.filter { !visibility.powers.isDisjoint(with: $0.roles) })
    }
}

/// Servers and the actions on them, for pages. Every signed-in person sees all servers, since they concern everyone.
package protocol ServerAdministration: Sendable {
    /// Returns the status of every server, by name.
    func servers() -> [ServerStatus]

    /// - Parameter page: the page of its tools, from 1; a number beyond the last page gives the last one.
    /// - Returns: nil if the policy has no such server.
    func server(_ name: ServerName, page: Int, for visibility: Visibility) -> ServerDetail?

    /// Performs an action. Durable on return; a quarantine takes effect before it is durable.
    ///
    /// - Parameters:
    ///   - tool: the tool whose breaker is closed, or nil for the server's own; other actions ignore it.
    ///   - reason: 8 to 500 characters.
    func perform(
        _ action: ServerAction, on name: ServerName, tool: ToolAddress?, reason: String,
        by person: Pseudonym, _ visibility: Visibility
    ) async throws(ServerRefusal)
}
