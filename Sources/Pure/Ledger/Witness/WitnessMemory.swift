package import InterlockModel

/// The state that a witness keeps for one origin: the last checkpoint that it cosigned, as a note that may be
/// published. Its stored form is the note itself.
package struct WitnessMemory: Hashable, Sendable {
    package let checkpoint: Checkpoint
    /// The note of the log with the signature line of this witness.
    package let note: [UInt8]

    /// Creates the state after an accepted request, and cosigns the checkpoint.
    ///
    /// - Parameter keys: the keys of the log. Anyone can add further lines to a note, so all other lines are dropped.
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

    /// Parses the stored form, which must contain the witness's own signature line.
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

    /// The response body: the line of the cosignature.
    package let answer: String

    /// Returns the name under which an origin is stored and displayed: the SHA-256 in hexadecimal.
    package static func name(of origin: String, _ hashing: any Hashing) -> String {
        hashing.sha256(Array(origin.utf8)).hex
    }
}
