import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@Suite struct HaltOrderVerifierTests {
    private let org = Org()
    private let now = SignedOrderVerifier.Time.now(Org.start + .seconds(100))
    private let past = Org.start + .seconds(50)

    @Test func `one person with the role stops`() throws {
        let halt = try org.judge().halt(try org.halt(1, .org), now)
        #expect(halt.order.id == org.id(1))
        #expect(!halt.expiredKey)
    }

    @Test func `what does not stop, and why`() throws {
        let judge = try org.judge()
        func check(_ expected: OrderRefusal, _ envelope: Envelope, _ judge: SignedOrderVerifier) {
            #expect(refusal { _ = try judge.halt(envelope, now) } == expected)
        }
        check(.otherOrganisation("other"), try org.halt(1, .org, org: "other"), judge)
        check(.missingRole(.kill), try org.halt(1, .org, by: org.kim), judge)
        check(.notAuthor, try org.halt(1, .org, by: org.li, signedBy: org.sam.key), judge)
        check(
            .unknownKey,
            try org.halt(
                1, .org, signedBy: PublicKey(bytes: .init(repeating: 7, count: 32)).unwrapped),
            judge)
        let good = try org.halt(1, .org)
        check(
            .badSignature,
            Envelope(
                payloadType: .halt, payload: good.payload,
                signatures: [.key(org.li.key, .init(repeating: 0, count: 64))]),
            judge)
        check(
            .badSignature, org.sign(.halt, good.payload, [org.li.key, org.sam.key]), judge)
        check(.otherKind, try org.release(2, of: [1]), judge)
        let revoked = try org.judge([
            org.li.trusted(revoked: past), org.sam.trusted(), org.kim.trusted(),
        ])
        check(.revokedKey, good, revoked)
    }

    @Test func `an expired key still stops, and says so; it does not resume`() throws {
        let judge = try org.judge([
            org.li.trusted(expires: past), org.sam.trusted(), org.kim.trusted(),
        ])
        #expect(try judge.halt(try org.halt(1, .org), now).expiredKey)
        #expect(
            refusal { _ = try judge.release(try org.release(2, of: [1]), now) } == .expiredKey)
    }

    @Test func `a node stops everything in its own name and nothing else`() throws {
        let judge = try org.judge()
        #expect(
            try judge.halt(try org.halt(1, .org, signedBy: org.node, local: true), now).order.local)
        let agent = try #require(AgentName("refunds"))
        for envelope in [
            try org.halt(1, .agent(agent), signedBy: org.node, local: true),
            try org.halt(1, .org, signedBy: org.node),
            try org.halt(1, .org, local: true),
        ] {
            #expect(refusal { _ = try judge.halt(envelope, now) } == .notForNodes)
        }
    }

    @Test func `two people resume`() throws {
        let release = try org.judge().release(try org.release(2, of: [1]), now)
        #expect(release.signers == [org.li.pseudonym, org.sam.pseudonym])
    }

    @Test func `what does not resume, and why`() throws {
        let judge = try org.judge()
        func check(_ expected: OrderRefusal, _ envelope: Envelope) {
            #expect(refusal { _ = try judge.release(envelope, now) } == expected)
        }
        check(
            .tooFewPeople(have: 1, need: 2), try org.release(2, of: [1], signedBy: [org.li.key]))
        check(.samePerson, try org.release(2, of: [1], signedBy: [org.li.key, org.li.spare]))
        check(
            .missingRole(.resume),
            try org.release(
                2, of: [1], authors: [org.li, org.ana], signedBy: [org.li.key, org.ana.key]))
        check(
            .notAuthor,
            try org.release(
                2, of: [1], authors: [org.li, org.sam], signedBy: [org.li.key, org.kim.key]))
        check(.unknownKey, try org.release(2, of: [1], signedBy: [org.li.key, org.node]))
        check(.otherKind, try org.halt(1, .org))
    }

    @Test func `what was judged before stands although the role is gone`() throws {
        let judge = try org.judge([
            org.li.trusted(roles: []), org.sam.trusted(), org.kim.trusted(),
        ])
        let halt = try org.halt(1, .org)
        #expect(refusal { _ = try judge.halt(halt, now) } == .missingRole(.kill))
        #expect(try judge.halt(halt, .judgedBefore).order.id == org.id(1))
        let release = try org.release(2, of: [1])
        #expect(refusal { _ = try judge.release(release, now) } == .missingRole(.resume))
        #expect(try judge.release(release, .judgedBefore).signers.count == 2)
    }
}
