import InterlockCredentials
import InterlockLedger
import InterlockModel
import Testing

@Suite struct RecentGrowthTests {
    private func hash(_ index: Int) -> Digest {
        tree.leaf(Array("\(index)".utf8))
    }

    @Test func `proofs from memory are those of the whole tree, whatever the base`() {
        var whole = MerkleTree(tree)
        for index in 0..<70 { whole.append(hash(index)) }
        for start in 0..<40 {
            var range = CompactRange()
            for index in 0..<start { range.append(hash(index), tree) }
            var growth = RecentGrowth(tree, at: range)
            growth.append((start..<70).map(hash))
            #expect(growth.size == 70)
            for old in max(1, start)...70 {
                for new in [old, (old + 70) / 2, 70] {
                    #expect(
                        growth.consistencyProof(oldSize: UInt64(old), newSize: UInt64(new))
                            == whole.consistencyProof(oldSize: UInt64(old), newSize: UInt64(new)),
                        "from \(old) to \(new) over \(start)")
                }
            }
            #expect(growth.consistencyProof(oldSize: 0, newSize: 70) == [])
            if start > 1 { #expect(growth.consistencyProof(oldSize: 1, newSize: 70) == nil) }
            #expect(growth.consistencyProof(oldSize: 70, newSize: 71) == nil)
        }
    }

    @Test func `the older half is let go of, and what is left still proves`() {
        var whole = MerkleTree(tree)
        var growth = RecentGrowth(tree)
        for start in stride(from: 0, to: RecentGrowth.maximumHashes + 1000, by: 1000) {
            let hashes = (start..<start + 1000).map(hash)
            for hash in hashes { whole.append(hash) }
            growth.append(hashes)
        }
        let size = whole.size
        #expect(growth.size == size)
        #expect(growth.consistencyProof(oldSize: 1000, newSize: size) == nil)
        #expect(
            growth.consistencyProof(oldSize: size - 30_000, newSize: size)
                == whole.consistencyProof(oldSize: size - 30_000, newSize: size))
    }
}
