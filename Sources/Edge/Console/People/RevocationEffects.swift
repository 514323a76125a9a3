import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockEvidence
import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// The effects of revoking a person, as they are now. The votes of the person are not counted: votes of others stay
/// hidden until one's own.
struct RevocationEffects {
    /// The keys and passkeys that are not revoked.
    let credentials: Int
    /// Is nil if the sessions cannot be found out.
    let sessions: Int?
    /// The open invitations of and by the person, and what waits because of one, or because the person asked for it.
    let waiting: Int
    let seats: Int
    /// The names of the services whose tokens the person issued.
    let services: [String]
    /// The agents that the person owns, as far as the viewer sees them; the first page of them.
    let agents: [String]
    /// The pending requests, of those that the viewer sees, that the person may decide.
    let requests: Int
    /// Those of them that too few people could decide then.
    let void: Int

    var html: HTML {
        var facts = Facts()
        facts.group("Sign-in")
        facts.add("Keys and passkeys ended") { "\(credentials)" }
        facts.add("Sessions ended") {
            sessions.map { "\($0)" } ?? "all; their number is not known"
        }
        facts.group("Requests")
        facts.add("Votes in pending requests") { "dropped" }
        facts.add("Approvals not used yet") { "dropped" }
        facts.add("Pending requests that the person may decide") { "\(requests)" }
        facts.add("Of these void, for want of approvers") { "\(void)" }
        facts.group("Orders and duties")
        facts.add("Invitations and pending orders void") { "\(waiting)" }
        facts.add("Delegated seats ended") { "\(seats)" }
        facts.add("Tokens ended, of services", text: services.joined(separator: ", "))
        facts.add(
            "Agents held until the policy names another owner",
            text: agents.joined(separator: ", "))
        return facts.html
    }
}

extension Console {
    func effects(
        ofRevoking view: PersonView, in listing: PeopleListing, _ session: PersonSession
    ) async -> RevocationEffects {
        let (person, pseudonym) = (view.person.person, view.person.pseudonym)
        let sessions = await sessions.liveSessions(of: pseudonym)
        let pending = await api.operations.inbox.requests(for: session.person)
            .filter { request in
                request.state == .pending
                    && request.voters.contains { $0.pseudonym == pseudonym }
            }
        let owned = sources.agents?.agents(
            AgentFilter(owner: person.address), page: 1, for: sources.visibility(session.person))
        return RevocationEffects(
            credentials: view.credentials.count { $0.state != .revoked },
            sessions: sessions?.count, waiting: listing.waiting(of: pseudonym),
            seats: listing.seats(of: view.person).count,
            services: (api.operations.services?.services ?? [])
                .filter { $0.token.issuer == pseudonym }.map(\.token.name.text),
            agents: (owned?.lines ?? []).filter { $0.owner == person }.map(\.name.text),
            requests: pending.count, void: pending.count { !$0.isDecidable(without: pseudonym) })
    }
}

extension ApprovalRequest {
    /// Returns whether enough people could still decide it. Seats that were passed to the person go back.
    fileprivate func isDecidable(without person: Pseudonym) -> Bool {
        let rest = Set(
            voters.filter { $0.pseudonym != person }.map(\.pseudonym)
                + voters.filter { $0.pseudonym == person }
                .flatMap { $0.delegators.map(\.pseudonym) })
        return rest.count >= decision.quorum
    }
}

extension PeopleListing {
    /// The number of invitations and orders that a revocation of the person makes void.
    fileprivate func waiting(of person: Pseudonym) -> Int {
        let open = book.openInvitations(at: now)
            .count { $0.pseudonym == person || $0.inviter == person }
        return open
            + book.unconfirmed(at: now).count { one in
                guard case .enrolment(let pending) = one.change else { return one.first == person }
                return pending.invitation.pseudonym == person || one.first == person
            }
    }
}
