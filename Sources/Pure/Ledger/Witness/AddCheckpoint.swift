package import InterlockModel

/// The request of a log to a witness (C2SP tlog-witness, `add-checkpoint`): `old <size>`, a consistency proof from that
/// size, an empty line, and the signed checkpoint.
package struct AddCheckpoint: Hashable, Sendable {
    /// The size that the log assumes the witness to remember, or 0 for none.
    package let oldSize: UInt64
    package let proof: [Digest]
    package let note: SignedNote
    package let checkpoint: Checkpoint
    /// The bytes of the note as they were sent.
    package let noteBytes: [UInt8]

    package static let maximumBytes = 512 << 10
    package static let maximumProofLines = 63

    /// Rejects a malformed body, and an old size above that of the checkpoint; a witness answers both with 400.
    package init(parsing bytes: [UInt8]) throws(AddCheckpointError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLarge }
        var rest = bytes[...]
        guard let first = Self.line(&rest), first.hasPrefix("old "),
            let oldSize = UInt64(first.dropFirst(4)), first == "old \(oldSize)"
        else { throw .badOldSize }
        var proof: [Digest] = []
        while true {
            guard let line = Self.line(&rest) else { throw .badProof }
            if line.isEmpty { break }
            guard proof.count < Self.maximumProofLines else { throw .proofTooLong }
            guard let hash = Digest(base64: line) else { throw .badProof }
            proof.append(hash)
        }
        noteBytes = Array(rest)
        do throws(NoteError) {
            note = try SignedNote(parsing: noteBytes)
            checkpoint = try Checkpoint(text: note.text)
        } catch {
            throw .badCheckpoint(error)
        }
        guard oldSize <= checkpoint.size else { throw .oldSizeAboveCheckpoint }
        self.oldSize = oldSize
        self.proof = proof
    }

    /// Returns the request body for a note. It checks nothing, because the witness does.
    package static func body(oldSize: UInt64, proof: [Digest], note: [UInt8]) -> [UInt8] {
        let lines = ["old \(oldSize)"] + proof.map(\.base64) + [""]
        return Array(lines.map { $0 + "\n" }.joined().utf8) + note
    }

    package var bytes: [UInt8] {
        Self.body(oldSize: oldSize, proof: proof, note: noteBytes)
    }

    /// The maximum length of a line before the note, none of which exceeds a base64 hash.
    private static let maximumLineBytes = 64

    private static func line(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard let end = rest.prefix(maximumLineBytes).firstIndex(of: UInt8(ascii: "\n")),
            let text = String(validating: rest[..<end], as: UTF8.self)
        else { return nil }
        rest = rest[(end + 1)...]
        return text
    }
}

package enum AddCheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooLarge
    case badOldSize
    case badProof
    case proofTooLong
    case badCheckpoint(NoteError)
    case oldSizeAboveCheckpoint

    package var description: String {
        switch self {
        case .tooLarge: "the body is above \(AddCheckpoint.maximumBytes) bytes"
        case .badOldSize: "the first line is not `old` and a size"
        case .badProof: "the proof is not lines of base64 hashes and an empty line"
        case .proofTooLong: "the proof has more than \(AddCheckpoint.maximumProofLines) lines"
        case .badCheckpoint: "what follows the proof is no signed checkpoint"
        case .oldSizeAboveCheckpoint: "the old size is above the checkpoint's"
        }
    }
}
