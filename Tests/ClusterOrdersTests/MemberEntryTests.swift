import InterlockCluster
import InterlockCredentials
import InterlockModel
import InterlockTesting
import Testing

/// The admission and retirement of nodes by two people with the role `security`.
@Suite struct MemberEntryTests {
    /// The admission of `gw2`, and the proof that it has its key.
    private func admission(
        _ means: [Means], by authors: [Signer] = [.li, .sam],
        until end: Timestamp = OrderedChain.start + .seconds(3600), org: String = "acme",
        as type: PayloadType = .member
    ) throws -> OrderedChain.Statements {
        let order = try MemberOrder(
            id: OrderedChain.id(1), org: org, change: .admit(OrderedChain.keys(2), until: end),
            reason: "a test of nodes", authors: authors.map(\.pseudonym))
        let payload = try order.canonical()
        return OrderedChain.Statements(
            .member,
            [
                try .signed(type, payload, by: means),
                OrderedChain.log(2).envelope(.member, payload),
            ], subject: "gw2")
    }

    private func retirement(_ means: [Means]) throws -> OrderedChain.Statements {
        let order = try MemberOrder(
            id: OrderedChain.id(2), org: "acme", change: .retire(OrderedChain.keys(2).name),
            reason: "a test of nodes", authors: [Signer.li, .sam].map(\.pseudonym))
        return OrderedChain.Statements(
            .member, [try .signed(.member, try order.canonical(), by: means)], subject: "gw2")
    }

    @Test func `two people admit and retire a node by keys and passkeys, once each`() throws {
        for means in [[Means.key(.li), .key(.sam)], [.passkey(.li), .passkey(.sam)]] {
            var chain = try OrderedChain()
            let admission = try admission(means)
            #expect(try chain.order(admission) == .changed)
            #expect(chain.state.admitted.count == 2)
            try chain.expect(
                .tooFewPeople(have: 1, need: 2), try retirement([means[0]]))
            #expect(try chain.order(try retirement(means)) == .changed)
            #expect(try chain.order(admission) == .unchanged)
            #expect(chain.state.admitted.count == 1)
        }
    }

    @Test func `an admission that not enough people with the role sign admits no node`() throws {
        let chain = try OrderedChain()
        try chain.expect(.tooFewPeople(have: 1, need: 2), try admission([.key(.li)]))
        try chain.expect(.samePerson, try admission([.key(.li), .passkey(.li)]))
        for (other, means, refusal) in Signer.refused(needing: .security) {
            try chain.expect(
                refusal, try admission([.key(.li), means], by: [.li, other]), "\(refusal)")
        }
        try chain.expect(.notAuthor, try admission([.key(.li), .key(.lou)]))
    }

    @Test func `an admission of another organisation, kind, time or byte admits no node`() throws {
        var chain = try OrderedChain()
        let both = [Means.key(.li), .key(.sam)]
        try chain.expect(.otherOrganisation("other"), try admission(both, org: "other"))
        try chain.expect(.otherKind, try admission(both, as: .people))
        var changed = try admission(both)
        changed.envelopes[0] = changed.envelopes[0].changed
        try chain.expect(.badSignature, changed)
        let late = try admission(both)
        chain.pass(.seconds(3601))
        let before = chain.ordered
        #expect(try chain.order(late) == .void(.late))
        #expect(chain.ordered == before)
    }
}
