import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@Suite struct MerkleTests {
    @Test func `the roots of RFC 6962 come out for sizes 0 to 8`() {
        var range = CompactRange()
        var whole = MerkleTree(tree)
        #expect(range.root(tree).hex == RFC6962.roots[0])
        for (place, leaf) in RFC6962.leaves.enumerated() {
            range.append(tree.leaf(leaf), tree)
            whole.append(tree.leaf(leaf))
            #expect(range.root(tree).hex == RFC6962.roots[place + 1])
            #expect(whole.root(at: UInt64(place + 1))?.hex == RFC6962.roots[place + 1])
        }
    }

    @Test func `a leaf and a node hash as published`() throws {
        #expect(
            tree.leaf(Array("L123456".utf8)).hex
                == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56")
        // The published node is computed over the texts themselves, not over two hashes.
        #expect(
            hashing.sha256([0x01] + Array("N123N456".utf8)).hex
                == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb")
    }

    @Test func `random trees agree with a naive recursion in root and every proof`() throws {
        var random = SeededGenerator("random trees")
        let some = (0..<4).map { _ in Int.random(in: 10...120, using: &random) }
        for size in [1, 2, 3, 7, 8, 9] + some {
            var whole = MerkleTree(tree)
            var range = CompactRange()
            var hashes: [Digest] = []
            for _ in 0..<size {
                let leaf = tree.leaf([UInt8.random(in: 0...255, using: &random)])
                hashes.append(leaf)
                whole.append(leaf)
                range.append(leaf, tree)
            }
            let root = naiveRoot(hashes[...])
            #expect(range.root(tree) == root)
            for index in 0..<UInt64(size) {
                let proof = try #require(whole.inclusionProof(index: index, size: UInt64(size)))
                try tree.checkInclusion(
                    index: index, size: UInt64(size), leafHash: hashes[Int(index)].bytes,
                    proof: proof.map(\.bytes), root: root.bytes)
                let old = index + 1
                let grown = try #require(
                    whole.consistencyProof(oldSize: old, newSize: UInt64(size)))
                try tree.checkConsistency(
                    oldSize: old, newSize: UInt64(size), proof: grown.map(\.bytes),
                    oldRoot: naiveRoot(hashes[..<Int(old)]).bytes, newRoot: root.bytes)
            }
        }
    }

    @Test func `in trees of up to 2000 leaves some proofs agree, too`() throws {
        var random = SeededGenerator("larger trees")
        for _ in 0..<12 {
            let size = Int.random(in: 0...2_000, using: &random)
            var whole = MerkleTree(tree)
            let hashes = (0..<size).map { tree.leaf(TestTiles.entry($0)) }
            for hash in hashes { whole.append(hash) }
            #expect(whole.root(at: UInt64(size)) == naiveRoot(hashes[...]))
            for _ in 0..<8 where size > 0 {
                let shown = Int.random(in: 1...size, using: &random)
                let root = naiveRoot(hashes[..<shown])
                let index = Int.random(in: 0..<shown, using: &random)
                #expect(
                    whole.inclusionProof(index: UInt64(index), size: UInt64(shown))
                        == naivePath(index, hashes[..<shown]))
                let old = Int.random(in: 1...shown, using: &random)
                let grown = try #require(
                    whole.consistencyProof(oldSize: UInt64(old), newSize: UInt64(shown)))
                #expect(grown == naiveConsistency(old, hashes[..<shown], isWhole: true))
                try tree.checkConsistency(
                    oldSize: UInt64(old), newSize: UInt64(shown), proof: grown.map(\.bytes),
                    oldRoot: naiveRoot(hashes[..<old]).bytes, newRoot: root.bytes)
            }
        }
    }

    @Test func `a compact range goes on from its peaks as if it had not been cut`() throws {
        var random = SeededGenerator("compact ranges")
        let hashes = (0..<700).map { tree.leaf(TestTiles.entry($0)) }
        for _ in 0..<20 {
            let cut = Int.random(in: 0...hashes.count, using: &random)
            var left = CompactRange()
            for hash in hashes[..<cut] { left.append(hash, tree) }
            var joined = try #require(CompactRange(size: left.size, peaks: left.peaks))
            for hash in hashes[cut...] { joined.append(hash, tree) }
            #expect(joined.root(tree) == naiveRoot(hashes[...]))
            #expect(CompactRange(size: left.size, peaks: left.peaks + [hashes[0]]) == nil)
        }
    }

    @Test func `a record is in one bundle, if the log has it`() {
        for (index, size, bundle) in [
            (0, 0, nil), (0, 1, "tile/entries/000.p/1"), (255, 256, "tile/entries/000"),
            (256, 256, nil), (256, 300, "tile/entries/001.p/44"), (511, 600, "tile/entries/001"),
            (.max, .max, nil), (.max - 1, .max, "tile/entries/x072/x057/x594/x037/x927/935.p/255"),
        ] as [(UInt64, UInt64, String?)] {
            #expect(TilePath(bundleOf: index, size: size)?.description == bundle)
        }
    }

    @Test func `tile paths are written and read in one spelling`() throws {
        let path = try #require(TilePath(level: 0, index: 1_234_067))
        #expect(path.description == "tile/0/x001/x234/067")
        let partial = try #require(TilePath(level: nil, index: 5, width: 12))
        #expect(partial.description == "tile/entries/005.p/12")
        for path in [path, partial] { #expect(TilePath(path.description) == path) }
        for wrong in [
            "tile/0/67", "tile/64/000", "tile/0/000.p/256", "tile/0/000.p/0", "tile/0/x000/001",
            "tile/0/001/002", "tile/00/001", "tile/entries/000.p/01", "tile/0/", "/tile/0/000",
        ] { #expect(TilePath(wrong) == nil, "\(wrong)") }
    }
}

private func naiveRoot(_ hashes: ArraySlice<Digest>) -> Digest {
    guard let first = hashes.first else { return tree.emptyRoot }
    if hashes.count == 1 { return first }
    let middle = naiveSplit(hashes)
    return tree.node(naiveRoot(hashes[..<middle]), naiveRoot(hashes[middle...]))
}

/// RFC 9162, section 2.1.3.1.
private func naivePath(_ index: Int, _ hashes: ArraySlice<Digest>) -> [Digest] {
    if hashes.count == 1 { return [] }
    let middle = naiveSplit(hashes)
    return index < middle - hashes.startIndex
        ? naivePath(index, hashes[..<middle]) + [naiveRoot(hashes[middle...])]
        : naivePath(index - (middle - hashes.startIndex), hashes[middle...])
            + [naiveRoot(hashes[..<middle])]
}

/// RFC 9162, section 2.1.4.1.
private func naiveConsistency(
    _ old: Int, _ hashes: ArraySlice<Digest>, isWhole: Bool
) -> [Digest] {
    if old == hashes.count { return isWhole ? [] : [naiveRoot(hashes)] }
    let middle = naiveSplit(hashes)
    let left = middle - hashes.startIndex
    return old <= left
        ? naiveConsistency(old, hashes[..<middle], isWhole: isWhole)
            + [naiveRoot(hashes[middle...])]
        : naiveConsistency(old - left, hashes[middle...], isWhole: false)
            + [naiveRoot(hashes[..<middle])]
}

private func naiveSplit(_ hashes: ArraySlice<Digest>) -> Int {
    var split = 1
    while split * 2 < hashes.count { split *= 2 }
    return hashes.startIndex + split
}
