package import InterlockApprovals
import InterlockModel

/// The effect of revoked credentials on open requests.
extension ApprovalService {
    /// Drops votes by revoked credentials, and voters without a valid credential; a request whose quorum cannot be
    /// reached any more becomes void. Called after each change of the enrolled people. No vote and no use can build on
    /// a vote that this has yet to drop, because each checks for itself.
    package func followPeople() async {
        for request in live {
            await gate.enter()
            _ = await dropRevoked(of: request.id)
            gate.leave()
        }
    }

    /// Does the same for one request and a caller that is inside the gate.
    ///
    /// - Returns: false if a necessary change cannot be recorded; nothing may then build on the request.
    func dropRevoked(of id: ApprovalID) async -> Bool {
        guard let request = self[id], !request.state.isFinal else { return true }
        for event in revocations(in: request) { _ = await changeInside(id, event) }
        guard let after = self[id] else { return true }
        return after.state.isFinal || revocations(in: after).isEmpty
    }

    /// Returns true if the grant rests on a vote by a credential that was revoked after the vote.
    package func hasLapsedVote(_ grant: ApprovalRequest) -> Bool {
        guard let book = ports.people.book else { return false }
        return (self[grant.id] ?? grant).votes.contains { !book.stands($0.credential) }
    }

    private func revocations(in request: ApprovalRequest) -> [ApprovalEvent] {
        guard let book = ports.people.book else { return [] }
        let lapsed = Set(request.votes.map(\.credential)).filter { !book.stands($0) }
        let gone = (request.voters + request.escalated).map(\.pseudonym)
            .filter { book.person($0) == nil }
        return lapsed.map { .lapse($0) } + gone.map { .leave($0) }
    }
}
