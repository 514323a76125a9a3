import InterlockCluster
import InterlockModel
import InterlockTesting
import Testing

/// Halts by one person, and releases by two who hold the role `resume` and saw what they end.
@Suite struct ReleaseEntryTests {
    private func halt(_ number: Int64, by means: Means, author: Signer) throws -> Envelope {
        let order = try HaltOrder(
            id: OrderedChain.id(number), org: "acme", target: .org, reason: "a test of halts",
            author: author.pseudonym, at: OrderedChain.start)
        return try .signed(.halt, try order.canonical(), by: [means])
    }

    private func release(
        _ means: [Means], by authors: [Signer] = [.li, .sam], after epoch: Int64 = 1,
        org: String = "acme", as type: PayloadType = .release
    ) throws -> OrderedChain.Statements {
        let order = try ReleaseOrder(
            id: OrderedChain.id(9), org: org, halts: [OrderedChain.id(1)], afterEpoch: epoch,
            reason: "a test of releases", authors: authors.map(\.pseudonym))
        return OrderedChain.Statements(
            .release, [try .signed(type, try order.canonical(), by: means)],
            subject: OrderedChain.id(9).text)
    }

    private func halted(_ people: [Signer] = Signer.enrolled) throws -> OrderedChain {
        var chain = try OrderedChain(people: people)
        try chain.restrict(.halt(try halt(1, by: .key(.li), author: .li)))
        return chain
    }

    @Test func `one person halts by key, by passkey, or by an expired key`() throws {
        for (means, author) in [
            (Means.key(.li), Signer.li), (.passkey(.sam), .sam), (.key(.kim), .kim),
        ] {
            var chain = try OrderedChain()
            try chain.restrict(.halt(try halt(1, by: means, author: author)))
            #expect(chain.state.halts.active.count == 1 && chain.state.halts.epoch == 1)
        }
    }

    @Test func `a halt by a person without the role, a revoked or another key stops nothing`()
        throws
    {
        for (means, author) in [
            (Means.key(.ana), Signer.ana), (.key(.dan), .dan), (.passkey(.dan), .dan),
            (.key(.sam), .li), (.key(.rui), .rui),
        ] {
            var chain = try OrderedChain()
            try chain.restrict(.halt(try halt(1, by: means, author: author)))
            #expect(chain.state.halts.active.isEmpty)
        }
        var chain = try OrderedChain()
        let changed = try halt(1, by: .key(.li), author: .li).changed
        #expect(throws: EntryRejection.self) { try chain.restrict(.halt(changed)) }
        #expect(chain.state.halts.active.isEmpty)
    }

    @Test func `two people release by keys and passkeys, once`() throws {
        for means in [[Means.key(.li), .key(.sam)], [.passkey(.li), .passkey(.sam)]] {
            var chain = try halted()
            let release = try release(means)
            #expect(try chain.order(release) == .changed)
            #expect(chain.state.halts.active.isEmpty)
            try chain.restrict(.halt(try halt(2, by: .key(.sam), author: .sam)))
            #expect(try chain.order(release) == .unchanged)
            #expect(chain.state.halts.active.count == 1)
        }
    }

    @Test func `a release that not enough people with the role sign ends nothing`() throws {
        let chain = try halted()
        try chain.expect(.tooFewPeople(have: 1, need: 2), try release([.key(.li)]))
        try chain.expect(.samePerson, try release([.key(.li), .passkey(.li)]))
        for (other, means, refusal) in Signer.refused(needing: .resume) {
            try chain.expect(
                refusal, try release([.key(.li), means], by: [.li, other]), "\(refusal)")
        }
        try chain.expect(.notAuthor, try release([.key(.li), .key(.lou)]))
    }

    @Test func `a release of another organisation, kind, epoch or byte ends nothing`() throws {
        var chain = try halted()
        let both = [Means.key(.li), .key(.sam)]
        try chain.expect(.otherOrganisation("other"), try release(both, org: "other"))
        try chain.expect(.otherKind, try release(both, as: .member))
        try chain.expect(.staleEpoch, try release(both, after: 2))
        var changed = try release(both)
        changed.envelopes = changed.envelopes.map(\.changed)
        try chain.expect(.badSignature, changed)
        try chain.restrict(.halt(try halt(2, by: .key(.sam), author: .sam)))
        try chain.expect(.staleEpoch, try release(both))
    }

    @Test func `the only person of an organisation releases alone`() throws {
        var chain = try halted([.li])
        let effect = try chain.order(try release([.key(.li)], by: [.li]))
        #expect(effect == .changed && chain.state.halts.active.isEmpty)
    }
}
