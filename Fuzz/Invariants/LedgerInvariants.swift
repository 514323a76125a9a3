import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel

extension Invariants {
    /// A stored record is its own canonical form, and no record crashes the checker of a log.
    package static func leaf(_ bytes: [UInt8]) {
        let scan = LeafScan(bytes[...])
        guard let record = try? StoredRecord(parsing: bytes) else { return }
        precondition(JSONValue.isCanonical(bytes), "a record is canonical")
        if let scan {
            for name in ["t", "run", "agent"] as [StaticString] {
                precondition(
                    scan.text(name) == record.object["\(name)"]?.string, "one reading of a text")
            }
            precondition(scan.integer("ts") == record.object["ts"]?.integer, "of a number too")
        }
        _ = record.commitments
        var checker = LogChecker()
        let leaf = Leaf(stored: bytes, hashing: OpenSSLHashing())
        precondition(Array(leaf.bytes) == bytes, "a leaf keeps the stored bytes")
        try? checker.add(record, hash: leaf.hash)
        try? checker.add(record, hash: leaf.hash)
    }

    /// An accepted frame is written again to the same bytes. The checksum is corrected first, so that the fields after
    /// it are reached.
    package static func frame(_ bytes: [UInt8]) {
        guard let header = FrameHeader(bytes) else { return }
        let end =
            FrameHeader.size + header.recordBytes + header.blobBytes + header.checkpointBytes
        guard bytes.count >= end else { return }
        var whole = Array(bytes[..<end])
        let checksum = CRC32C.checksum(whole.span)
        for shift in [24, 16, 8, 0] as [UInt32] {
            whole.append(UInt8(truncatingIfNeeded: checksum >> shift))
        }
        whole.append(contentsOf: repeatElement(0, count: header.paddedSize - whole.count))
        guard let frame = Frame(whole) else { return }
        var blobs: [UInt8] = []
        for blob in frame.blobs { BlobPack.append(blob, to: &blobs) }
        let bundle = EntryBundle.encode(frame.records.map(Array.init))
        let again = Frame.encode(
            use: header.use, first: header.first,
            records: .init(count: frame.records.count, bytes: bundle.count),
            blobs: .init(count: frame.blobs.count, bytes: blobs.count),
            checkpoint: frame.checkpoint
        ) { $0 += bundle + blobs }
        precondition(again == whole, "a frame is written as it was read")
    }

    /// Input that a witness reads has one spelling: a trust policy once it is written canonically, a request to the
    /// byte. No line below a note crashes the reader of cosignatures.
    package static func witness(_ bytes: [UInt8]) {
        let hashing = OpenSSLHashing()
        if let policy = try? TrustPolicy(parsing: bytes, hashing: hashing) {
            let written = Array(policy.text.utf8)
            let again = try? TrustPolicy(parsing: written, hashing: hashing)
            precondition(again == policy, "a trust file is read as it was written")
            precondition(
                policy.isSatisfied { _ in true }, "all witnesses together are a quorum")
            for witness in policy.witnesses {
                let left = policy.removing(witness.name)
                precondition(left != nil, "a witness can be removed")
                precondition(
                    (try? TrustPolicy(parsing: Array((left?.text ?? "").utf8), hashing: hashing))
                        == left, "what is left is a trust file")
            }
            if let note = try? SignedNote(parsing: bytes) {
                _ = try? policy.isSatisfied(by: note, OpenSSLVerifier())
            }
        }
        guard let request = try? AddCheckpoint(parsing: bytes) else { return }
        precondition(request.bytes == bytes, "a request is written as it was read")
        let rules = WitnessRules(
            policy: TrustPolicy(logs: []), hashing: hashing, verifier: OpenSSLVerifier())
        try? rules.extend(nil, by: request)
        try? rules.extend(request.checkpoint, by: request)
    }

    /// Notes, checkpoints, keys and tile paths have one spelling.
    package static func note(_ bytes: [UInt8]) {
        let hashing = OpenSSLHashing()
        let text = String(decoding: bytes.prefix(1024), as: UTF8.self)
        if let path = TilePath(text) {
            precondition(path.description == text, "a tile path has one spelling")
        }
        if let key = VerifierKey(text, hashing: hashing) {
            precondition(
                VerifierKey(key.description, hashing: hashing) == key, "a key is read back")
        }
        guard let note = try? SignedNote(parsing: bytes) else { return }
        precondition(!note.signatures.isEmpty && note.text.hasSuffix("\n"), "a note is signed")
        precondition(bytes.starts(with: Array(note.text.utf8)), "the text begins the note")
        try? note.verify([], OpenSSLVerifier())
        guard let head = try? Checkpoint(text: note.text) else { return }
        precondition(note.text.hasPrefix(head.text), "a checkpoint is written as it was read")
    }
}
