package import InterlockApprovals
import InterlockModel

/// What becomes of open requests when somebody's credentials end.
extension ApprovalService {
    /// Drops votes by revoked credentials, and voters who have none left; a request whose quorum nobody can reach
    /// any more is void. Called after each change of who is enrolled; until it has run, no vote and no use can
    /// build on what it is about to drop, since each looks for itself.
    package func followPeople() async {
        for request in live {
            await gate.enter()
            _ = await dropRevoked(of: request.id)
            gate.leave()
        }
    }

    /// For whoever is inside the gate.
    ///
    /// - Returns: false when what has to end cannot be recorded: then nothing may build on the request.
    func dropRevoked(of id: ApprovalID) async -> Bool {
        guard let request = self[id], !request.state.isFinal else { return true }
        for event in revocations(in: request) { _ = await changeInside(id, event) }
        guard let after = self[id] else { return true }
        return after.state.isFinal || revocations(in: after).isEmpty
    }

    /// Whether a grant rests on a vote by a credential that was revoked after the vote.
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
