import InterlockAdministration
import InterlockApprovals
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockModel
import InterlockPorts

/// The link at which one founding person enrols one passkey, once, without a second person. The store keeps only a
/// hash of its token.
struct FoundingLink {
    let person: Person
    let url: String

    /// Makes one link per person. Durable on return.
    static func make(
        for trust: AuthorizedKeys, at console: ConsoleSettings, in deployment: Deployment
    ) async throws(Failure) -> [FoundingLink] {
        let now = SystemClock().now.wall
        var book = PeopleDirectory(trust: trust)
        var links: [FoundingLink] = []
        for person in trust.people {
            let token = Base64.encodeURL(SystemEntropy().bytes(Invitation.tokenBytes))
            _ = book.inviteFounding(
                person, hash: Invitation.hash(of: token, OpenSSLHashing()), at: now)
            links.append(FoundingLink(person: person.person, url: console.link("/enrol/\(token)")))
        }
        do throws(StoreFailure) {
            let store = try deployment.openStore()
            defer { store.close() }
            try await store.keep(people: book.rows)
        } catch {
            throw Failure(.cannotCreate, "cannot write `\(deployment.store)`: \(error.reason)")
        }
        return links
    }
}
