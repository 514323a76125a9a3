import InterlockApprovals
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Verifies new passkeys from holders of an invitation; `PeopleService` stores the accepted ones.
package final class EnrolmentService: Sendable {
    private let pace = Mutex(SignInRateLimiter())
    private let challenges: any PasskeyChallenges
    private let people: PeopleService
    private let verifier: any RegistrationVerifier
    /// Refusals, by the hash of the invitation's token.
    private let watch: RefusalRecorder<Digest>

    package init(
        people: PeopleService, verifier: any RegistrationVerifier,
        challenges: any PasskeyChallenges,
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) {
        self.challenges = challenges
        self.people = people
        self.verifier = verifier
        watch = RefusalRecorder("people.passkey_refused", clock: people.ports.clock, alarm: alarm)
    }

    private func admit(_ source: String?, at now: Timestamp) throws(EnrolmentRefusal) {
        if let wait = pace.withLock({ $0.admit(source, at: now) }) { throw .tooOften(wait) }
    }

    private func invitation(
        _ token: String, at now: Timestamp
    ) throws(EnrolmentRefusal) -> Invitation {
        do throws(PeopleRefusal) {
            return try people.book.invitation(people.hash(token), at: now)
        } catch { throw .noInvitation }
    }
}

extension EnrolmentService: EnrolmentActions {
    package func invited(_ token: String) -> InvitedPerson? {
        guard let invitation = try? invitation(token, at: people.ports.clock.wall) else {
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
    ) async throws(EnrolmentRefusal) -> [UInt8] {
        let now = people.ports.clock.now
        try admit(source, at: now.wall)
        _ = try invitation(token, at: now.wall)
        let random = people.ports.entropy.bytes(ChallengeRegistry.randomBytes)
        do throws(StoreFailure) {
            return try await challenges.make(
                random, for: .enrolment(people.hash(token)), at: now.boot)
        } catch { throw .unavailable }
    }

    package func enrol(
        _ token: String, _ offer: RegistrationResponse, challenge: [UInt8], from source: String?
    ) async throws(EnrolmentRefusal) -> Enrolled {
        let now = people.ports.clock.now
        try admit(source, at: now.wall)
        let invitation = try invitation(token, at: now.wall)
        let hash = people.hash(token)
        let isLive: Bool
        do throws(StoreFailure) {
            isLive = try await challenges.isLive(challenge, for: .enrolment(hash), at: now.boot)
        } catch { throw .unavailable }
        guard isLive else { throw .staleChallenge }
        let made: RegisteredPasskey
        do throws(RegistrationFault) {
            made = try verifier.verify(offer, challenge: challenge)
        } catch {
            watch.note(hash, invitation.pseudonym.text)
            throw .notBelieved
        }
        let spent: ChallengeSpending
        do throws(StoreFailure) {
            spent = try await challenges.spend(
                challenge, by: .invitation(hash), at: people.ports.clock.boot)
        } catch { throw .unavailable }
        switch spent {
        case .done: break
        case .usedBefore: throw .staleChallenge
        case .tooOften(let wait): throw .tooOften(wait)
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
            // The enrolment is recorded, so the next start restores it from the log.
            case .notKept: return .counts
            default: throw .unavailable
            }
        }
    }
}
