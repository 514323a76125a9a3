package import InterlockModel
package import InterlockPorts
import Synchronization

/// Signs people in by passkey and holds their sessions.
///
/// Sessions are in memory only: a restart signs everyone out. Each request checks the session's passkey and person
/// again, so a revocation ends the session at its next request without a notification.
package final class PersonSessionService: Sendable {
    struct State {
        var sessions = PersonSessionTable()
        var challenges: ChallengeRegistry
        var nonces: ProofNonces
        var pace = SignInRateLimiter()
    }

    let state: Mutex<State>
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

    /// - Parameter code: authenticates challenges and nonces under a key of this process only.
    package init(
        register: any PasskeyDirectory, verifier: any AssertionVerifier,
        keys: any PersonSessionKeyVerifier, hashing: any Hashing,
        clock: any Clock, entropy: any Entropy, code: @escaping ChallengeRegistry.Code,
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) {
        state = Mutex(State(challenges: ChallengeRegistry(code), nonces: ProofNonces(code)))
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
    /// - Throws: `tooOften`, `badKey`.
    package func challenge(
        for key: PersonSessionKey, from source: String?
    ) throws(PersonSignInRefusal) -> [UInt8] {
        let purpose = ChallengeRegistry.Purpose.signIn(key.digest(hashing))
        let random = entropy.bytes(ChallengeRegistry.randomBytes)
        let now = clock.now
        try state.withLock { state throws(PersonSignInRefusal) in
            if let wait = state.pace.admit(source, at: now.wall) { throw .tooOften(wait) }
        }
        // Curve arithmetic is slow and runs outside the lock.
        guard keys.isKey(key) else { throw .badKey }
        return state.withLock { $0.challenges.make(random, for: purpose, at: now.boot) }
    }

    /// - Parameter key: the key that the challenge was made for.
    /// - Returns: the session's token, 43 characters of base64url; the gateway keeps only its hash.
    package func signIn(
        _ assertion: PasskeyAssertion, challenge: [UInt8], for key: PersonSessionKey,
        from source: String?
    ) async throws(PersonSignInRefusal) -> String {
        let purpose = ChallengeRegistry.Purpose.signIn(key.digest(hashing))
        let now = clock.now
        try state.withLock { state throws(PersonSignInRefusal) in
            if let wait = state.pace.admit(source, at: now.wall) { throw .tooOften(wait) }
            guard state.challenges.isLive(challenge, for: purpose, at: now.boot),
                !state.challenges.isSpent(challenge)
            else { throw .staleChallenge }
        }
        let passkey = try await believed(assertion, challenge)
        guard !passkey.isExpired(at: now.wall), register.person(passkey.holder) != nil else {
            throw .ended
        }
        let token = Base64.encodeURL(entropy.bytes(Self.tokenBytes))
        let hash = Self.hash("session", token, hashing)
        state.withLock {
            $0.sessions.begin(hash, of: passkey.holder, by: passkey.id, key: key, at: now.wall)
        }
        return token
    }

    /// Returns nil if the token is unknown or expired, or if its passkey or person was revoked or the passkey has
    /// expired.
    ///
    /// - Parameter isUse: if false, the session's idle time is not reset.
    package func holder(
        of token: String, isUse: Bool = true
    ) -> (person: Person, pseudonym: Pseudonym, form: String, nonce: String)? {
        let hash = Self.hash("session", token, hashing)
        let now = clock.wall
        guard let entry = state.withLock({ $0.sessions.look(hash, at: now, isUse: isUse) }) else {
            return nil
        }
        guard let passkey = register.passkey(entry.credential), !passkey.isRevoked,
            !passkey.isExpired(at: now), passkey.holder == entry.person,
            let person = register.person(entry.person)
        else {
            state.withLock { $0.sessions.end(hash) }
            return nil
        }
        let nonce = state.withLock { $0.nonces.nonce(for: hash, at: clock.boot) }
        return (person, entry.person, Self.formToken(of: token, hashing), nonce)
    }

    /// Signs out. Has no effect on an unknown token.
    package func end(_ token: String) {
        let hash = Self.hash("session", token, hashing)
        state.withLock { $0.sessions.end(hash) }
    }

    /// Signs a person out everywhere.
    package func endAll(of person: Pseudonym) { state.withLock { $0.sessions.endAll(of: person) } }

    /// Forgets expired sessions and used proofs.
    package func sweep() {
        let now = clock.now
        state.withLock {
            $0.sessions.sweep(at: now.wall)
            $0.nonces.sweep(at: now.boot)
        }
    }

    package var count: Int { state.withLock { $0.sessions.count } }

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
                guard !state.withLock({ $0.challenges.isSpent(challenge) }) else {
                    throw .staleChallenge
                }
                alarm("passkey.counter_went_back", passkey.holder.text)
                await register.suspend(passkey.id)
            } else {
                watch.note(passkey.id, "\(passkey.holder.text): \(error)")
            }
            throw .refused(error)
        }
        // The challenge may have been spent while the assertion was verified.
        let spent = state.withLock {
            $0.challenges.spend(challenge, by: .passkey(passkey.id), at: clock.boot)
        }
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
    /// The signature is verified last, because that costs most.
    package func check(
        _ proof: SessionProof, of request: ProvenRequest, in token: String
    ) -> SessionProofFault? {
        let hash = Self.hash("session", token, hashing)
        let now = clock.now
        let found = state.withLock { state -> (key: PersonSessionKey, end: BootTime?)? in
            state.sessions.look(hash, at: now.wall, isUse: false).map {
                ($0.key, state.nonces.end(of: proof.nonce, for: hash, at: now.boot))
            }
        }
        guard let found else { return .noSession }
        guard let end = found.end else { return .staleNonce }
        guard verifies(proof, request, by: found.key) else { return .badSignature }
        let use = state.withLock {
            $0.nonces.use(proof.identifier, of: hash, until: end, at: now.boot)
        }
        return switch use {
        case .first: nil
        case .usedBefore: .usedBefore
        case .tooMany: .tooMany
        }
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
        guard let holder = holder(of: token, isUse: isUse) else { return nil }
        return PersonSession(
            person: holder.person, pseudonym: holder.pseudonym, formToken: holder.form,
            nonce: holder.nonce)
    }

    package func made(_ formToken: String, for session: PersonSession) -> Bool {
        equalInConstantTime(Array(formToken.utf8), Array(session.formToken.utf8))
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
    /// The passkey's counter could not be stored; no session was created.
    case unavailable
}
