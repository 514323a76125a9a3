package import InterlockModel

/// What a witness keeps of one origin: the last checkpoint that it cosigned, as the note that it may
/// show to anybody. Its stored form is the note itself.
package struct WitnessMemory: Hashable, Sendable {
    package let checkpoint: Checkpoint
    /// The log's note with this witness's line under it.
    package let note: [UInt8]

    /// After an accepted request: cosigned now.
    ///
    /// - Parameter keys: of the log. Anybody can put further lines under a note; none is kept.
    package init(
        accepting request: AddCheckpoint, keys: [VerifierKey], at time: UInt64,
        by key: CosignerKey, sign: ([UInt8]) -> [UInt8]
    ) {
        checkpoint = request.checkpoint
        let cosignature = Cosignature(of: request.note.text, at: time, by: key, sign: sign)
        answer = cosignature.line
        let lines = keys.compactMap { key in
            request.note.signatures.first { $0.name == key.name && $0.id == key.id }
        }.prefix(SignedNote.maximumSignatures - 1).map {
            SignedNote.line(name: $0.name, id: $0.id, $0.bytes)
        }
        note = Array((request.note.text + "\n" + lines.joined() + cosignature.line).utf8)
    }

    /// Reads the stored form; the witness's own line must be under it.
    package init(
        stored bytes: [UInt8], key: CosignerKey, verifier: any SignatureVerifier
    ) throws(NoteError) {
        let note = try SignedNote(parsing: bytes)
        var own: Cosignature?
        for line in note.signatures {
            own = try Cosignature(line, under: note.text, by: key, verifier) ?? own
        }
        guard let own else { throw .noKnownSignature }
        checkpoint = try Checkpoint(text: note.text)
        self.note = bytes
        answer = own.line
    }

    /// The body of the answer: the cosignature's line.
    package let answer: String

    /// The name under which an origin is kept and shown: hex SHA-256.
    package static func name(of origin: String, _ hashing: any Hashing) -> String {
        hashing.sha256(Array(origin.utf8)).hex
    }
}
