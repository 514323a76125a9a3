package import InterlockApprovals
import InterlockJSON
package import InterlockModel
import Synchronization

/// The approval desk as people on the people plane see it: who may see what, and what they do about it.
package final class InboxDesk: Sendable {
    let desk: ApprovalDesk
    let people: TrustHolder
    let clock: any Clock
    let hashing: any Hashing
    let reading = Mutex(ReadingBook())

    package init(
        desk: ApprovalDesk, people: TrustHolder, clock: any Clock, hashing: any Hashing
    ) {
        self.desk = desk
        self.people = people
        self.clock = clock
        self.hashing = hashing
    }

    /// Those who may vote on it or could have, now or by escalation; the agent's owner, who is told of its end; and
    /// security.
    private func sees(_ viewer: Person, _ request: ApprovalRequest, _ roles: Set<Role>) -> Bool {
        roles.contains(.security) || request.voters.contains { $0.person == viewer }
            || request.escalated.contains { $0.person == viewer }
            || request.votes.contains { $0.person == viewer }
            || request.review.facts["owner"]?.string == viewer.address
    }

    private func roles(of viewer: Person) -> Set<Role> {
        people.trust?.person(viewer)?.roles ?? []
    }
}

extension InboxDesk: ApprovalInbox {
    package func requests(for viewer: Person) async -> [ApprovalRequest] {
        let roles = roles(of: viewer)
        return (desk.live + desk.ended).filter { sees(viewer, $0, roles) }
    }

    package func request(_ id: ApprovalID, for viewer: Person) async -> ApprovalRequest? {
        desk[id].flatMap { sees(viewer, $0, roles(of: viewer)) ? $0 : nil }
    }

    package func perform(
        _ deed: ApprovalDeed, on id: ApprovalID, revision: Int, by session: PersonSession
    ) async throws(ApprovalRefusal) {
        guard await request(id, for: session.person) != nil else { throw .noSuchRequest }
        let (reason, text): (DenialReason?, String) =
            switch deed {
            case .deny(let reason, let text): (reason, text)
            case .revoke(let text): (nil, text)
            }
        _ = try await desk.object(
            to: id,
            Objection(
                person: session.person, pseudonym: session.pseudonym, revision: revision,
                means: .session, reason: reason, text: text))
    }

    package func changes() -> AsyncStream<Void> { desk.changes() }
}
