import InterlockCredentials
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

@Suite struct SignInTests {
    /// One passkey of `ines`; its assertions carry their counter and are accepted.
    private final class Door: PasskeyDirectory, AssertionVerifier {
        struct State {
            var isRevoked = false
            var isGone = false
            var isBroken = false
            var counter: UInt32 = 0
            var refusal: AssertionRefusal?
            var suspended: [PasskeyID] = []
        }
        let state = Mutex(State())
        let id = PasskeyID(bytes: [UInt8](repeating: 3, count: 32))

        func passkey(_ id: PasskeyID) -> EnrolledPasskey? {
            guard id == self.id else { return nil }
            return state.withLock { state in
                EnrolledPasskey(
                    id: id, holder: People.all["ines"].pseudonym, algorithm: .es256,
                    publicKey: [1], relyingParty: "interlock.example", counter: state.counter,
                    added: Timestamp(microseconds: 0), founding: true,
                    revoked: state.isRevoked ? Timestamp(microseconds: 1) : nil)
            }
        }

        func person(_ pseudonym: Pseudonym) -> Person? {
            state.withLock { $0.isGone } ? nil : People.all["ines"].person
        }

        func count(_ id: PasskeyID, _ counter: UInt32) async throws(StoreFailure) -> Bool {
            let (isBroken, isNewest) = state.withLock { state -> (Bool, Bool) in
                defer { state.counter = max(state.counter, counter) }
                return (state.isBroken, counter > state.counter)
            }
            if isBroken { throw StoreFailure(reason: "disk") }
            return isNewest
        }

        func suspend(_ id: PasskeyID) async { state.withLock { $0.suspended.append(id) } }

        func verify(
            _ assertion: PasskeyAssertion, challenge: [UInt8], by passkey: EnrolledPasskey
        ) throws(AssertionRefusal) -> AssertionFinding {
            if let refusal = state.withLock({ $0.refusal }) { throw refusal }
            guard !passkey.isRevoked else { throw .wrongCredential }
            return AssertionFinding(counter: UInt32(assertion.signature[0]), isSynced: false)
        }
    }

    private let clock = FakeClock()
    private let actions = Door()
    private let told = Told()
    private let table: OneNodeRegistry<PersonSessionTable>
    private let sessions: Breakable<OneNodeRegistry<PersonSessionTable>>
    private let challenges = Breakable(OneNodeRegistry(ChallengeRegistry(Self.code)))
    private let proofs = Breakable(OneNodeRegistry(ProofNonces(Self.code)))
    private let service: PersonSessionService
    private static let code: ChallengeRegistry.Code = { hmacSHA256(key: [1, 2, 3], $0) }
    private let key = AnyKey.key(1)

    init() {
        let told = told
        table = OneNodeRegistry(PersonSessionTable())
        sessions = Breakable(table)
        service = PersonSessionService(
            PersonEntryPorts(
                sessions: sessions, challenges: challenges, proofs: proofs),
            register: actions, verifier: actions, keys: AnyKey(), hashing: OpenSSLHashing(),
            clock: clock,
            entropy: SeededEntropy(seed: 3),
            alarm: { code, _ in told.alarm(code) })
    }

    private var sessionCount: Int { table.change { $0.count } }

    private func assertion(_ counter: UInt8, id: PasskeyID? = nil) throws -> PasskeyAssertion {
        try PasskeyAssertion(
            credential: try #require(id ?? actions.id), authenticatorData: [1], clientDataJSON: [2],
            signature: [counter])
    }

    private func signIn(_ counter: UInt8 = 1, from source: String? = "192.0.2.1") async throws
        -> String
    {
        try await service.signIn(
            assertion(counter), challenge: try await service.challenge(for: key, from: source),
            for: key,
            from: source)
    }

    private func denial(_ body: () async throws -> Void) async -> PersonSignInRefusal? {
        await thrown(body)
    }

