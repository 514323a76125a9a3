package import InterlockApprovals
package import InterlockEvidence
package import InterlockGovernor
import InterlockJSON
package import InterlockModel
import InterlockPolicy
import InterlockPorts

/// Servers for readers on the people plane, and the actions of people on them.
package struct ServerAdministrationService: ServerAdministration {
    let gateway: Gateway
    private let quarantines: QuarantineService
    /// Is nil for the command line, whose operator signs nothing.
    private let orders: DatedOrderService<ServerContent>?

    package init(gateway: Gateway, quarantines: QuarantineService) {
        self.gateway = gateway
        self.quarantines = quarantines
        orders = nil
    }

    package init(
        gateway: Gateway, quarantines: QuarantineService, people: AuthorizedKeysHolder,
        verifier: any SignatureVerifier, passkeys: PeoplePasskeys?, hashing: any Hashing
    ) {
        self.gateway = gateway
        self.quarantines = quarantines
        orders = DatedOrderService(
            gateway: gateway, people: people, verifier: verifier, passkeys: passkeys,
            hashing: hashing)
    }

    package func servers() -> [ServerStatus] {
        let policy = gateway.policy.snapshot
        return policy.servers.keys.sorted().map { gateway.status(of: $0, under: policy) }
    }

    package func draft(
        _ content: ServerContent, because reason: String, by author: Pseudonym
    ) throws(ServerRefusal) -> OrderDraft {
        guard gateway.policy.snapshot.servers[content.server] != nil else {
            throw .quarantine(.unknown(content.server))
        }
        guard let orders else { throw .order(.unknownKey) }
        return try orders.draft(content, because: reason, by: author)
    }

    package func take(_ envelope: Envelope) async throws(ServerRefusal) -> ServerOrder {
        guard let orders else { throw .order(.unknownKey) }
        let accepted = try await orders.accept(envelope)
        let order = accepted.order
        switch order.action {
        case .quarantine:
            do throws(ServerRefusal) { try await perform(accepted) } catch {
                await orders.countAfter(accepted)
                throw error
            }
            await orders.countAfter(accepted)
        case .release, .closeBreaker:
            try await orders.count(accepted)
            try await perform(accepted)
        }
        return order
    }

    private func perform(_ accepted: VerifiedOrder<ServerOrder>) async throws(ServerRefusal) {
        let order = accepted.order
        try await perform(
            order.action, on: order.content.server, tool: order.content.tool,
            reason: order.reason, by: order.author, signed: accepted.evidence)
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
        try await perform(action, on: name, tool: tool, reason: reason, by: person, signed: nil)
    }

    private func perform(
        _ action: ServerAction, on name: ServerName, tool: ToolAddress?, reason: String,
        by person: Pseudonym, signed order: [UInt8]?
    ) async throws(ServerRefusal) {
        do throws(QuarantineRefusal) {
            switch action {
            case .quarantine:
                return try await quarantines.quarantine(
                    name, reason: reason, by: person, order: order)
            case .release:
                return try await quarantines.release(
                    name, reason: reason, by: person, order: order)
            case .closeBreaker: break
            }
        } catch { throw .quarantine(error) }
        switch await gateway.letOneTry(
            tool?.description ?? name.text, reason: reason, by: person, order: order)
        {
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
                status.breakers.contains(where: \.isOpen)
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

    /// Drafts an order in the name of `author`, for a passkey to sign.
    func draft(
        _ content: ServerContent, because reason: String, by author: Pseudonym
    ) throws(ServerRefusal) -> OrderDraft

    /// Takes a signed order. Durable on return; a quarantine takes effect before it is durable.
    ///
    /// - Returns: the order that was verified and performed.
    func take(_ envelope: Envelope) async throws(ServerRefusal) -> ServerOrder

    /// Performs an action for the operator of the command line. Durable on return; a quarantine takes effect before
    /// it is durable.
    ///
    /// - Parameters:
    ///   - tool: the tool whose breaker is closed, or nil for the server's own; other actions ignore it.
    ///   - reason: 8 to 500 characters.
    func perform(
        _ action: ServerAction, on name: ServerName, tool: ToolAddress?, reason: String,
        by person: Pseudonym, _ visibility: Visibility
    ) async throws(ServerRefusal)
}
