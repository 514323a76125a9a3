package import InterlockModel
package import InterlockPorts
import Synchronization

/// Signs people in by passkey and holds their sessions.
///
/// Sessions outlive a restart of the gateway (`StoredPersonSessions`). Each request checks the session's passkey and person
/// again, so a revocation ends the session at its next request without a notification.
package final class PersonSessionService: Sendable {
    private let pace = Mutex(SignInRateLimiter())
    private let ports: PersonEntryPorts
    private let register: any PasskeyDirectory
    private let verifier: any AssertionVerifier
    let keys: any PersonSessionKeyVerifier
    let hashing: any Hashing
    let clock: any Clock
    private let entropy: any Entropy
    private let alarm: @Sendable (_ code: String, _ subject: String) -> Void
    /// Refusals by passkey; the key is nil for unknown passkeys.
    private let watch: RefusalRecorder<PasskeyID?>

    package static let tokenBytes = 32

    package init(
        _ ports: PersonEntryPorts, register: any PasskeyDirectory, verifier: any AssertionVerifier,
        keys: any PersonSessionKeyVerifier, hashing: any Hashing,
        clock: any Clock, entropy: any Entropy,
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) {
        self.ports = ports
        self.register = register
        self.verifier = verifier
        self.keys = keys
        self.hashing = hashing
        self.clock = clock
        self.entropy = entropy
        self.alarm = alarm
        watch = RefusalRecorder("people.sign_in_refused", clock: clock, alarm: alarm)
    }

    /// Returns the challenge for a passkey. It reveals nothing about who is enrolled, since no person is named yet.
    ///
    /// The assertion covers the challenge and the challenge covers the key, so another key cannot take its place.
    ///
    /// - Parameters:
    ///   - key: the key of the session that is to begin.
    ///   - source: the client's address, or nil for the gateway's own machine.
    /// - Throws: `tooOften`, `badKey`, `unavailable`.
    package func challenge(
        for key: PersonSessionKey, from source: String?
    ) async throws(PersonSignInRefusal) -> [UInt8] {
        let purpose = ChallengeRegistry.Purpose.signIn(key.digest(hashing))
        let random = entropy.bytes(ChallengeRegistry.randomBytes)
        let now = clock.now
        try admit(source, at: now.wall)
        guard keys.isKey(key) else { throw .badKey }
        do throws(StoreFailure) {
            return try await ports.challenges.make(random, for: purpose, at: now.boot)
        } catch { throw .unavailable }
    }

    private func admit(_ source: String?, at now: Timestamp) throws(PersonSignInRefusal) {
        if let wait = pace.withLock({ $0.admit(source, at: now) }) { throw .tooOften(wait) }
    }

    /// - Parameter key: the key that the challenge was made for.
    /// - Returns: the session's token, 43 characters of base64url; the gateway keeps only its hash.
    package func signIn(
        _ assertion: PasskeyAssertion, challenge: [UInt8], for key: PersonSessionKey,
        from source: String?
    ) async throws(PersonSignInRefusal) -> String {
        let purpose = ChallengeRegistry.Purpose.signIn(key.digest(hashing))
        let now = clock.now
        try admit(source, at: now.wall)
        let isOpen: Bool
        do throws(StoreFailure) {
            let isLive = try await ports.challenges.isLive(challenge, for: purpose, at: now.boot)
            let isSpent = try await ports.challenges.isSpent(challenge)
            isOpen = isLive && !isSpent
        } catch { throw .unavailable }
        guard isOpen else { throw .staleChallenge }
        let passkey = try await believed(assertion, challenge)
        guard !passkey.isExpired(at: now.wall), register.person(passkey.holder) != nil else {
            throw .ended
        }
        let token = Base64.encodeURL(entropy.bytes(Self.tokenBytes))
        let hash = Self.hash("session", token, hashing)
        do throws(StoreFailure) {
            try await ports.sessions.begin(
                hash,
                PersonSessionEntry(
                    person: passkey.holder, credential: passkey.id, key: key, began: now.wall))
        } catch { throw .unavailable }
        return token
    }

    /// Returns nil if the token is unknown or expired, if its passkey or person was revoked or the passkey has expired,
    /// or if that cannot be found out.
    ///
    /// - Parameter isUse: if false, the session's idle time is not reset.
    package func holder(
        of token: String, isUse: Bool = true
    ) async -> (person: Person, pseudonym: Pseudonym, form: String, nonce: String)? {
        let hash = Self.hash("session", token, hashing)
        let now = clock.wall
        guard let entry = try? await ports.sessions.find(hash, at: now, isUse: isUse) else {
            return nil
        }
        guard let passkey = register.passkey(entry.credential), !passkey.isRevoked,
            !passkey.isExpired(at: now), passkey.holder == entry.person,
            let person = register.person(entry.person)
        else {
            // If this fails, the next request finds the same.
            try? await ports.sessions.end(hash)
            return nil
        }
        guard let nonce = try? await ports.proofs.nonce(for: hash, at: clock.boot) else {
            return nil
        }
        return (person, entry.person, Self.formToken(of: token, hashing), nonce)
    }

    /// Signs out. Has no effect on an unknown token.
    ///
    /// - Throws: if the session may not have ended.
    package func end(_ token: String) async throws(StoreFailure) {
        try await ports.sessions.end(Self.hash("session", token, hashing))
    }

    /// Forgets expired sessions and used proofs.
    package func sweep() async {
        let now = clock.now
        try? await ports.sessions.sweep(at: now.wall)
        try? await ports.proofs.sweep(at: now.boot)
    }

    /// The token that each form of a session's pages returns; derived one-way from the session's token.
    package static func formToken(of token: String, _ hashing: any Hashing) -> String {
        Base64.encodeURL(hash("form", token, hashing).bytes)
    }

    static func hash(_ use: String, _ token: String, _ hashing: any Hashing) -> Digest {
        hashing.sha256(Array("interlock/\(use)/1\0\(token)".utf8).span)
    }

    /// Verifies an assertion and returns its passkey; on return, the counter is durable and the challenge used up.
    private func believed(
        _ assertion: PasskeyAssertion, _ challenge: [UInt8]
    ) async throws(PersonSignInRefusal) -> EnrolledPasskey {
        guard let passkey = register.passkey(assertion.credential) else {
            watch.note(nil, "an unknown passkey")
            throw .refused(.wrongCredential)
        }
        let finding: AssertionFinding
        do throws(AssertionRefusal) {
            finding = try verifier.verify(assertion, challenge: challenge, by: passkey)
        } catch {
            if error == .counterWentBack {
                // The same response sent twice is not a cloned passkey: the first copy was counted while this one was
                // verified.
                guard let isSpent = try? await ports.challenges.isSpent(challenge) else {
                    throw .unavailable
                }
                guard !isSpent else { throw .staleChallenge }
                alarm("passkey.counter_went_back", passkey.holder.text)
                await register.suspend(passkey.id)
            } else {
                watch.note(passkey.id, "\(passkey.holder.text): \(error)")
            }
            throw .refused(error)
        }
        // The challenge may have been spent while the assertion was verified.
        let spent: ChallengeSpending
        do throws(StoreFailure) {
            spent = try await ports.challenges.spend(
                challenge, by: .passkey(passkey.id), at: clock.boot)
        } catch { throw .unavailable }
        switch spent {
        case .done: break
        case .usedBefore: throw .staleChallenge
        case .tooOften(let wait): throw .tooOften(wait)
        }
        let isNewest: Bool
        do throws(StoreFailure) {
            isNewest = try await register.count(passkey.id, finding.counter)
        } catch { throw .unavailable }
        guard isNewest else { throw .refused(.counterWentBack) }
        return passkey
    }
}