    @Test func `who signs in is known by the token, and by nothing else`() async throws {
        let token = try await signIn()
        #expect(token.utf8.count == 43)
        let holder = try #require(await service.holder(of: token))
        #expect(holder.person == People.all["ines"].person)
        #expect(holder.form != token && holder.form.utf8.count == 43)
        #expect(await service.holder(of: holder.form) == nil)
        #expect(await service.holder(of: "") == nil)
        #expect(await service.holder(of: token + "A") == nil)
        let other = try await signIn(2)
        #expect(await service.holder(of: other)?.form != holder.form)
        let session = try #require(await service.session(of: token, isUse: true))
        #expect(session.pseudonym == People.all["ines"].pseudonym)
        #expect(service.made(holder.form, for: session))
        for wrong in ["", token, String(holder.form.dropLast()), holder.form + "A"] {
            #expect(!service.made(wrong, for: session))
        }
        try await service.end(token)
        #expect(await service.session(of: token, isUse: true) == nil)
        #expect(await service.holder(of: token) == nil)
        #expect(await service.holder(of: other) != nil)
    }

    @Test func `a session ends half an hour after its last request, and after twelve in any case`()
        async throws
    {
        let token = try await signIn()
        clock.advance(PersonSessionTable.idle - .seconds(1))
        #expect(await service.holder(of: token) != nil)
        clock.advance(PersonSessionTable.idle)
        #expect(await service.holder(of: token) == nil)
        let busy = try await signIn(2)
        for _ in 0..<48 {
            clock.advance(.seconds(899))
            #expect(await service.holder(of: busy) != nil)
        }
        clock.advance(.seconds(48))
        #expect(await service.holder(of: busy) == nil)
        _ = try await signIn(3)
        clock.advance(.seconds(3600))
        await service.sweep()
        #expect(sessionCount == 0)
    }

    @Test func `the other sessions of a person end, and the own one stays`() async throws {
        let (first, second) = (try await signIn(1), try await signIn(2))
        let own = try #require(await service.session(of: second, isUse: false))
        let live = try #require(await service.liveSessions(of: own.pseudonym))
        #expect(live.count == 2 && live.count { $0.id == own.id } == 1)
        #expect(live.allSatisfy { $0.credential == actions.id })
        #expect(try await service.endOthers(than: own) == 1)
        #expect(await service.session(of: first, isUse: false) == nil)
        #expect(await service.session(of: second, isUse: false)?.id == own.id)
        let unknown = PersonSession(
            person: own.person, pseudonym: own.pseudonym, formToken: own.formToken)
        await #expect(throws: StoreFailure.self) { try await service.endOthers(than: unknown) }
        #expect(sessionCount == 1, "without knowing the own one, none ends")
    }

    @Test func `what a page does by itself keeps no session`() async throws {
        let token = try await signIn()
        for _ in 0..<10 {
            clock.advance(PersonSessionTable.idle / 10 - .seconds(1))
            #expect(await service.session(of: token, isUse: false) != nil)
        }
        clock.advance(.seconds(10))
        #expect(await service.session(of: token, isUse: false) == nil)
    }

    @Test func `a session ends with its passkey and with its person`() async throws {
        let token = try await signIn()
        actions.state.withLock { $0.isRevoked = true }
        #expect(await service.holder(of: token) == nil)
        actions.state.withLock { $0.isRevoked = false }
        #expect(await service.holder(of: token) == nil, "it does not come back")
        let second = try await signIn(2)
        actions.state.withLock { $0.isGone = true }
        #expect(await service.holder(of: second) == nil)
        #expect(await denial { _ = try await signIn(3) } == .ended)
    }

