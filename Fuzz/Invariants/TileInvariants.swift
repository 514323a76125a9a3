import InterlockCredentials
import InterlockLedger
import InterlockModel

extension Invariants {
    /// A proof has one spelling, and no proof crashes its check.
    package static func proof(_ bytes: [UInt8]) {
        guard let proof = try? TlogProof(parsing: bytes) else { return }
        precondition(proof.encoded() == bytes, "a proof is written as it was read")
        let tree = TreeHash(OpenSSLHashing())
        guard let note = try? SignedNote(parsing: proof.checkpoint),
            let head = try? Checkpoint(text: note.text)
        else { return }
        for index in [proof.index, head.size &- 1] {
            try? tree.checkInclusion(
                index: index, size: head.size, leafHash: head.root.bytes,
                proof: proof.hashes.map(\.bytes), root: head.root.bytes)
        }
    }

    /// The first line is a file path and the rest its content, as a log's folder may hold it.
    package static func tile(_ bytes: [UInt8]) {
        guard let end = bytes.firstIndex(of: 0x0a),
            let path = TilePath(String(decoding: bytes[..<end], as: UTF8.self))
        else { return }
        precondition(path.end > 0, "a file holds something")
        precondition(path.isPartial || path.full == path, "a full file is its own full form")
        let content = Array(bytes[(end + 1)...])
        if path.level != nil, let hashes = HashTile.decode(content, width: path.width) {
            precondition(HashTile.encode(hashes) == content, "a tile is written as it was read")
        }
        guard let entries = EntryBundle.decode(content, count: path.width) else { return }
        precondition(
            EntryBundle.encode(entries.map(Array.init)) == content,
            "a bundle is written as it was read")
    }
}