extension PersonSessionService {
    /// A refused proof uses nothing up, so the cookie alone does not suffice to fill the session's memory of proofs.
    /// The signature is verified last, because that costs most. What cannot be found out counts as a session that has
    /// ended.
    package func check(
        _ proof: SessionProof, of request: ProvenRequest, in token: String
    ) async -> SessionProofFault? {
        let hash = Self.hash("session", token, hashing)
        let now = clock.now
        do throws(StoreFailure) {
            guard let entry = try await ports.sessions.find(hash, at: now.wall, isUse: false) else {
                return .noSession
            }
            guard
                let end = try await ports.proofs.end(of: proof.nonce, for: hash, at: now.boot)
            else { return .staleNonce }
            guard verifies(proof, request, by: entry.key) else { return .badSignature }
            let use = try await ports.proofs.use(
                proof.identifier, of: hash, until: end, at: now.boot)
            return switch use {
            case .first: nil
            case .usedBefore: .usedBefore
            case .tooMany: .tooMany
            }
        } catch { return .noSession }
    }

    private func verifies(
        _ proof: SessionProof, _ request: ProvenRequest, by key: PersonSessionKey
    ) -> Bool {
        let message = request.message(nonce: proof.nonce, identifier: proof.identifier)
        return keys.verifies(proof.signature, of: message, by: key)
    }
}

