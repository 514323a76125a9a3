import InterlockCluster
import InterlockCredentials
import InterlockModel
import InterlockPolicyReview
import InterlockTesting
import Testing

/// Revisions of the policy: the sign-off of the author and of two people with the role `security`, which names the
/// revision that it follows.
@Suite struct RevisionEntryTests {
    private static let hashing = OpenSSLHashing()
    private static let before = hashing.sha256([0])

    private static func identity(_ number: UInt8) -> RevisionIdentity {
        RevisionIdentity(
            digest: hashing.sha256([number]), tests: hashing.sha256([2]),
            files: ["safety.yaml": hashing.sha256([3])])
    }

    private static func digest(_ number: UInt8) throws -> Digest {
        try #require(identity(number).whole(hashing))
    }

    /// The sign-off of a revision, by default that of `lou`, `li` and `sam` over the one in force.
    private struct Revision {
        var author = Signer.lou
        var means: [Means] = [.key(.lou), .key(.li), .key(.sam)]
        var number: UInt8 = 1
        var after: Digest? = RevisionEntryTests.before
        var type = PayloadType.signOff

        func statements() throws -> OrderedChain.Statements {
            let signOff = SignOff(
                identity: RevisionEntryTests.identity(number), author: author.person, after: after)
            return OrderedChain.Statements(
                .revision, [try .signed(type, try signOff.statement(), by: means)],
                subject: "policy")
        }
    }

    private func chain() throws -> OrderedChain { try OrderedChain(revision: Self.before) }

    /// Checks that an entry changes nothing since not enough people have signed.
    private func expectTooFew(
        _ revision: Revision, in chain: OrderedChain? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try (chain ?? self.chain()).expectUnauthorized(
            try revision.statements(), sourceLocation: sourceLocation)
    }

    @Test func `the author and two people with the role sign off by keys or passkeys, once`()
        throws
    {
        for (author, means) in [
            (Signer.lou, [Means.key(.lou), .key(.li), .key(.sam)]),
            (.ana, [.passkey(.ana), .passkey(.li), .passkey(.sam)]),
        ] {
            var chain = try chain()
            let first = try Revision(author: author, means: means).statements()
            let effect = try chain.order(first)
            #expect(effect == .changed)
            #expect(chain.state.revision == (try Self.digest(1)))
            let again = try chain.order(first)
            #expect(again == .unchanged)
        }
    }

    @Test func `people can go back to an earlier revision, and no node can`() throws {
        var chain = try chain()
        let first = try Revision().statements()
        try chain.order(first)
        let (one, two) = (try Self.digest(1), try Self.digest(2))
        let second = try chain.order(try Revision(number: 2, after: one).statements())
        #expect(second == .changed && chain.state.revision == two)
        let replayed = try chain.order(first)
        #expect(replayed == .unchanged && chain.state.revision == two)
        for after in [Self.before, one, nil] {
            let effect = try chain.order(try Revision(number: 3, after: after).statements())
            #expect(effect == .void(.superseded) && chain.state.revision == two)
        }
        let back = try chain.order(try Revision(after: two).statements())
        #expect(back == .changed && chain.state.revision == one)
    }

    @Test func `too few people, one of them twice, or people who do not count sign off nothing`()
        throws
    {
        try expectTooFew(Revision(means: [.key(.lou)]))
        try expectTooFew(Revision(means: [.key(.lou), .key(.li)]))
        try expectTooFew(Revision(means: [.key(.lou), .key(.li), .passkey(.li)]))
        try expectTooFew(Revision(means: [.key(.lou), .key(.li), .passkey(.lou)]))
        for other in [Signer.ana, .dan, .kim] {
            for means in [Means.key(other), .passkey(other)] {
                try expectTooFew(Revision(means: [.key(.lou), .key(.li), means]))
            }
        }
        let chain = try chain()
        for means in [Means.key(.rui), .passkey(.rui)] {
            try chain.expect(
                .unknownKey, try Revision(means: [.key(.lou), .key(.li), means]).statements())
        }
        try chain.expect(
            .unauthorized("\(SignOffRefusal.unsignedByAuthor(Signer.lou.person))"),
            try Revision(means: [.key(.li), .key(.sam)]).statements())
    }

    @Test func `statements of another kind or byte sign off nothing`() throws {
        let chain = try chain()
        try chain.expect(
            .invalid("another kind of statement"), try Revision(type: .people).statements())
        var doubled = try Revision().statements()
        doubled.envelopes += try Revision(number: 2).statements().envelopes
        try chain.expect(.invalid("more than one statement"), doubled)
        let passkeys = [Means.passkey(.lou), .passkey(.li), .passkey(.sam)]
        for means in [Revision().means, passkeys] {
            var changed = try Revision(means: means).statements()
            changed.envelopes = try Revision(number: 2).statements().envelopes.map {
                Envelope(
                    payloadType: $0.payloadType, payload: $0.payload,
                    signatures: changed.envelopes[0].signatures)
            }
            try chain.expect(
                .invalid("\(SignOffRefusal.badSignature(Signer.lou.person))"), changed)
        }
    }

    @Test func `the first revision is signed off by an author with the role alone`() throws {
        var chain = try OrderedChain()
        try expectTooFew(
            Revision(author: .ana, means: [.key(.ana)], after: nil), in: chain)
        let effect = try chain.order(
            try Revision(means: [.key(.lou)], after: nil).statements())
        #expect(effect == .changed)
        #expect(chain.state.revision == (try Self.digest(1)))
    }

    @Test func `the only person of an organisation signs off later revisions alone`() throws {
        var chain = try OrderedChain(people: [.li], revision: Self.before)
        let effect = try chain.order(
            try Revision(author: .li, means: [.passkey(.li)]).statements())
        #expect(effect == .changed)
        #expect(chain.state.revision == (try Self.digest(1)))
    }
}
