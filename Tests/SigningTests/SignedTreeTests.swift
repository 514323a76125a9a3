import InterlockCredentials
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockSigning

private typealias Values = SigningValues

@Suite(.requirement("R097")) struct SignedTreeTests {
    private func refusal(
        _ tree: SignedTree, _ request: SignerRequest, at now: Timestamp = Values.now
    ) -> SignerRefusal.Code? {
        var tree = tree
        do throws(SignerRefusal) {
            _ = try tree.decide(request, at: now, Values.tree)
            return nil
        } catch { return error.code }
    }

    @Test func `a tree grows by leaves, and a repetition is signed again`() throws {
        var tree = Values.signed(3)
        let growth = Values.growth(3, 8)
        let first = try tree.decide(.growth(growth), at: Values.now, Values.tree)
        #expect(first == .checkpoint(text: growth.head.text, isNew: true))
        #expect(tree.head == growth.head)
        let again = try tree.decide(.growth(growth), at: Values.now, Values.tree)
        #expect(again == .checkpoint(text: growth.head.text, isNew: false))
        let empty = try tree.decide(.growth(Values.growth(8, 8)), at: Values.now, Values.tree)
        #expect(empty == .checkpoint(text: growth.head.text, isNew: false))
        #expect(tree == Values.signed(8))
    }

    @Test func `a tree that does not extend the last one is refused`() {
        let tree = Values.signed(8)
        let other = Values.leaf(99)
        func growth(_ from: UInt64, _ leaves: [Digest], _ root: Digest) -> SignerRequest {
            .growth(TreeGrowth(origin: Values.origin, from: from, leafHashes: leaves, root: root))
        }
        // Smaller, of equal size with another root, larger from a smaller size, and a root that is not of the leaves.
        #expect(refusal(tree, .growth(Values.growth(3, 7))) == .fork)
        #expect(refusal(tree, growth(8, [], other)) == .fork)
        #expect(refusal(tree, growth(7, [other], other)) == .fork)
        #expect(refusal(tree, .growth(Values.growth(3, 12))) == .fork)
        #expect(refusal(tree, growth(8, [Values.leaf(8)], other)) == .fork)
        #expect(refusal(tree, .growth(Values.growth(9, 10))) == .gap)
        #expect(
            refusal(tree, .growth(Values.growth(8, 9, origin: "acme.example/gw2/2026"))) == .foreign
        )
    }

    @Test func `heads are signed of trees that were signed`() throws {
        var tree = Values.signed(8)
        func heads(_ size: UInt64, _ root: Digest, origin: String = Values.origin)
            -> SignedHeads.Statement
        {
            SignedHeads.Statement(origin: origin, size: size, root: root, heads: Values.leaf(1))
        }
        let good = heads(8, tree.head.root)
        let action = try tree.decide(.heads(good), at: Values.now, Values.tree)
        #expect(action == .heads(text: good.text))
        #expect(good.text.hasPrefix("interlock/heads/1\n\(Values.origin)\n8\n"))
        #expect(refusal(tree, .heads(heads(8, Values.leaf(5)))) == .fork)
        #expect(refusal(tree, .heads(heads(9, tree.head.root))) == .fork)
        #expect(refusal(tree, .heads(heads(8, tree.head.root, origin: "other"))) == .foreign)
    }

    @Test func `a statement is of this log and of now`() throws {
        let tree = Values.signed(8)
        func alive(
            _ seconds: Int, size: UInt64 = 8, origin: String = Values.origin
        ) throws -> SignerRequest {
            let time = Values.now + .seconds(seconds)
            return .statement(
                try NodeStatement(
                    .alive, try Values.alive(at: time, size: size, origin: origin)))
        }
        #expect(try refusal(tree, alive(0)) == nil)
        #expect(try refusal(tree, alive(59)) == nil)
        #expect(try refusal(tree, alive(61)) == .late)
        #expect(try refusal(tree, alive(-61)) == .late)
        #expect(try refusal(tree, alive(0, size: 9)) == .gap)
        #expect(try refusal(tree, alive(0, origin: "other")) == .foreign)
    }

    /// Random growths, forks, gaps and repetitions: each size has one root at most, and sizes never fall.
    @Test func `no requests get two roots of one size signed`() throws {
        var random = SeededGenerator.announced()
        var sizes = 0
        for _ in 0..<rounds(50) {
            var tree = Values.signed(0)
            var signed: [UInt64: Digest] = [:]
            var history: [Digest] = []
            var last: TreeGrowth?
            for _ in 0..<60 {
                let from = max(0, history.count + Int.random(in: -3...1, using: &random))
                var leaves = Array(history.prefix(from))
                while leaves.count < from { leaves.append(Values.leaf(leaves.count)) }
                let count = Int.random(in: 0...5, using: &random)
                for _ in 0..<count {
                    leaves.append(Values.leaf(Int.random(in: 0...1_000_000, using: &random)))
                }
                var range = CompactRange()
                for hash in leaves { range.append(hash, Values.tree) }
                var growth = TreeGrowth(
                    origin: Values.origin, from: UInt64(from),
                    leafHashes: Array(leaves.dropFirst(from)), root: range.root(Values.tree))
                if let last, Int.random(in: 0..<4, using: &random) == 0 { growth = last }
                let before = tree.size
                let action = try? tree.decide(.growth(growth), at: Values.now, Values.tree)
                guard action != nil else {
                    #expect(tree.size == before)
                    continue
                }
                #expect(tree.size >= before)
                #expect(tree.head == growth.head)
                let known = signed[tree.size] ?? growth.root
                #expect(known == growth.root)
                signed[tree.size] = growth.root
                if tree.size > before { history = leaves }
                last = growth
            }
            sizes += signed.count
        }
        // A round alone can grow seldom.
        #expect(sizes > 3 * rounds(50))
    }

    @Test func `a slot is read back, and anything else is none`() throws {
        let tree = Values.signed(77)
        let slot = try #require(tree.slot(Values.note(tree.head), number: 5))
        func read(_ bytes: [UInt8], _ keys: [PublicKey] = [Values.key.publicKey]) -> SignedTree? {
            SignedTree(
                slot: TreeSlot(bytes), keys: keys, verifier: OpenSSLVerifier(),
                hashing: Values.hashing)
        }
        #expect(slot.count == TreeSlot.byteCount)
        #expect(read(slot) == tree)
        #expect(read(slot, []) == nil)
        #expect(read(Array(slot.dropLast())) == nil)
        #expect(read([UInt8](repeating: 0, count: TreeSlot.byteCount)) == nil)
        for place in stride(from: 0, to: slot.count, by: 7) {
            var torn = slot
            torn[place] ^= 1
            #expect(read(torn) == nil, "byte \(place)")
        }
        let other = try #require(tree.slot(Values.note(Values.signed(76).head), number: 5))
        #expect(read(other) == nil)
        #expect(tree.slot([UInt8](repeating: 0x61, count: TreeSlot.byteCount), number: 5) == nil)
    }
}
