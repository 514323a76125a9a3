import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockTesting
import Testing

@testable import InterlockCredentials

/// A revision signed off by a real passkey, as the verifier finds it in `interlock.signoff`.
@Suite struct SignOffPasskeyTests {
    private let device: SoftAuthenticator
    private let dana = Ed25519PrivateKey(seed: seed(4)).unwrapped
    private let ines = Ed25519PrivateKey(seed: seed(5)).unwrapped
    private let now = Timestamp(microseconds: 1_795_000_000_000_000)
    /// The holder of the passkey, who has a key too.
    private let inesIs = Person("ines@acme.example").unwrapped
    private let author = Person("dana@acme.example").unwrapped
    private static let hashing = OpenSSLHashing()

    init() throws { device = try SoftAuthenticator(.es256) }

    private static func identity(
        digest: UInt8 = 1, tests: UInt8 = 2, file: UInt8 = 3
    ) -> RevisionIdentity {
        RevisionIdentity(
            digest: hashing.sha256([digest]), tests: hashing.sha256([tests]),
            files: ["approvals/a.yaml": hashing.sha256([file])])
    }

    private func trust(_ passkey: EnrolledPasskey) throws -> AuthorizedKeys {
        func person(
            _ person: Person, _ pseudonym: Pseudonym, _ key: Ed25519PrivateKey
        ) -> TrustedPerson {
            TrustedPerson(
                person: person, pseudonym: pseudonym, roles: [.resume],
                keys: [EnrolledKey(key: key.publicKey, added: now, founding: true)])
        }
        return try AuthorizedKeys(
            org: "acme",
            people: [
                person(inesIs, passkey.holder, ines),
                person(
                    author, Pseudonym(text: Base64.encode([UInt8](repeating: 2, count: 16))), dana),
            ], nodes: [], passkeys: [passkey])
    }

    private func signedByAuthor(
        _ identity: RevisionIdentity = identity()
    ) throws -> SignOff {
        var signOff = SignOff(identity: identity, author: author)
        try add(author, dana, to: &signOff)
        return signOff
    }