    @Test func `a challenge is good once, for five minutes`() async throws {
        let challenge = try await service.challenge(for: key, from: nil)
        _ = try await service.signIn(assertion(1), challenge: challenge, for: key, from: nil)
        func use(_ challenge: [UInt8]) async -> PersonSignInRefusal? {
            await denial {
                _ = try await service.signIn(
                    assertion(9), challenge: challenge, for: key, from: nil)
            }
        }
        #expect(await use(challenge) == .staleChallenge)
        #expect(await use([UInt8](repeating: 0, count: 32)) == .staleChallenge)
        let late = try await service.challenge(for: key, from: nil)
        clock.advance(ChallengeRegistry.life)
        #expect(await use(late) == .staleChallenge)
        let failed = try await service.challenge(for: key, from: nil)
        actions.state.withLock { $0.refusal = .badSignature }
        #expect(await use(failed) == .refused(.badSignature))
        actions.state.withLock { $0.refusal = nil }
        #expect(await use(failed) == nil, "only who answers it by a passkey uses it up")
        #expect(await use(failed) == .staleChallenge)
        let strange = try #require(PasskeyID(bytes: [7]))
        let fresh = try await service.challenge(for: key, from: nil)
        #expect(
            await denial {
                _ = try await service.signIn(
                    assertion(9, id: strange), challenge: fresh, for: key, from: nil)
            } == .refused(.wrongCredential))
    }

    @Test func `a counter that went back suspends the passkey, and somebody is told`() async throws
    {
        actions.state.withLock { $0.refusal = .counterWentBack }
        #expect(await denial { _ = try await signIn() } == .refused(.counterWentBack))
        #expect(actions.state.withLock { $0.suspended } == [try #require(actions.id)])
        #expect(told.alarmed == ["passkey.counter_went_back"])
    }

    @Test func `nobody is signed in whose counter cannot be kept, or was overtaken`() async throws {
        actions.state.withLock { $0.isBroken = true }
        #expect(await denial { _ = try await signIn(1) } == .unavailable)
        actions.state.withLock { $0.isBroken = false }
        #expect(await denial { _ = try await signIn(1) } == .refused(.counterWentBack))
        #expect(sessionCount == 0)
    }

    @Test func `an answer that is sent again signs nobody in and harms no passkey`() async throws {
        let challenge = try await service.challenge(for: key, from: nil)
        let answer = try assertion(1)
        _ = try await service.signIn(answer, challenge: challenge, for: key, from: nil)
        // Simulates the verdict on the counter if the same assertion were verified again.
        actions.state.withLock { $0.refusal = .counterWentBack }
        for _ in 0..<3 {
            #expect(
                await denial {
                    _ = try await service.signIn(answer, challenge: challenge, for: key, from: nil)
                }
                    == .staleChallenge)
        }
        #expect(actions.state.withLock(\.suspended).isEmpty && sessionCount == 1)
        let fresh = try await service.challenge(for: key, from: nil)
        #expect(
            await denial {
                _ = try await service.signIn(answer, challenge: fresh, for: key, from: nil)
            }
                == .refused(.counterWentBack))
        #expect(actions.state.withLock(\.suspended) == [actions.id], "a copy of the passkey")
    }

    @Test func `an address that tries too often waits, and nobody else does`() async throws {
        var granted = 0
        while await denial({ _ = try await service.challenge(for: key, from: "192.0.2.1") }) == nil
        {
            granted += 1
        }
        #expect(granted == SignInRateLimiter.burst)
        #expect(
            await denial { _ = try await service.challenge(for: key, from: "192.0.2.1") }
                == .tooOften(SignInRateLimiter.refill))
        _ = try await signIn(1, from: "192.0.2.2")
        for counter in 2..<100 { _ = try await signIn(UInt8(counter), from: nil) }
        clock.advance(SignInRateLimiter.refill)
        _ = try await service.challenge(for: key, from: "192.0.2.1")
        #expect(
            await denial { _ = try await service.challenge(for: key, from: "192.0.2.1") } != nil)
    }

    @Test func `one person has so many sessions; the longest unused makes room`() async throws {
        var tokens: [String] = []
        for number in 1...PersonSessionTable.mostOfOne {
            tokens.append(try await signIn(UInt8(number), from: nil))
            clock.advance(.seconds(1))
        }
        #expect(await service.holder(of: tokens[0]) != nil)
        tokens.append(try await signIn(100, from: nil))
        #expect(sessionCount == PersonSessionTable.mostOfOne)
        #expect(await service.holder(of: tokens[1]) == nil)
        #expect(await service.holder(of: tokens[0]) != nil)
    }

    private func request(_ target: String = "/approvals") -> ProvenRequest {
        ProvenRequest(
            method: "POST", origin: "https://interlock.example", target: target,
            body: Digest(words: (1, 2, 3, 4)))
    }

    private func proof(
        _ nonce: String, _ number: UInt8 = 1, of request: ProvenRequest? = nil,
        by key: PersonSessionKey? = nil
    ) throws -> SessionProof {
        let identifier = Base64.encodeURL([UInt8](repeating: number, count: 16))
        let message = (request ?? self.request()).message(nonce: nonce, identifier: identifier)
        let signature = Base64.encodeURL(AnyKey.sign(message, key ?? self.key))
        return try #require(SessionProof("v1.\(nonce).\(identifier).\(signature)"))
    }

    @Test(.requirement("R152"))
    func `R152 a request is proven by the key that the sign-in was for`() async throws {
        let token = try await signIn()
        let nonce = try #require(await service.session(of: token, isUse: false)).nonce
        let request = request()
        func fault(_ proof: SessionProof) async -> SessionProofFault? {
            await service.check(proof, of: request, in: token)
        }
        #expect(try await fault(proof(nonce, by: AnyKey.key(2))) == .badSignature)
        #expect(try await fault(proof(nonce, of: self.request("/halts"))) == .badSignature)
        #expect(try await fault(proof("")) == .staleNonce)
        // A refused proof does not use up its identifier.
        #expect(try await fault(proof(nonce)) == nil)
        #expect(try await fault(proof(nonce)) == .usedBefore)
        #expect(try await fault(proof(nonce, 2)) == nil)
        let other = try await signIn(2)
        #expect(try await service.check(proof(nonce, 3), of: request, in: other) == .staleNonce)
        clock.advance(ProofNonces.life)
        #expect(try await fault(proof(nonce, 4)) == .staleNonce)
        let next = try #require(await service.session(of: token, isUse: false)).nonce
        #expect(try await fault(proof(next, 4)) == nil)
        try await service.end(token)
        #expect(try await fault(proof(next, 5)) == .noSession)
    }

    @Test func `nobody is signed in while challenges or sessions cannot be read`() async throws {
        let challenge = try await service.challenge(for: key, from: nil)
        challenges.isBroken = true
        #expect(
            await denial { _ = try await service.challenge(for: key, from: nil) } == .unavailable)
        func answer() async -> PersonSignInRefusal? {
            await denial {
                _ = try await service.signIn(
                    assertion(1), challenge: challenge, for: key, from: nil)
            }
        }
        #expect(await answer() == .unavailable)
        // A counter that went back because of a second copy cannot be recognized, so no passkey is suspended.
        challenges.isBroken = false
        sessions.isBroken = true
        #expect(await answer() == .unavailable)
        sessions.isBroken = false
        #expect(sessionCount == 0)
        #expect(await answer() == .staleChallenge, "it was answered once")
        #expect(actions.state.withLock(\.suspended).isEmpty)
    }

    @Test(.requirement("R152"))
    func `R152 a session that cannot be looked up permits nothing, and goes on afterwards`()
        async throws
    {
        let token = try await signIn()
        let nonce = try #require(await service.session(of: token, isUse: true)).nonce
        let request = request()
        for isOfProofs in [false, true] {
            if isOfProofs { proofs.isBroken = true } else { sessions.isBroken = true }
            #expect(await service.session(of: token, isUse: true) == nil)
            #expect(
                try await service.check(proof(nonce), of: request, in: token) == .noSession)
            proofs.isBroken = false
            sessions.isBroken = false
        }
        sessions.isBroken = true
        await #expect(throws: StoreFailure.self) { try await service.end(token) }
        sessions.isBroken = false
        #expect(await service.session(of: token, isUse: true) != nil, "it has not ended")
        #expect(try await service.check(proof(nonce), of: request, in: token) == nil)
    }

    @Test(.requirement("R152")) func `R152 a challenge begins a session for its own key alone`()
        async throws
    {
        let challenge = try await service.challenge(for: key, from: nil)
        #expect(
            await denial {
                _ = try await service.signIn(
                    assertion(1), challenge: challenge, for: AnyKey.key(2), from: nil)
            } == .staleChallenge)
        _ = try await service.signIn(assertion(1), challenge: challenge, for: key, from: nil)
        #expect(
            await denial { _ = try await service.challenge(for: AnyKey.key(.max), from: nil) }
                == .badKey)
        #expect(PersonSessionKey([4] + [UInt8](repeating: 1, count: 63)) == nil)
        #expect(PersonSessionKey([2] + [UInt8](repeating: 1, count: 64)) == nil)
    }
}
