import InterlockApprovals
package import InterlockModel
import Synchronization

/// Takes new passkeys from whoever holds an invitation. What is believed of them the people's desk keeps.
package final class EnrolmentDesk: Sendable {
    private struct State {
        var challenges = ChallengeBook()
        var pace = SignInPace()
    }

    private let state = Mutex(State())
    private let people: PeopleDesk
    private let verifier: any RegistrationVerifier
    private let alarm: @Sendable (_ code: String, _ subject: String) -> Void

    package init(
        people: PeopleDesk, verifier: any RegistrationVerifier,
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) {
        self.people = people
        self.verifier = verifier
        self.alarm = alarm
    }

    private func admit(_ source: String?, at now: Timestamp) throws(EnrolmentDenial) {
        if let wait = state.withLock({ $0.pace.admit(source, at: now) }) { throw .tooOften(wait) }
    }

    private func invitation(
        _ token: String, at now: Timestamp
    ) throws(EnrolmentDenial) -> Invitation {
        do throws(PeopleRefusal) {
            return try people.book.invitation(people.hash(token), at: now)
        } catch {
            throw .noInvitation
        }
    }
}

extension EnrolmentDesk: EnrolmentDoor {
    package func invited(_ token: String) -> InvitedPerson? {
        guard let invitation = try? invitation(token, at: people.ports.clock.now.wall) else {
            return nil
        }
        let book = people.book
        let known = book.passkeys.values.filter {
            $0.holder == invitation.pseudonym && !$0.isRevoked
        }
        return InvitedPerson(
            person: invitation.person, pseudonym: invitation.pseudonym,
            roles: Role.allCases.filter(book.roles(after: invitation).contains),
            known: known.map(\.id))
    }

    package func challenge(
        _ token: String, from source: String?
    ) throws(EnrolmentDenial) -> [UInt8] {
        let now = people.ports.clock.now.wall
        try admit(source, at: now)
        _ = try invitation(token, at: now)
        let challenge = people.ports.entropy.bytes(ChallengeBook.bytes)
        state.withLock {
            $0.challenges.issue(
                challenge, for: .enrolment(people.hash(token)), from: source, at: now)
        }
        return challenge
    }

    package func enrol(
        _ token: String, _ offer: PasskeyOffer, challenge: [UInt8], from source: String?
    ) async throws(EnrolmentDenial) -> Enrolled {
        let now = people.ports.clock.now.wall
        try admit(source, at: now)
        let invitation = try invitation(token, at: now)
        let isLive = state.withLock {
            $0.challenges.take(challenge, for: .enrolment(people.hash(token)), at: now)
        }
        guard isLive else { throw .staleChallenge }
        let made: MadePasskey
        do throws(RegistrationFault) {
            made = try verifier.verify(offer, challenge: challenge)
        } catch {
            alarm("people.passkey_refused", invitation.pseudonym.text)
            throw .notBelieved
        }
        do throws(PeopleRefusal) {
            let enrolment = try await people.enrol(
                token: token,
                .passkey(
                    made.id, made.algorithm, publicKey: made.publicKey,
                    relyingParty: made.relyingParty, counter: made.counter))
            switch enrolment {
            case .founding: return .counts
            case .waits(let pending): return .waits(pending.id)
            }
        } catch {
            switch error {
            case .noSuchInvitation: throw .noInvitation
            case .knownCredential: throw .known
            // Recorded: the next start finds it in the log.
            case .notKept: return .counts
            default: throw .unavailable
            }
        }
    }
}
