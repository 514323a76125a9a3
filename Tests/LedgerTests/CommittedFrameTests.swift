import InterlockCredentials
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@Suite struct CommittedFrameTests {
    @Test func `every receipt of a frame proves its record against the frame's own checkpoint`()
        throws
    {
        let secret = try #require(Ed25519PrivateKey(seed: Array(0..<32)))
        let key = try #require(
            VerifierKey(
                name: "test.example/gw1/2026", publicKey: secret.publicKey.bytes, hashing: hashing))
        let signer = LogKey(name: key.name, publicKey: secret.publicKey) { secret.sign($0) }
        var random = SeededGenerator("receipts")
        var range = CompactRange()
        for _ in 0..<60 {
            let before = range
            let count = Int.random(in: 1...40, using: &random)
            let hashes = (0..<count).map { tree.leaf(TestTiles.entry(Int(range.size) + $0)) }
            for hash in hashes { range.append(hash, tree) }
            let head = Checkpoint(origin: key.name, size: range.size, root: range.root(tree))
            let frame = CommittedFrame(
                before: before, leafHashes: hashes, checkpoint: head.signed(id: key.id, by: signer))
            for (place, hash) in hashes.enumerated() {
                let receipt = Receipt(
                    index: before.size + UInt64(place), leafHash: hash, frame: frame)
                let proof = try #require(receipt.proof(tree))
                let read = try TlogProof(parsing: proof.encoded())
                #expect(
                    try read.check(leafHash: hash, key: key, verifier: OpenSSLVerifier(), tree)
                        == head)
            }
            #expect(frame.proof(of: range.size, tree) == nil)
            if before.size > 0 { #expect(frame.proof(of: before.size - 1, tree) == nil) }
        }
    }

    @Test func `hashes behind the tiles are part of the tree that is read`() throws {
        let (tiles, writer) = TestTiles.log(of: 1_000)
        var whole = MerkleTree(tree)
        for place in 0..<1_300 { whole.append(tree.leaf(TestTiles.entry(place))) }
        var reader = try TileReader(
            tree, size: 1_000, root: writer.range.root(tree), fetch: tiles.fetch)
        for place in 1_000..<1_300 { reader.append(tree.leaf(TestTiles.entry(place))) }
        #expect(reader.size == 1_300)
        for index in stride(from: UInt64(0), to: 1_300, by: 57) {
            #expect(
                try reader.inclusionProof(index: index, size: 1_300)
                    == whole.inclusionProof(index: index, size: 1_300))
        }
        #expect(
            try reader.consistencyProof(oldSize: 1_000, newSize: 1_300)
                == whole.consistencyProof(oldSize: 1_000, newSize: 1_300))
    }
}
