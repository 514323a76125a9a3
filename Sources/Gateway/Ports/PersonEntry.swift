package import InterlockModel

// The ports of what lets people in and is used up: nonces, challenges, sessions, proofs. One node keeps it in memory, and a restart
// forgets all but the sessions, so people ask again. Where several nodes share it, page and signature may meet different nodes.
//
// Each port fails closed: if it throws, what it was asked for is not known, and its caller refuses.

/// The nonces that were issued for votes and not yet spent.
package protocol VoteNonces: Sendable {
    /// - Parameter approver: a voter of the request. A person who requests too many loses only own ones.
    func issue(
        _ nonce: String, for request: ApprovalID, to approver: Pseudonym, now: Timestamp
    ) async throws(StoreFailure)

    /// Returns true if this person was issued the nonce for this request and has not spent it.
    func has(
        _ nonce: String, for request: ApprovalID, of approver: Pseudonym
    ) async throws(StoreFailure) -> Bool

    /// Spends a nonce. Of two that spend it at once, one is given its expiry.
    ///
    /// - Returns: its expiry, or nil if it has expired or was not issued to this person for this request.
    func take(
        _ nonce: String, for request: ApprovalID, by approver: Pseudonym, now: Timestamp
    ) async throws(StoreFailure) -> Timestamp?
}

/// The challenges that passkeys sign: each is valid once, for one purpose, for five minutes. `now` is the clock of this
/// node; a shared implementation uses its own.
package protocol PasskeyChallenges: Sendable {
    /// - Parameter random: fresh, unpredictable bytes.
    func make(
        _ random: [UInt8], for purpose: ChallengePurpose, at now: BootTime
    ) async throws(StoreFailure) -> [UInt8]

    /// Returns whether the challenge was made for that purpose and has not expired. It may have been used.
    func isLive(
        _ challenge: [UInt8], for purpose: ChallengePurpose, at now: BootTime
    ) async throws(StoreFailure) -> Bool

    /// Returns whether a passkey has already answered the challenge.
    func isSpent(_ challenge: [UInt8]) async throws(StoreFailure) -> Bool

    /// Uses up a live challenge that a passkey has answered. Of two that spend it at once, one is `done`.
    func spend(
        _ challenge: [UInt8], by holder: ChallengeHolder, at now: BootTime
    ) async throws(StoreFailure) -> ChallengeSpending
}

package enum ChallengePurpose: Hashable, Sendable {
    /// Sign-in with the session key of this digest; no session with another key can begin under the challenge.
    case signIn(Digest)
    /// Enrolment of a new passkey by the holder of this invitation.
    case enrolment(Digest)
}

/// The author of an answer. Each holder may spend a limited number of challenges, independently of the others.
package enum ChallengeHolder: Hashable, Sendable {
    case passkey(PasskeyID)
    case invitation(Digest)
}

package enum ChallengeSpending: Hashable, Sendable {
    case done
    case usedBefore
    /// The limit of the holder is reached; the duration is the wait until one more is possible.
    case tooOften(Duration)
}

/// The sessions of people, by the hash of their token.
package protocol PersonSessionEntries: Sendable {
    /// Begins a session. If the person has too many, it replaces the one that was unused longest.
    func begin(_ token: Digest, _ entry: PersonSessionEntry) async throws(StoreFailure)

    /// Returns the session, or nil if it is unknown or expired.
    ///
    /// - Parameter isUse: if true, resets the idle time.
    func find(
        _ token: Digest, at now: Timestamp, isUse: Bool
    ) async throws(StoreFailure) -> PersonSessionEntry?

    /// The sessions of one person that have not expired, by the hash of their token.
    func sessions(
        of person: Pseudonym, at now: Timestamp
    ) async throws(StoreFailure) -> [Digest: PersonSessionEntry]

    /// Ends a session. Has no effect on an unknown token.
    func end(_ token: Digest) async throws(StoreFailure)

    /// Forgets expired sessions, which `find` does not return anyway. Called once a second.
    func sweep(at now: Timestamp) async throws(StoreFailure)
}

package struct PersonSessionEntry: Hashable, Sendable {
    package let person: Pseudonym
    /// The passkey used to sign in; its revocation ends the session.
    package let credential: PasskeyID
    /// The public key that verifies the session's requests.
    package let key: PersonSessionKey
    package let began: Timestamp
    /// The time of the last use.
    package var seen: Timestamp

    package init(
        person: Pseudonym, credential: PasskeyID, key: PersonSessionKey, began: Timestamp
    ) {
        self.person = person
        self.credential = credential
        self.key = key
        self.began = began
        seen = began
    }
}

/// The nonces of sessions and the proofs used with them. `now` is the clock of this node; a shared implementation uses
/// its own.
package protocol SessionProofs: Sendable {
    /// - Parameter session: the hash of the session's token.
    func nonce(for session: Digest, at now: BootTime) async throws(StoreFailure) -> String

    /// The expiry of the nonce, or nil if it has expired, is malformed, or was not issued for this session.
    func end(
        of nonce: String, for session: Digest, at now: BootTime
    ) async throws(StoreFailure) -> BootTime?

    /// Uses up a verified proof. Of two that use it at once, one is `first`.
    ///
    /// - Parameter end: the expiry of its nonce, after which the nonce itself rules out a replay.
    func use(
        _ identifier: String, of session: Digest, until end: BootTime, at now: BootTime
    ) async throws(StoreFailure) -> ProofUse

    /// Forgets proofs whose nonces have expired. Called once a second.
    func sweep(at now: BootTime) async throws(StoreFailure)
}

package enum ProofUse: Hashable, Sendable { case first, usedBefore, tooMany }
