import InterlockCredentials
import InterlockModel

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGovernor

/// The services behind pages, which work on the caller's thread.
extension Bench {
    var agentQueries: AgentQueryService {
        AgentQueryService(
            gateway: gateway,
            elevations: ElevationService(
                gateway: gateway, store: MemoryElevationStore(), people: people,
                verifier: verifier, hashing: OpenSSLHashing()),
            aside: { work in
                work()
                return true
            })
    }

    func visibility(of name: String) -> Visibility {
        VisibilityService(people: people, policy: gateway.policy)
            .visibility(of: People.all[name].person)
    }
}
