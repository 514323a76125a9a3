package import InterlockModel

/// A tree head (C2SP tlog-checkpoint): three lines in a signed note.
package struct Checkpoint: Hashable, Sendable {
    package let origin: String
    package let size: UInt64
    package let root: Digest

    package init(origin: String, size: UInt64, root: Digest) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    package var text: String { "\(origin)\n\(size)\n\(root.base64)\n" }

    /// Parses the text. Extension lines after the third are ignored; we write none.
    package init(text: String) throws(NoteError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4, lines.last == "", !lines.dropLast().contains(""),
            let size = UInt64(lines[1]), String(size) == lines[1],
            let root = Digest(base64: String(lines[2]))
        else { throw .badCheckpoint }
        self.init(origin: String(lines[0]), size: size, root: root)
    }

    /// Parses a note without verifying its signatures: a hint about the log, never evidence.
    package init(unverified note: [UInt8]) throws(NoteError) {
        try self.init(text: try SignedNote(parsing: note).text)
    }

    /// Parses a signed checkpoint of the log that the key belongs to.
    package init(
        signed bytes: [UInt8], key: VerifierKey, verifier: any SignatureVerifier
    ) throws(NoteError) {
        try self.init(signed: bytes, keys: [key], verifier: verifier)
    }

    /// Parses a signed checkpoint of a log that may have several keys, as during a key rotation. The origin must be the
    /// name of a key that signed, and no line of a known key may fail.
    package init(
        signed bytes: [UInt8], keys: [VerifierKey], verifier: any SignatureVerifier
    ) throws(NoteError) {
        let note = try SignedNote(parsing: bytes)
        try self.init(text: note.text)
        try note.verify(keys, verifier)
        let origin = origin
        let isOwn = note.signatures.contains { line in
            line.name == origin && keys.contains { $0.name == origin && $0.id == line.id }
        }
        guard isOwn else { throw .noKnownSignature }
    }

    package func signed(id: UInt32, by signer: some NoteSigner) -> [UInt8] {
        SignedNote.sign(text, id: id, with: signer)
    }
}