extension PersonSessionService: PersonSessions {
    package func session(of token: String, isUse: Bool) async -> PersonSession? {
        guard let holder = await holder(of: token, isUse: isUse) else { return nil }
        return PersonSession(
            person: holder.person, pseudonym: holder.pseudonym, formToken: holder.form,
            nonce: holder.nonce, id: Self.hash("session", token, hashing))
    }

    package func liveSessions(of person: Pseudonym) async -> [LiveSession]? {
        guard let found = try? await ports.sessions.sessions(of: person, at: clock.wall) else {
            return nil
        }
        return found.map { id, entry in
            LiveSession(
                id: id, credential: entry.credential, began: entry.began, seen: entry.seen,
                ends: PersonSessionTable.end(of: entry))
        }.sorted { ($1.seen, $0.id.hex) < ($0.seen, $1.id.hex) }
    }

    package func endOthers(than session: PersonSession) async throws(StoreFailure) -> Int {
        guard let own = session.id else {
            throw StoreFailure(reason: "it is not known which session is to stay")
        }
        let others = try await ports.sessions.sessions(of: session.pseudonym, at: clock.wall).keys
            .filter { $0 != own }
        for other in others { try await ports.sessions.end(other) }
        return others.count
    }

    package func made(_ formToken: String, for session: PersonSession) -> Bool {
        equalInConstantTime(Array(formToken.utf8), Array(session.formToken.utf8))
    }
}

/// The ports that hold people's sessions.
package struct PersonEntryPorts: Sendable {
    package let sessions: any PersonSessionEntries
    package let challenges: any PasskeyChallenges
    package let proofs: any SessionProofs

    package init(
        sessions: any PersonSessionEntries, challenges: any PasskeyChallenges,
        proofs: any SessionProofs
    ) {
        self.sessions = sessions
        self.challenges = challenges
        self.proofs = proofs
    }

    /// The ports of one node: challenges and nonces are in memory.
    ///
    /// - Parameter code: authenticates challenges and nonces under a key of this process only.
    package init(sessions: any PersonSessionEntries, code: @escaping ChallengeRegistry.Code) {
        self.init(
            sessions: sessions,
            challenges: OneNodeRegistry(ChallengeRegistry(code)),
            proofs: OneNodeRegistry(ProofNonces(code)))
    }
}

/// The reason a sign-in was refused. Pages show the same text for every case except `tooOften`, `badKey` and
/// `unavailable`, so that they do not reveal who is enrolled.
package enum PersonSignInRefusal: Error, Hashable, Sendable {
    /// Too many attempts; the duration is the wait until the next one.
    case tooOften(Duration)
    /// The challenge is unknown, used, for another key, or older than five minutes.
    case staleChallenge
    /// The session's key is not a point of its curve.
    case badKey
    case refused(AssertionRefusal)
    /// The passkey has expired, or its person was revoked.
    case ended
    /// The challenge, the passkey's counter or the session could not be read or stored; no session was created.
    case unavailable
}
