package import InterlockModel

/// A proof that a record is in a log, stored with the record (C2SP tlog-proof): its index, its audit path, and the
/// signed checkpoint that both belong to.
package struct TlogProof: Sendable, Hashable {
    /// Bytes whose meaning only the producer of the proof defines; they are never checked.
    package let extra: [UInt8]?
    package let index: UInt64
    package let hashes: [Digest]
    /// The checkpoint as a signed note, exactly as it was published.
    package let checkpoint: [UInt8]

    package static let header = "c2sp.org/tlog-proof@v1"
    /// The maximum length of the audit path.
    package static let maximumHashes = 63
    package static let maximumExtraBytes = 4 << 10
    package static let maximumBytes = SignedNote.maximumBytes + 16 << 10

    package init(
        index: UInt64, hashes: [Digest], checkpoint: [UInt8], extra: [UInt8]? = nil
    ) {
        self.extra = extra
        self.index = index
        self.hashes = hashes
        self.checkpoint = checkpoint
    }

    /// - Parameter header: if false, the first line is omitted, as `spicy` 0.9.0 requires.
    package func encoded(header: Bool = true) -> [UInt8] {
        var text = header ? Self.header + "\n" : ""
        if let extra { text += "extra \(Base64.encode(extra))\n" }
        text += "index \(index)\n"
        for hash in hashes { text += "\(hash.base64)\n" }
        return Array("\(text)\n".utf8) + checkpoint
    }

    /// Accepts exactly the written form with its header. The checkpoint must have the form of a signed note; `check`
    /// verifies its signature.
    package init(parsing bytes: [UInt8]) throws(TlogProofError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLarge }
        var lines = Lines(bytes)
        guard try lines.next() == Self.header else { throw .badHeader }
        var line = try lines.next()
        extra = try Self.extra(line)
        if extra != nil { line = try lines.next() }
        guard line.hasPrefix("index "), let index = UInt64(line.dropFirst(6)),
            line == "index \(index)"
        else { throw .badIndex }
        self.index = index
        var hashes: [Digest] = []
        while true {
            let line = try lines.next()
            if line.isEmpty { break }
            guard hashes.count < Self.maximumHashes, let hash = Digest(base64: line) else {
                throw .badHash
            }
            hashes.append(hash)
        }
        self.hashes = hashes
        checkpoint = Array(bytes[lines.position...])
        do { _ = try SignedNote(parsing: checkpoint) } catch { throw .badCheckpoint(error) }
    }

    /// Verifies that the record with this leaf hash is in the log of the key, under a checkpoint which that key signed.
    /// - Returns: the checkpoint.
    package func check(
        leafHash: Digest, key: VerifierKey, verifier: any SignatureVerifier, _ tree: TreeHash
    ) throws(TlogProofError) -> Checkpoint {
        let head: Checkpoint
        do {
            head = try Checkpoint(signed: checkpoint, key: key, verifier: verifier)
        } catch { throw .badCheckpoint(error) }
        do {
            try tree.checkInclusion(
                index: index, size: head.size, leafHash: leafHash.bytes,
                proof: hashes.map(\.bytes), root: head.root.bytes)
        } catch { throw .badProof(error) }
        return head
    }

    private static func extra(_ line: String) throws(TlogProofError) -> [UInt8]? {
        guard line.hasPrefix("extra ") else { return nil }
        guard let bytes = Base64.decode(line.dropFirst(6)), bytes.count <= maximumExtraBytes else {
            throw .badExtra
        }
        return bytes
    }
}

package enum TlogProofError: Error, Equatable, Sendable {
    case tooLarge
    /// The first line is not the header.
    case badHeader
    case badExtra
    case badIndex
    case badHash
    /// The text ends before the empty line.
    case truncated
    case badCheckpoint(NoteError)
    case badProof(ProofError)
}

/// Reads the lines that precede the checkpoint.
private struct Lines {
    let bytes: [UInt8]
    private(set) var position = 0
    static let maximumBytes = 8 << 10

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() throws(TlogProofError) -> String {
        let rest = bytes[position...].prefix(Self.maximumBytes)
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { throw .truncated }
        defer { position = end + 1 }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }
}
