import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

/// Halts and releases signed by a passkey. An assertion consists of the returned challenge and a counter; the real
/// checks of assertions are tested elsewhere.
@Suite struct PasskeyOrderTests {
    private let org = Org()
    private let now = Org.start + .seconds(100)
    private let past = Org.start + .seconds(50)

    private func id(of member: Org.Member) -> PasskeyID {
        PasskeyID(bytes: Array(member.person.address.utf8)).unwrapped
    }

    private func passkey(
        of member: Org.Member, expires: Timestamp? = nil, revoked: Timestamp? = nil
    ) -> EnrolledPasskey {
        EnrolledPasskey(
            id: id(of: member), holder: member.pseudonym, algorithm: .es256, publicKey: [4, 5],
            relyingParty: "localhost", counter: 7, added: Org.start, founding: true,
            expires: expires, revoked: revoked)
    }

    private func judge(
        _ passkeys: [EnrolledPasskey]? = nil, _ people: [TrustedPerson]? = nil
    ) throws -> SignedOrderVerifier {
        let enrolled = passkeys ?? [org.li, org.sam].map { passkey(of: $0) }
        return SignedOrderVerifier(
            trust: try org.trust(people), verifier: ForgeableSignatures(),
            passkeys: EnrolledPasskeyVerifier(
                hashing: WeakHashing(), find: { id in enrolled.first { $0.id == id } },
                verify: { assertion, challenge, passkey throws(AssertionRefusal) in
                    guard assertion.clientDataJSON == challenge else { throw .wrongChallenge }
                    guard !passkey.isRevoked else { throw .wrongCredential }
                    let counter = UInt32(assertion.authenticatorData[0])
                    if let last = passkey.counter, counter <= last { throw .counterWentBack }
                    return AssertionFinding(counter: counter, isSynced: false)
                }))
    }

    private func signature(
        over envelope: Envelope, by member: Org.Member, counter: UInt8 = 8
    ) throws -> Envelope.Signature {
        .passkey(
            try PasskeyAssertion(
                credential: id(of: member), authenticatorData: [counter],
                clientDataJSON: envelope.challenge(WeakHashing()).bytes, signature: [1]))
    }

    /// The same order, signed by passkeys instead of keys.
    private func signed(
        _ envelope: Envelope, by members: Org.Member..., counter: UInt8 = 8
    ) throws -> Envelope {
        Envelope(
            payloadType: envelope.payloadType, payload: envelope.payload,
            signatures: try members.map {
                try signature(over: envelope, by: $0, counter: counter)
            })
    }

    @Test func `one person with the role stops by passkey`() throws {
        let halt = try judge().halt(try signed(try org.halt(1, .org), by: org.li), .now(now))
        #expect(halt.signature?.signer == org.li.pseudonym && !halt.expiredKey)
        #expect(halt.signature?.passkey?.counter == 8)
    }

    @Test func `what does not stop, and why`() throws {
        let good = try signed(try org.halt(1, .org), by: org.li)
        func check(
            _ expected: OrderRefusal, _ envelope: Envelope, _ judge: SignedOrderVerifier
        ) {
            #expect(refusal { _ = try judge.halt(envelope, .now(now)) } == expected)
        }
        let judge = try judge()
        check(.unknownKey, try signed(try org.halt(1, .org), by: org.kim), judge)
        check(.unknownKey, good, try org.judge())
        check(.notAuthor, try signed(try org.halt(1, .org), by: org.sam), judge)
        check(
            .revokedKey, good, try self.judge([passkey(of: org.li, revoked: past)]))
        check(
            .missingRole(.kill), good,
            try self.judge(nil, [org.li.trusted(roles: [.resume]), org.sam.trusted()]))
        let other = try signature(over: try org.halt(2, .org), by: org.li)
        check(
            .badAssertion(.wrongChallenge),
            Envelope(payloadType: .halt, payload: good.payload, signatures: [other]), judge)
        check(
            .copiedPasskey(id(of: org.li)),
            try signed(try org.halt(1, .org), by: org.li, counter: 7), judge)
        check(
            .notForNodes, try signed(try org.halt(1, .org, local: true), by: org.li), judge)
    }

