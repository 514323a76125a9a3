import InterlockApprovals
import InterlockCluster
import InterlockClusterOrders
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

/// A credential of a person who was invited: an invitation by one person with the role `security`, what was enrolled
/// with it, and the confirmation of another.
@Suite struct EnrolmentEntryTests {
    private static let hash = OpenSSLHashing().sha256([1])
    private static let pending = OrderedChain.id(5)
    private static let passkey = NewCredential.passkey(
        Signer.rui.device.id, .eddsa, publicKey: Signer.rui.device.publicKey,
        relyingParty: Device.party, counter: 0)

    /// The enrolment of `rui` with the role `kill`.
    private struct Enrolment {
        var first = Signer.li
        var second = Signer.sam
        var firstMeans: Means?
        var secondMeans: Means?
        var isPasskey = false
        /// The key that is offered, and the person whom the offer names.
        var offered = Signer.rui.key
        var holder = Signer.rui
        /// The key of the node that states a passkey.
        var node = OrderedChain.log(1)
        var invitedAt = OrderedChain.start
        var offeredAt = OrderedChain.start
        var confirmedAt = OrderedChain.start
        var org = "acme"
        /// The credential that the second person saw; nil for the one that is enrolled.
        var seen: NewCredential?

        private var credential: NewCredential {
            isPasskey ? EnrolmentEntryTests.passkey : .key(offered.publicKey)
        }

        private func offer() throws -> Envelope {
            if isPasskey {
                let statement = EnrolmentStatement(
                    org: org, invitation: EnrolmentEntryTests.hash, pseudonym: holder.pseudonym,
                    credential: credential, at: offeredAt)
                return node.envelope(.people, try statement.canonical())
            }
            let offer = try PeopleStatement(
                .enrol(EnrolmentEntryTests.hash), by: holder, at: offeredAt, org: org, number: 3)
            return offered.envelope(.people, try offer.order.canonical())
        }

        func statements() throws -> OrderedChain.Statements {
            let invitation = try PeopleStatement(
                .invite(Signer.rui.person, roles: [.kill]), by: first, at: invitedAt, org: org)
            let shown: JSONValue = [
                "v": 1, "type": "enrolment", "id": .string(EnrolmentEntryTests.pending.text),
                "person": .string(Signer.rui.person.address), "roles": ["kill"],
                "credential": (seen ?? credential).json,
            ]
            let digest = OpenSSLHashing().sha256(try shown.canonical())
            let confirmation = try PeopleStatement(
                .confirm(EnrolmentEntryTests.pending, of: digest), by: second, at: confirmedAt,
                org: org, number: 2)
            return OrderedChain.Statements(
                .person,
                [
                    try invitation.signed(firstMeans), try offer(),
                    try confirmation.signed(secondMeans),
                ], subject: holder.pseudonym.text)
        }
    }

    private let stale = StatementRefusal.unauthorized("\(PeopleRefusal.staleOrder)")
    private let known = StatementRefusal.unauthorized("\(PeopleRefusal.knownCredential)")