    private func add(
        _ person: Person, _ key: Ed25519PrivateKey, to signOff: inout SignOff
    ) throws {
        let envelope = try PersonKey.file(key).envelope(.signOff, try signOff.statement())
        try signOff.add(
            SignOff.Signature(by: person, at: now, made: try #require(envelope.signatures.first)))
    }

    private func assertion(
        under signOff: SignOff, as type: PayloadType = .signOff,
        _ change: (inout SoftAuthenticator.Words) -> Void = { _ in }
    ) throws -> PasskeyAssertion {
        let bare = Envelope(
            payloadType: type, payload: try signOff.statement(), signatures: [])
        var words = SoftAuthenticator.Words()
        words.challenge = bare.challenge(Self.hashing).bytes
        change(&words)
        return try device.assertion(words)
    }

    private func signed(
        _ assertion: PasskeyAssertion, under signOff: SignOff, by person: Person? = nil
    ) throws -> SignOff {
        var signed = signOff
        try signed.add(
            SignOff.Signature(by: person ?? inesIs, at: now, made: .passkey(assertion)))
        return signed
    }

    private func judge(
        _ passkey: EnrolledPasskey, isEnrolled: Bool = true, judgesPasskeys: Bool = true
    ) throws -> SignOffVerifier {
        let verifier = PasskeyVerifier(SoftAuthenticator.party)
        let passkeys = EnrolledPasskeyVerifier(
            hashing: Self.hashing, find: { isEnrolled && $0 == passkey.id ? passkey : nil },
            verify: { assertion, challenge, passkey throws(AssertionRefusal) in
                try verifier.verify(assertion, challenge: challenge, by: passkey)
            })
        return SignOffVerifier(
            trust: try trust(passkey), verifier: OpenSSLVerifier(),
            passkeys: judgesPasskeys ? passkeys : nil)
    }

    /// - Parameter owners: the policy's owners; only `ines` if nil.
    private func outcome(
        _ signOff: SignOff, by judge: SignOffVerifier? = nil, owners: Set<Person>? = nil,
        _ comparison: RevisionComparison = .narrows, at time: Timestamp? = nil
    ) throws -> Result<[Person], SignOffRefusal> {
        let judge = try judge ?? self.judge(device.passkey())
        do throws(SignOffRefusal) {
            return .success(
                try judge.judge(
                    signOff, of: Self.identity(), owners: owners ?? [inesIs],
                    comparison: comparison, at: time ?? now
                ).signers)
        } catch { return .failure(error) }
    }

    /// Returns true if the refusal is that this number of people must sign in addition to these.
    private func lacks(
        _ outcome: Result<[Person], SignOffRefusal>, signers: [Person], missing: Int
    ) -> Bool {
        guard case .failure(.tooFewPeople(let shortfall)) = outcome else { return false }
        return shortfall.signers == signers && shortfall.missing == missing
    }

    @Test func `a passkey of an owner counts, and again though its counter was kept`() throws {
        let base = try signedByAuthor()
        let signOff = try signed(try assertion(under: base), under: base)
        #expect(try outcome(signOff) == .success([inesIs]))
        // The next start finds this assertion's own counter as the last one.
        let kept = try judge(device.passkey(counter: 8))
        #expect(try outcome(signOff, by: kept) == .success([inesIs]))
        #expect(try SignOff(parsing: try signOff.bytes()) == signOff)
    }

    @Test func `one person is one person, by key and by passkey`() throws {
        var base = try signedByAuthor()
        base = try signed(try assertion(under: base), under: base)
        try add(inesIs, ines, to: &base)
        #expect(base.signatures.count == 3)
        #expect(try outcome(base) == .success([inesIs]))
        #expect(try lacks(outcome(base, .widens), signers: [inesIs], missing: 1))
    }

    @Test func `the author may sign by passkey, and counts for nobody else`() throws {
        let bare = SignOff(identity: Self.identity(), author: inesIs)
        let signOff = try signed(try assertion(under: bare), under: bare)
        #expect(try lacks(outcome(signOff), signers: [], missing: 1))
        let claimed = SignOff(identity: Self.identity(), author: author)
        let alone = try signed(try assertion(under: claimed), under: claimed)
        #expect(try outcome(alone) == .failure(.unsignedByAuthor(author)))
    }

    @Test func `each part changed in turn is refused`() throws {
        let base = try signedByAuthor()
        let good = try assertion(under: base)
        func flipped(_ bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            bytes[bytes.count / 2] ^= 1
            return bytes
        }
        let bad = [
            try good.with(authenticatorData: flipped(good.authenticatorData)),
            try good.with(clientDataJSON: flipped(good.clientDataJSON)),
            try good.with(signature: flipped(good.signature)),
            try good.with(credential: flipped(good.credential.bytes)),
        ]
        for assertion in bad {
            #expect(
                try outcome(try signed(assertion, under: base)) == .failure(.badSignature(inesIs)))
        }
        let claimed = try signed(good, under: base, by: author)
        #expect(try outcome(claimed) == .failure(.badSignature(author)))
    }

    @Test func `what was signed for another revision, author, kind or page is refused`() throws {
        let base = try signedByAuthor()
        let others = [
            try signedByAuthor(Self.identity(digest: 9)),
            try signedByAuthor(Self.identity(tests: 9)),
            try signedByAuthor(Self.identity(file: 9)),
            SignOff(identity: Self.identity(), author: inesIs),
        ]
        for other in others {
            let moved = try signed(try assertion(under: other), under: base)
            #expect(try outcome(moved) == .failure(.badSignature(inesIs)))
        }
        for type in PayloadType.allCases where type != .signOff {
            let moved = try signed(try assertion(under: base, as: type), under: base)
            #expect(try outcome(moved) == .failure(.badSignature(inesIs)))
        }
        let faults: [(inout SoftAuthenticator.Words) -> Void] = [
            { $0.origin = "https://evil.example" }, { $0.relyingParty = "evil.example" },
            { $0.type = "webauthn.create" }, { $0.crossOrigin = true }, { $0.flags = 0x01 },
            { $0.flags = 0x04 },
        ]
        for fault in faults {
            let moved = try signed(try assertion(under: base, fault), under: base)
            #expect(try outcome(moved) == .failure(.badSignature(inesIs)))
        }
        let whole = try signed(try assertion(under: others[0]), under: others[0])
        #expect(try outcome(whole) == .failure(.otherRevision("digest")))
    }

    @Test func `a passkey that was revoked, has expired or is no owner's counts for nothing`()
        throws
    {
        let base = try signedByAuthor()
        let signOff = try signed(try assertion(under: base), under: base)
        let revoked = try judge(device.passkey(revoked: true))
        #expect(try lacks(outcome(signOff, by: revoked), signers: [], missing: 1))
        #expect(try lacks(outcome(signOff, owners: [author]), signers: [], missing: 1))
        let passkey = device.passkey()
        let brief = EnrolledPasskey(
            id: passkey.id, holder: passkey.holder, algorithm: passkey.algorithm,
            publicKey: passkey.publicKey, relyingParty: passkey.relyingParty, counter: 7,
            added: passkey.added, founding: true, expires: now)
        #expect(try lacks(outcome(signOff, by: judge(brief)), signers: [], missing: 1))
    }

    @Test func `a passkey that nobody holds and a node without a console refuse by name`() throws {
        let base = try signedByAuthor()
        let signOff = try signed(try assertion(under: base), under: base)
        #expect(
            try outcome(signOff, by: try judge(device.passkey(), isEnrolled: false))
                == .failure(.badSignature(inesIs)))
        #expect(
            try outcome(signOff, by: try judge(device.passkey(), judgesPasskeys: false))
                == .failure(.unjudgedPasskey(inesIs)))
        let moved = device.passkey(relyingParty: "other.example")
        #expect(try outcome(signOff, by: try judge(moved)) == .failure(.badSignature(inesIs)))
    }
}
