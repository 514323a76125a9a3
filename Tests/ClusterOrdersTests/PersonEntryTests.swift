import InterlockApprovals
import InterlockCluster
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

/// Revocations by one person, and changes of roles by one person with the role `security` and the confirmation of
/// another.
@Suite struct PersonEntryTests {
    private func revocation(
        of person: Signer, by author: Signer, _ means: Means? = nil, at time: Timestamp,
        org: String = "acme", as type: PayloadType = .people
    ) throws -> OrderedChain.Statements {
        let envelope = try PeopleStatement(.revoke(person.person), by: author, at: time, org: org)
            .signed(means, as: type)
        return OrderedChain.Statements(.person, [envelope], subject: person.pseudonym.text)
    }

    /// The change that takes `resume` from `lou` and gives it `break_glass`, and its confirmation.
    private struct Change {
        var first = Signer.li
        var second = Signer.sam
        var firstMeans: Means?
        var secondMeans: Means?
        var asked = OrderedChain.start
        var confirmed = OrderedChain.start
        var org = "acme"
        /// The roles that the second person saw.
        var seen: [Role] = [.kill, .security, .breakGlass]

        func statements() throws -> OrderedChain.Statements {
            let change = try PeopleStatement(
                .role(Signer.lou.person, add: [.breakGlass], remove: [.resume]), by: first,
                at: asked, org: org)
            let shown: JSONValue = [
                "v": 1, "type": "roles", "order": change.order.json,
                "roles": .array(seen.map { .string($0.rawValue) }),
            ]
            let confirmation = try PeopleStatement(
                .confirm(change.order.id, of: OpenSSLHashing().sha256(try shown.canonical())),
                by: second, at: confirmed, org: org, number: 2)
            return OrderedChain.Statements(
                .person, [try change.signed(firstMeans), try confirmation.signed(secondMeans)],
                subject: Signer.lou.pseudonym.text)
        }
    }

    private func roles(of signer: Signer, in chain: OrderedChain) -> Set<Role>? {
        chain.state.people.person(signer.pseudonym)?.roles
    }

    @Test func `one person with the role, or the person, revokes all credentials, once`() throws {
        for (author, person, means) in [
            (Signer.li, Signer.sam, Means.key(.li)), (.li, .sam, .passkey(.li)),
            (.ana, .ana, .key(.ana)), (.lou, .sam, .passkey(.lou)),
        ] {
            var chain = try OrderedChain()
            let revocation = try revocation(of: person, by: author, means, at: chain.now)
            #expect(try chain.order(revocation) == .changed)
            #expect(chain.state.people.hasLeft(person.person))
            let before = chain.ordered
            #expect(try chain.order(revocation) == .unchanged)
            #expect(chain.ordered == before)
        }
    }

    @Test func `a revocation by the wrong person revokes nothing`() throws {
        let chain = try OrderedChain()
        let now = chain.now
        for (author, means, refusal) in Signer.refused(needing: .security) {
            try chain.expect(
                refusal, try revocation(of: .sam, by: author, means, at: now), "\(refusal)")
        }
        try chain.expect(.notAuthor, try revocation(of: .sam, by: .li, .key(.sam), at: now))
        try chain.expect(
            .unauthorized("\(PeopleRefusal.unknownPerson)"),
            try revocation(of: .rui, by: .li, at: now))
    }

    @Test func `a revocation of another organisation, kind, time or byte revokes nothing`() throws {
        var chain = try OrderedChain()
        let now = chain.now
        try chain.expect(
            .otherOrganisation("other"), try revocation(of: .sam, by: .li, at: now, org: "other"))
        try chain.expect(.otherKind, try revocation(of: .sam, by: .li, at: now, as: .server))
        var changed = try revocation(of: .sam, by: .li, at: now)
        changed.envelopes = changed.envelopes.map(\.changed)
        try chain.expect(.badSignature, changed)
        var doubled = try revocation(of: .sam, by: .li, at: now)
        doubled.envelopes += doubled.envelopes
        try chain.expect(.invalid("more than one statement"), doubled)
        let token = try PeopleStatement(
            .endToken(ServiceAccountName("grafana").unwrapped), by: .li, at: now
        ).signed()
        try chain.expect(
            .invalid("another kind of statement"),
            OrderedChain.Statements(.person, [token], subject: Signer.li.pseudonym.text))
        let late = try revocation(of: .sam, by: .li, at: now)
        chain.pass(OrderLimits.leeway + .seconds(1))
        try chain.expect(.unauthorized("\(PeopleRefusal.staleOrder)"), late)
    }

