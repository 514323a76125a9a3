package import InterlockGovernor
package import InterlockModel
import InterlockPolicy

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
        return policy.servers.keys.sorted().map { gateway.standing(of: $0, under: policy) }
    }

    package func perform(
        _ deed: ServerAction, on name: ServerName, tool: ToolAddress?, reason: String,
        by person: Pseudonym, _ sight: Visibility
    ) async throws(ServerRefusal) {
        guard gateway.policy.snapshot.servers[name] != nil else {
            throw .quarantine(.unknown(name))
        }
        guard !sight.powers.isDisjoint(with: deed.roles) else { throw .notEligible(deed) }
        guard OrderLimits.reason.contains(reason.unicodeScalars.count) else {
            throw .quarantine(.reason)
        }
        do throws(QuarantineRefusal) {
            switch deed {
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