    @Test func `two people enrol a key that signed its own offer, once`() throws {
        for (first, second) in [
            (Means.key(.li), Means.key(.sam)), (.passkey(.li), .passkey(.sam)),
        ] {
            var chain = try OrderedChain()
            chain.pass(.seconds(60))
            let enrolment = try Enrolment(firstMeans: first, secondMeans: second).statements()
            let effect = try chain.order(enrolment)
            #expect(effect == .changed)
            let person = try #require(chain.state.people.person(Signer.rui.pseudonym))
            #expect(person.person == Signer.rui.person && person.roles == [.kill])
            #expect(
                person.keys == [
                    EnrolledKey(
                        key: Signer.rui.key.publicKey, added: OrderedChain.start + .seconds(60),
                        founding: false)
                ])
            let before = chain.ordered
            let again = try chain.order(enrolment)
            #expect(again == .unchanged && chain.ordered == before)
        }
    }

    @Test func `two people enrol a passkey that a node states, and it signs then`() throws {
        var chain = try OrderedChain()
        let enrolment = try Enrolment(isPasskey: true).statements()
        let effect = try chain.order(enrolment)
        #expect(effect == .changed)
        let passkey = try #require(
            chain.state.people.passkeys.first { $0.holder == Signer.rui.pseudonym })
        #expect(passkey.id == Signer.rui.device.id && !passkey.founding)
        let halt = try HaltOrder(
            id: OrderedChain.id(9), org: "acme", target: .org, reason: "a test of halts",
            author: Signer.rui.pseudonym, at: chain.now)
        try chain.restrict(
            .halt(try .signed(.halt, try halt.canonical(), by: [.passkey(.rui)])))
        #expect(chain.state.halts.active.count == 1)
    }

    @Test func `an enrolment that not enough people with the role sign enrols no credential`()
        throws
    {
        let chain = try OrderedChain()
        for isPasskey in [false, true] {
            var part = try Enrolment(isPasskey: isPasskey).statements()
            part.envelopes.removeLast()
            try chain.expect(
                .invalid("not an invitation, a credential and its confirmation"), part)
            try chain.expect(
                .unauthorized("\(OrderRefusal.samePerson)"),
                try Enrolment(second: .li, secondMeans: .passkey(.li), isPasskey: isPasskey)
                    .statements())
            for (other, means, refusal) in Signer.refused(needing: .security) {
                try chain.expect(
                    refusal,
                    try Enrolment(first: other, firstMeans: means, isPasskey: isPasskey)
                        .statements(), "\(refusal)")
                try chain.expect(
                    refusal,
                    try Enrolment(second: other, secondMeans: means, isPasskey: isPasskey)
                        .statements(), "\(refusal)")
            }
        }
        let new = StatementRefusal.unauthorized(
            "\(PeopleRefusal.tooNew(OrderedChain.start + VoteVerifier.waitAtTierHigh))")
        try chain.expect(new, try Enrolment(first: .lou, firstMeans: .passkey(.lou)).statements())
        try chain.expect(
            new, try Enrolment(second: .lou, secondMeans: .passkey(.lou)).statements())
    }

    @Test func `another credential than the confirmed one, or a known one, is not enrolled`()
        throws
    {
        let chain = try OrderedChain()
        let other = Ed25519PrivateKey(seed: [UInt8](repeating: 77, count: 32)).unwrapped
        try chain.expect(
            .unauthorized("\(PeopleRefusal.otherContent)"),
            try Enrolment(offered: other, seen: .key(Signer.rui.key.publicKey)).statements())
        for key in [Signer.sam.key, Signer.dan.key, OrderedChain.log(1)] {
            try chain.expect(known, try Enrolment(offered: key).statements())
        }
        try chain.expect(
            .unknownKey, try Enrolment(isPasskey: true, node: OrderedChain.log(2)).statements())
        try chain.expect(
            .unknownKey, try Enrolment(isPasskey: true, node: Signer.li.key).statements())
    }

    @Test func `an enrolment does not take the pseudonym of another person`() throws {
        let chain = try OrderedChain()
        let taken = PeopleRefusal.unfit(.badMember("people", "distinct pseudonyms"))
        for isPasskey in [false, true] {
            try chain.expect(
                .unauthorized("\(taken)"),
                try Enrolment(isPasskey: isPasskey, holder: .li).statements())
        }
    }

    @Test func `an enrolment of another organisation, kind or byte enrols no credential`() throws {
        let chain = try OrderedChain()
        for isPasskey in [false, true] {
            try chain.expect(
                .otherOrganisation("other"),
                try Enrolment(isPasskey: isPasskey, org: "other").statements())
        }
        let elsewhere = try Enrolment(org: "other").statements()
        for place in 0..<3 {
            var mixed = try Enrolment().statements()
            mixed.envelopes[place] = elsewhere.envelopes[place]
            try chain.expect(.otherOrganisation("other"), mixed, "\(place)")
            var changed = try Enrolment().statements()
            changed.envelopes[place] = changed.envelopes[place].changed
            try chain.expect(.badSignature, changed, "\(place)")
            var doubled = try Enrolment().statements()
            doubled.envelopes[place] = doubled.envelopes[(place + 1) % 3]
            try chain.expect(.invalid("another kind of statement"), doubled, "\(place)")
        }
    }

    @Test func `an invitation and an enrolment wait for three days each`() throws {
        var chain = try OrderedChain()
        let (invited, enrolled) = (Invitation.life, PendingEnrolment.life)
        chain.pass(invited + enrolled)
        let now = chain.now
        func enrolment(offeredAt: Timestamp) throws -> OrderedChain.Statements {
            try Enrolment(offeredAt: offeredAt, confirmedAt: now).statements()
        }
        try chain.expect(
            .unauthorized("\(PeopleRefusal.noSuchInvitation)"),
            try enrolment(offeredAt: OrderedChain.start + invited))
        try chain.expect(
            .unauthorized("\(PeopleRefusal.noSuchOrder)"),
            try enrolment(offeredAt: OrderedChain.start + invited - .seconds(1)))
        try chain.expect(stale, try Enrolment().statements())
        let ahead = now + OrderLimits.leeway + .seconds(1)
        try chain.expect(stale, try Enrolment(invitedAt: ahead, confirmedAt: now).statements())
        try chain.expect(
            stale,
            try Enrolment(invitedAt: now, offeredAt: ahead, confirmedAt: now).statements())
    }

    @Test func `the statement of a node reads back in one spelling, and is of a passkey`() throws {
        let statement = EnrolmentStatement(
            org: "acme", invitation: Self.hash, pseudonym: Signer.rui.pseudonym,
            credential: Self.passkey, at: OrderedChain.start)
        let bytes = try statement.canonical()
        #expect(try EnrolmentStatement(parsing: bytes) == statement)
        let text = String(decoding: bytes, as: UTF8.self)
        for (part, other) in [
            ("\"v\":1", "\"v\":2"), ("\"enrolment\"", "\"people\""), ("\"alg\":-8", "\"alg\":-9"),
            ("sha256:", "sha512:"), ("\"org\"", "\"org\" "), ("\"pseudonym\"", "\"pseudo\""),
        ] {
            let changed = text.replacing(part, with: other)
            #expect(changed != text, "\(part)")
            #expect(throws: FormError.self, "\(part)") {
                _ = try EnrolmentStatement(parsing: Array(changed.utf8))
            }
        }
        let key = EnrolmentStatement(
            org: "acme", invitation: Self.hash, pseudonym: Signer.rui.pseudonym,
            credential: .key(Signer.rui.key.publicKey), at: OrderedChain.start)
        #expect(throws: FormError.self) {
            _ = try EnrolmentStatement(parsing: try key.canonical())
        }
    }
}
