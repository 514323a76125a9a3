import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// A node that follows the chain: what it fetches, where it stops, and what it takes for a fork.
@Suite struct ChainFollowerTests {
    private func ends(_ count: UInt8) throws -> ClusterChain {
        var chain = try ClusterChain()
        for number in 0..<count { try chain.append(.end(ClusterOrganisation.request(number))) }
        return chain
    }

    private func receive(
        _ rows: ArraySlice<StoredEntry>, _ follower: inout ChainFollower, _ chain: ClusterChain
    ) -> [ChainFollower.Action] {
        follower.receive(Array(rows), verifier: chain.organisation.verifier)
    }

    @Test func `however rows are cut, doubled and repeated, the state is the same`() throws {
        var random = SeededGenerator.announced()
        let chain = try ends(12)
        let whole = try chain.follower()
        for _ in 0..<rounds(100) {
            var follower = ChainFollower(try chain.first())
            var applied = 0
            while follower.head != whole.head {
                let start = Int.random(in: 0...Int(follower.head.number) + 1, using: &random)
                let end = Int.random(in: start...chain.rows.count, using: &random)
                let actions = receive(chain.rows[start..<end], &follower, chain)
                applied += actions.count
            }
            #expect(follower.state == whole.state && follower.status == .following)
            #expect(applied == chain.rows.count - 1, "each entry is applied once")
        }
    }

    @Test func `a gap is fetched, and a head that is further too`() throws {
        let chain = try ends(3)
        var follower = ChainFollower(try chain.first())
        let gap = receive(chain.rows[2...], &follower, chain)
        #expect(gap == [.fetch(after: 0)])
        let head = try #require(chain.head)
        let further = follower.compare(head)
        #expect(further == [.fetch(after: 0)] && follower.status == .following)
        _ = receive(chain.rows[1...], &follower, chain)
        let same = follower.compare(head)
        #expect(same.isEmpty)
    }

    @Test func `another entry with a known number is a fork, in a row and in a head`() throws {
        let chain = try ends(3)
        var other = chain
        other.lose(1)
        try other.append(.end(ClusterOrganisation.request(9)))
        var first = try chain.follower()
        let actions = receive(other.rows[3...], &first, chain)
        #expect(actions == [.haltOrganisation(.forked(3))])
        #expect(first.status == .broken(.forked(3)) && !first.isSound)
        var second = try chain.follower()
        let found = second.compare(try #require(other.head))
        #expect(found == [.haltOrganisation(.forked(3))])
        // Nothing brings it back.
        let later = receive(chain.rows[1...], &second, chain)
        #expect(later.isEmpty && second.status == .broken(.forked(3)))
    }

    @Test func `a head too long ago is compared with the node's own copy`() throws {
        let chain = try ends(2)
        // A follower that starts at the newest entry remembers that one alone.
        var follower = ChainFollower(try chain.follower().state)
        let old = ChainHead(number: 0, digest: try #require(chain.rows[0].digest))
        let asked = follower.compare(old)
        #expect(asked == [.compare(old)])
        let same = follower.compared(old, own: old.digest)
        #expect(same.isEmpty && follower.status == .following)
        let unreadable = follower.compared(old, own: nil)
        #expect(unreadable == [.haltOrganisation(.forked(0))])
    }

    @Test func `an entry of another version stops the node, and what follows is not applied`()
        throws
    {
        var chain = try ends(1)
        let row = try chain.append(.end(ClusterOrganisation.request(2)))
        try chain.append(.end(ClusterOrganisation.request(3)))
        let envelope = try Envelope(parsing: try #require(row.body))
        let text = String(decoding: envelope.payload, as: UTF8.self)
            .replacing("\"kind\":\"end\"", with: "\"kind\":\"rekey\"")
        let body = chain.organisation.sign(
            .control, Array(text.utf8), [ClusterOrganisation.keys(1).log]
        ).bytes
        var unknown = row
        unknown.kind = "rekey"
        unknown.body = body
        unknown.digest = ChainEntry.digest(
            after: try #require(row.previous), body: body, hashing: WeakHashing())
        var follower = ChainFollower(try chain.first())
        let actions = receive([chain.rows[1], unknown, chain.rows[3]], &follower, chain)
        #expect(actions.count == 2 && actions.last == .stop(2, kind: "rekey"))
        #expect(follower.status == .stuck(2, kind: "rekey") && !follower.isSound)
        #expect(follower.head.number == 1)
    }

    @Test func `a node that has not loaded the revision in force is not sound`() throws {
        let first = WeakHashing().sha256([1])
        let second = WeakHashing().sha256([2])
        let organisation = ClusterOrganisation([
            (1, .revision(first, after: nil)), (2, .revision(second, after: first)),
        ])
        var chain = try ClusterChain(organisation)
        try chain.append(.revision, [organisation.statement(1)], subject: "policy")
        try chain.append(.revision, [organisation.statement(2)], subject: "policy")
        var follower = ChainFollower(try chain.first())
        // A revision that was replaced since need not be loaded.
        let actions = receive(chain.rows[1...], &follower, chain)
        #expect(actions.last == .drain(second) && actions.count == 3)
        #expect(!follower.isSound)
        follower.load(first)
        #expect(!follower.isSound)
        follower.load(second)
        #expect(follower.isSound)
        follower.unload(allBut: [])
        #expect(!follower.isSound)
    }
}