    @Test func `an expired passkey still stops, and says so; it does not resume`() throws {
        let judge = try judge([passkey(of: org.li, expires: past), passkey(of: org.sam)])
        #expect(
            try judge.halt(try signed(try org.halt(1, .org), by: org.li), .now(now)).expiredKey)
        let release = try signed(try org.release(2, of: [1]), by: org.li, org.sam)
        #expect(refusal { _ = try judge.release(release, .now(now)) } == .expiredKey)
    }

    @Test func `two people resume, each by passkey or by key`() throws {
        let judge = try judge()
        let byKeys = try org.release(2, of: [1])
        let byPasskeys = try signed(byKeys, by: org.li, org.sam)
        for signatures in [
            byPasskeys.signatures, [byKeys.signatures[0], byPasskeys.signatures[1]],
            [byPasskeys.signatures[0], byKeys.signatures[1]],
        ] {
            let envelope = Envelope(
                payloadType: .release, payload: byKeys.payload, signatures: signatures)
            let release = try judge.release(envelope, .now(now))
            #expect(release.signers == [org.li.pseudonym, org.sam.pseudonym])
            #expect(try Envelope(parsing: envelope.bytes) == envelope)
        }
    }

    @Test func `key and passkey of one person are one person`() throws {
        let byKey = try org.release(2, of: [1], signedBy: [org.li.key])
        let both = Envelope(
            payloadType: .release, payload: byKey.payload,
            signatures: byKey.signatures + [try signature(over: byKey, by: org.li)])
        let judge = try judge()
        #expect(refusal { _ = try judge.release(both, .now(now)) } == .samePerson)
        var draft = try ReleaseDraft(byKey, judge: judge, now: now)
        let judged = try draft.judged(try signed(byKey, by: org.li), by: judge, now: now)
        #expect(refusal { try draft.add(judged) } == .samePerson)
        #expect(draft.signatures.count == 1)
    }

    @Test func `what was judged before stands although the passkey is revoked`() throws {
        let judge = try judge([passkey(of: org.li, revoked: past), passkey(of: org.sam)])
        let halt = try signed(try org.halt(1, .org), by: org.li, counter: 3)
        #expect(try judge.halt(halt, .judgedBefore).order.id == org.id(1))
        let release = try signed(try org.release(2, of: [1]), by: org.li, org.sam, counter: 3)
        #expect(try judge.release(release, .judgedBefore).signers.count == 2)
        #expect(refusal { _ = try judge.release(release, .again(now)) } == .revokedKey)
    }

    @Test func `an order that comes again is not held against its own counter`() throws {
        let halt = try signed(try org.halt(1, .org), by: org.li, counter: 7)
        #expect(try judge().halt(halt, .again(now)).order.id == org.id(1))
    }

    @Test func `the record has the passkey's public key beside its assertion`() throws {
        let halt = try judge().halt(try signed(try org.halt(1, .org), by: org.li), .now(now))
        let evidence = try StrictFields.value(halt.evidence, limit: Envelope.largestJSON)
        #expect(evidence["signatures"]?.array?.first?["key"]?.string == Base64.encode([4, 5]))
        let byKey = try judge().halt(try org.halt(1, .org), .now(now))
        #expect(byKey.evidence == byKey.envelope.bytes)
    }

    @Test func `the trust file keeps passkeys without their counters`() throws {
        let trust = try AuthorizedKeys(
            org: "acme", people: [org.li, org.sam].map { $0.trusted() }, nodes: [],
            passkeys: [passkey(of: org.li), passkey(of: org.sam, revoked: past)])
        let read = try AuthorizedKeys(parsing: trust.json.serialized())
        #expect(read == trust && read.passkeys.map(\.counter) == [nil, nil])
        #expect(read.passkeys.last?.revoked == past)
        #expect(throws: FormError.self) {
            try AuthorizedKeys(
                org: "acme", people: [org.li, org.sam].map { $0.trusted() }, nodes: [],
                passkeys: [passkey(of: org.kim)])
        }
    }
}
