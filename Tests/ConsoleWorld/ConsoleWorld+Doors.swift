package import InterlockAPI
package import InterlockAdministration
package import InterlockApprovals
import InterlockConsole
package import InterlockModel
package import InterlockPorts

/// Entry actions that accept fixed values only; the real ones are tested with their services.
extension ConsoleWorld: SignInActions, EnrolmentActions, PasskeyVoting {
    /// The token of the invitation that the enrolment page accepts.
    package static let invitation = "an-invitation-of-tests00"

    package var entry: ConsoleEntry {
        ConsoleEntry(relyingParty: "localhost", signIn: self, enrolment: self, voting: self)
    }

    package func challenge(
        for key: PersonSessionKey, from source: String?
    ) throws(PersonSignInRefusal) -> [UInt8] {
        guard key == WorldKey.point else { throw .badKey }
        return [UInt8](repeating: 5, count: 32)
    }

    package func signIn(
        _ assertion: PasskeyAssertion, challenge: [UInt8], for key: PersonSessionKey,
        from source: String?
    ) async throws(PersonSignInRefusal) -> String {
        guard challenge == [UInt8](repeating: 5, count: 32) else { throw .staleChallenge }
        guard assertion.signature == [1] else { throw .refused(.badSignature) }
        return signIn(0, key: key)
    }

    package func end(_ token: String) { signOut(token) }

    package func invited(_ token: String) -> InvitedPerson? {
        guard token == Self.invitation else { return nil }
        let voter = office.voter(0)
        return InvitedPerson(
            person: voter.person, pseudonym: voter.pseudonym, roles: [.kill], known: [])
    }

    package func challenge(_ token: String, from source: String?) throws(EnrolmentRefusal)
        -> [UInt8]
    {
        [UInt8](repeating: 6, count: 32)
    }

    package func enrol(
        _ token: String, _ offer: RegistrationResponse, challenge: [UInt8], from source: String?
    ) async throws(EnrolmentRefusal) -> Enrolled { throw .notBelieved }

    package func opened(_ request: ApprovalRequest, by session: PersonSession) async {}

    package func viewed(
        _ parts: Set<ReviewPart>, of id: ApprovalID, revision: Int, by session: PersonSession
    ) async throws(VotingRefusal) {}

    package func challenge(
        _ id: ApprovalID, revision: Int, typed: String, by session: PersonSession
    ) async throws(VotingRefusal) -> VoteChallenge { throw .notFullyViewed }

    package func confirmation(
        of request: ApprovalRequest, for session: PersonSession
    ) -> Confirmation? { Confirmation(of: request) }

    package func vote(
        _ statement: [UInt8], _ assertion: PasskeyAssertion, on id: ApprovalID,
        by session: PersonSession
    ) async throws(VotingRefusal) { throw .notFullyViewed }
}