    @Test func `two people change roles by keys and passkeys, once`() throws {
        for (first, second) in [
            (Means.key(.li), Means.key(.sam)), (.passkey(.li), .passkey(.sam)),
        ] {
            var chain = try OrderedChain()
            let change = try Change(firstMeans: first, secondMeans: second).statements()
            #expect(try chain.order(change) == .changed)
            #expect(roles(of: .lou, in: chain) == [.kill, .security, .breakGlass])
            let before = chain.ordered
            #expect(try chain.order(change) == .unchanged)
            #expect(chain.ordered == before)
        }
    }

    @Test func `a change of roles that not enough people with the role sign changes nothing`()
        throws
    {
        let chain = try OrderedChain()
        var alone = try Change().statements()
        alone.envelopes.removeLast()
        try chain.expect(.invalid("not a change and its confirmation"), alone)
        let same = StatementRefusal.unauthorized("\(OrderRefusal.samePerson)")
        try chain.expect(same, try Change(second: .li).statements())
        try chain.expect(
            same, try Change(second: .li, secondMeans: .passkey(.li)).statements())
        // The person who gets a role does not confirm it.
        try chain.expect(same, try Change(second: .lou).statements())
        for (other, means, refusal) in Signer.refused(needing: .security) {
            try chain.expect(refusal, try Change(first: other, firstMeans: means).statements())
            try chain.expect(refusal, try Change(second: other, secondMeans: means).statements())
        }
        let new = StatementRefusal.unauthorized(
            "\(PeopleRefusal.tooNew(OrderedChain.start + VoteVerifier.waitAtTierHigh))")
        try chain.expect(new, try Change(first: .lou, firstMeans: .passkey(.lou)).statements())
        try chain.expect(new, try Change(second: .lou, secondMeans: .passkey(.lou)).statements())
    }

    @Test func `a change of roles of another organisation, kind, time or byte changes nothing`()
        throws
    {
        var chain = try OrderedChain()
        try chain.expect(.otherOrganisation("other"), try Change(org: "other").statements())
        for place in 0..<2 {
            var changed = try Change().statements()
            changed.envelopes[place] = changed.envelopes[place].changed
            try chain.expect(.badSignature, changed)
            var other = try Change().statements()
            let envelope = other.envelopes[place]
            other.envelopes[place] = Envelope(
                payloadType: .run, payload: envelope.payload, signatures: envelope.signatures)
            try chain.expect(.otherKind, other)
        }
        var doubled = try Change().statements()
        doubled.envelopes[1] = doubled.envelopes[0]
        try chain.expect(.invalid("another kind of statement"), doubled)
        try chain.expect(
            .unauthorized("\(PeopleRefusal.otherContent)"),
            try Change(seen: [.kill, .security]).statements())
        let stale = StatementRefusal.unauthorized("\(PeopleRefusal.staleOrder)")
        let ahead = chain.now + OrderLimits.leeway + .seconds(1)
        try chain.expect(stale, try Change(asked: ahead).statements())
        try chain.expect(stale, try Change(confirmed: ahead).statements())
        chain.pass(PendingRoles.life)
        try chain.expect(
            .unauthorized("\(PeopleRefusal.noSuchOrder)"),
            try Change(confirmed: chain.now).statements())
        try chain.expect(stale, try Change(asked: chain.now).statements())
    }

    @Test func `roles that leave too few people to end halts are not taken`() throws {
        let chain = try OrderedChain(people: [.li, .lou, .ana])
        try chain.expectUnauthorized(try Change(second: .lou).statements())
    }
}
