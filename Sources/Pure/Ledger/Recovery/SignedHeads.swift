package import InterlockModel

/// The file of a log's heads: u32 length of a signed note, the note, the heads. The note's text has five lines:
/// `interlock/heads/1`, origin, size, root, SHA-256 of the heads. Its second line is not a number, so it cannot be
/// mistaken for a checkpoint.
///
/// It is never evidence: the reader must have checked that `size` and `root` belong to the log.
package struct SignedHeads: Sendable, Equatable {
    /// The number of records that the heads cover.
    package let size: UInt64
    package let root: Digest
    package let heads: LogHeads

    package init(size: UInt64, root: Digest, heads: LogHeads) {
        self.size = size
        self.root = root
        self.heads = heads
    }

    static let firstLine = "interlock/heads/1"
    package static let maximumBytes = LogHeads.maximumBytes + 4096

    /// The facts that the note of a file of heads states.
    package struct Statement: Hashable, Sendable {
        package let origin: String
        /// The number of records that the heads cover.
        package let size: UInt64
        package let root: Digest
        /// The SHA-256 of the heads.
        package let heads: Digest

        package init(origin: String, size: UInt64, root: Digest, heads: Digest) {
            self.origin = origin
            self.size = size
            self.root = root
            self.heads = heads
        }

        /// The text that is signed.
        package var text: String { SignedHeads.text(origin, size, root, heads) }
    }

    package func signed(id: UInt32, by signer: any NoteSigner, hashing: any Hashing) -> [UInt8] {
        let body = heads.encoded()
        return file(
            SignedNote.sign(statement(signer.name, body, hashing).text, id: id, with: signer), body)
    }

    /// - Throws: as the signer.
    package func signed(
        origin: String, by signer: any LogSigner, hashing: any Hashing
    ) throws(LogSigningFailure) -> [UInt8] {
        let body = heads.encoded()
        let statement = statement(origin, body, hashing)
        let note = try signer.sign(statement)
        guard (try? SignedNote(parsing: note))?.text == statement.text else {
            throw LogSigningFailure("the signer signed other heads than those asked for")
        }
        return file(note, body)
    }

    private func statement(
        _ origin: String, _ body: [UInt8], _ hashing: any Hashing
    ) -> Statement {
        Statement(origin: origin, size: size, root: root, heads: hashing.sha256(body))
    }

    private func file(_ note: [UInt8], _ body: [UInt8]) -> [UInt8] {
        var file: [UInt8] = []
        file.appendInteger(UInt64(note.count), width: 4)
        return file + note + body
    }

    package enum Fault: Error, Equatable, Sendable {
        case malformed
        /// The note is not signed by a key of this log.
        case badSignature
    }

    /// - Parameter keys: the accepted keys of one log.
    package init(
        parsing file: [UInt8], keys: [VerifierKey], verifier: any SignatureVerifier,
        hashing: any Hashing
    ) throws(Fault) {
        var reader = ByteReader(file, in: 0..<file.count)
        guard let length = reader.integer(4), length <= UInt64(SignedNote.maximumBytes),
            let range = reader.take(Int(length)),
            let note = try? SignedNote(parsing: Array(file[range]))
        else { throw .malformed }
        guard let origin = keys.first?.name, (try? note.verify(keys, verifier)) != nil else {
            throw .badSignature
        }
        let lines = note.text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 6, let size = UInt64(lines[2]),
            let root = Digest(base64: String(lines[3])),
            note.text
                == Self.text(
                    origin, size, root, hashing.sha256(file.span.extracting(range.upperBound...))),
            let heads = LogHeads(decoding: file, in: range.upperBound..<file.count)
        else { throw .malformed }
        self.init(size: size, root: root, heads: heads)
    }

    fileprivate static func text(
        _ origin: String, _ size: UInt64, _ root: Digest, _ body: Digest
    ) -> String {
        "\(firstLine)\n\(origin)\n\(size)\n\(root.base64)\n\(body.base64)\n"
    }
}
