import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// A new generation of the store: when it is opened, what is put back, and what is a fork.
@Suite struct GenerationTests {
    private let old = StoreGeneration("1/100")
    private let new = StoreGeneration("2/200")

    private func report(
        _ node: Int, _ generation: StoreGeneration, _ applied: Int64, isGone: Bool = false,
        digest: Digest? = nil
    ) -> GenerationGate.Report {
        GenerationGate.Report(
            node: ClusterOrganisation.name(node), isGone: isGone, generation: generation,
            applied: ChainHead(number: applied, digest: digest ?? self.digest(applied)))
    }

    private func digest(_ number: Int64) -> Digest { WeakHashing().sha256([UInt8(number)]) }

    /// The verdict of a store with the entries up to `head`.
    private func judge(_ head: Int64?, _ reports: [GenerationGate.Report]) -> GenerationGate.Verdict
    {
        GenerationGate.judge(
            new, head: head, reports: reports,
            digest: { $0 <= head ?? -1 ? digest($0) : nil })
    }

    private func ends(_ count: UInt8) throws -> ClusterChain {
        var chain = try ClusterChain()
        for number in 0..<count { try chain.append(.end(ClusterOrganisation.request(number))) }
        return chain
    }

    @Test func `a generation opens when each node that is not gone has sent a heartbeat in it`() {
        let silent = [report(1, new, 3), report(2, old, 3), report(3, old, 9, isGone: true)]
        #expect(
            judge(3, silent) == .wait(for: [ClusterOrganisation.name(2)]))
        let all = [report(1, new, 3), report(2, new, 2), report(3, old, 9, isGone: true)]
        #expect(judge(3, all) == .open && judge(4, all) == .open)
    }

    @Test func `a store with less than a node has applied waits for what was lost`() {
        let reports = [report(1, new, 3), report(2, new, 5), report(3, new, 5)]
        #expect(
            judge(3, reports)
                == .behind(head: 3, need: 5, holders: [2, 3].map(ClusterOrganisation.name)))
        #expect(
            judge(nil, [report(1, new, 0)])
                == .behind(head: -1, need: 0, holders: [ClusterOrganisation.name(1)]))
    }

    @Test func `a head that the store has not closes a generation, and another one is a fork`() {
        let store: (Int64) -> Digest? = { $0 <= 3 ? digest($0) : nil }
        let other = WeakHashing().sha256([99])
        for (head, isUnknown) in [
            (ChainHead(number: 2, digest: digest(2)), false),
            (ChainHead(number: 3, digest: digest(3)), false),
            (ChainHead(number: 4, digest: digest(4)), true),
            (ChainHead(number: 2, digest: other), true),
        ] {
            #expect(GenerationGate.isUnknown(head, digest: store) == isUnknown)
        }
        let reports = [report(1, new, 3), report(2, new, 2, digest: other), report(3, new, 5)]
        #expect(judge(3, reports) == .forked([ClusterOrganisation.name(2)]))
        #expect(
            judge(3, [report(1, new, 3), report(2, new, 2, isGone: true, digest: other)]) == .open)
    }

    // MARK: Repair

    private func plan(
        _ chain: ClusterChain, store: ChainHead?, own: Digest?, rows: ArraySlice<StoredEntry>
    ) throws -> ChainRepair.Plan {
        ChainRepair.plan(
            store: store, own: own, applied: try #require(chain.head), rows: Array(rows),
            hashing: WeakHashing())
    }

    @Test func `exactly what links to the head of the store is put back`() throws {
        let chain = try ends(4)
        let digest = try #require(chain.rows[2].digest)
        let head = ChainHead(number: 2, digest: digest)
        #expect(
            try plan(chain, store: head, own: digest, rows: chain.rows[3...])
                == .put(Array(chain.rows[3...])))
        #expect(try plan(chain, store: nil, own: nil, rows: chain.rows[...]) == .put(chain.rows))
        #expect(try plan(chain, store: chain.head, own: chain.head?.digest, rows: []) == .nothing)
        let further = ChainHead(number: 9, digest: digest)
        #expect(try plan(chain, store: further, own: nil, rows: []) == .nothing)
    }

    @Test func `another head is a fork, and a copy with holes puts nothing back`() throws {
        let chain = try ends(4)
        let digest = try #require(chain.rows[2].digest)
        let head = ChainHead(number: 2, digest: digest)
        let other = WeakHashing().sha256([1])
        #expect(try plan(chain, store: head, own: other, rows: chain.rows[3...]) == .forked(2))
        #expect(try plan(chain, store: head, own: nil, rows: chain.rows[3...]) == .incomplete(2))
        #expect(
            try plan(chain, store: head, own: digest, rows: chain.rows[4...]) == .incomplete(3))
        #expect(
            try plan(chain, store: head, own: digest, rows: chain.rows[3..<4]) == .incomplete(4))
        var dropped = chain
        dropped.drop(4)
        #expect(
            try plan(dropped, store: head, own: digest, rows: dropped.rows[3...])
                == .incomplete(4))
    }

    @Test func `the store takes a row once, in order and whole`() throws {
        let chain = try ends(2)
        let hashing = WeakHashing()
        var head: ChainHead?
        for row in chain.rows {
            let next = ChainRepair.accepted(row, after: head, hashing: hashing)
            #expect(next?.number == row.number)
            #expect(ChainRepair.accepted(row, after: next, hashing: hashing) == nil)
            var edited = row
            edited.body = try #require(row.body) + [0x20]
            #expect(ChainRepair.accepted(edited, after: head, hashing: hashing) == nil)
            head = next
        }
        #expect(head == chain.head)
    }

    // MARK: One node

    @Test func `the first answer of an open generation renews, and one of a new one compares`()
        throws
    {
        let chain = try ends(2)
        let follower = try chain.follower()
        let head = follower.head
        var node = GenerationFollower()
        #expect(!node.isOpen)
        let first = node.answer(old, isOpen: true, head: chain.head, sent: head, follower)
        #expect(first == [.renew] && node.isOpen)
        let closed = node.answer(new, isOpen: false, head: chain.head, sent: head, follower)
        #expect(closed == [.begin(new)] && !node.isOpen)
        let again = node.answer(new, isOpen: false, head: chain.head, sent: head, follower)
        #expect(again.isEmpty)
        let open = node.answer(new, isOpen: true, head: chain.head, sent: head, follower)
        #expect(open == [.renew] && node.isOpen)
        // A heartbeat of a node that knows more has closed it.
        let shut = node.answer(new, isOpen: false, head: chain.head, sent: head, follower)
        #expect(shut.isEmpty && !node.isOpen)
    }

    @Test func `an answer of a generation that ended counts for nothing`() throws {
        let chain = try ends(1)
        let follower = try chain.follower()
        let head = follower.head
        var node = GenerationFollower()
        _ = node.answer(old, isOpen: true, head: chain.head, sent: head, follower)
        _ = node.answer(new, isOpen: true, head: chain.head, sent: head, follower)
        let deposed = node.answer(old, isOpen: true, head: chain.head, sent: head, follower)
        #expect(deposed == [.ignore] && node.status == .open(new))
    }

    @Test func `a lower head is repaired, a higher one fetched, another one a fork`() throws {
        let chain = try ends(3)
        let follower = try chain.follower()
        let lower = ChainHead(number: 2, digest: try #require(chain.rows[2].digest))
        let higher = ChainHead(number: 7, digest: lower.digest)
        let other = ChainHead(number: 2, digest: WeakHashing().sha256([1]))
        let head = follower.head
        var node = GenerationFollower()
        _ = node.answer(old, isOpen: true, head: chain.head, sent: head, follower)
        // Within one generation an answer is only older than what came since.
        let late = node.answer(old, isOpen: true, head: lower, sent: lower, follower)
        #expect(late == [.renew])
        let sunk = node.answer(old, isOpen: true, head: lower, sent: head, follower)
        #expect(sunk == [.repair(after: lower)] && !node.isOpen, "it had more when it asked")
        let back = node.answer(old, isOpen: true, head: head, sent: head, follower)
        #expect(back == [.renew] && node.isOpen)
        let lost = node.answer(new, isOpen: true, head: lower, sent: head, follower)
        #expect(lost == [.begin(new), .repair(after: lower)] && !node.isOpen)
        let empty = node.answer(new, isOpen: true, head: nil, sent: head, follower)
        #expect(empty == [.repair(after: nil)])
        let fork = node.answer(new, isOpen: true, head: other, sent: head, follower)
        #expect(fork == [.forked(2)] && !node.isOpen)
        let more = node.answer(new, isOpen: true, head: higher, sent: head, follower)
        #expect(more == [.fetch(after: 3), .renew])
    }

    /// Each of some nodes has applied a part of the chain, and the store has lost its end: what the nodes put back is what
    /// the furthest of them had.
    @Test func `what nodes put back is what the furthest of them had applied`() throws {
        var random = SeededGenerator.announced()
        let chain = try ends(10)
        let hashing = WeakHashing()
        for _ in 0..<rounds(200) {
            let applied = (0..<3).map { _ in Int.random(in: 0...10, using: &random) }
            var store = Array(chain.rows.prefix(Int.random(in: 1...11, using: &random)))
            let before = store.count
            for place in [0, 1, 2].shuffled(using: &random) {
                let own = applied[place]
                let head = ChainHead(
                    number: Int64(store.count - 1), digest: try #require(store.last?.digest))
                let ownHead = ChainHead(
                    number: Int64(own), digest: try #require(chain.rows[own].digest))
                let copy = chain.rows.prefix(own + 1)
                let plan = ChainRepair.plan(
                    store: head, own: copy.dropFirst(store.count - 1).first?.digest,
                    applied: ownHead, rows: Array(copy.dropFirst(store.count)), hashing: hashing)
                switch plan {
                case .nothing: break
                case .put(let rows): store += rows
                case .forked, .incomplete: Issue.record("\(plan)")
                }
            }
            #expect(store.count == max(before, (applied.max() ?? 0) + 1))
            #expect(store == Array(chain.rows.prefix(store.count)))
        }
    }
}
