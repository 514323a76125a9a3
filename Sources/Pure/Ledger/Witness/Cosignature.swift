package import InterlockModel

/// A witness's statement about a checkpoint (C2SP tlog-cosignature, `cosignature/v1`): at `time`, this was the largest
/// tree of the log that the witness had seen, and it was consistent with all earlier ones.
package struct Cosignature: Hashable, Sendable {
    package let key: CosignerKey
    /// The time in seconds since 1970, at most 2^63-1.
    package let time: UInt64
    /// The Ed25519 signature, 64 bytes.
    private let signature: [UInt8]

    private static let byteCount = 8 + 64

    /// - Parameters:
    ///   - text: the checkpoint's text, including extension lines and the last newline.
    ///   - sign: returns the Ed25519 signature by the key's private half, 64 bytes.
    package init(
        of text: String, at time: UInt64, by key: CosignerKey, sign: ([UInt8]) -> [UInt8]
    ) {
        self.key = key
        self.time = time
        signature = sign(Self.message(text, time))
    }

    /// Parses and verifies the cosignature in a line of a note. Is nil if the line belongs to another key.
    ///
    /// - Throws: `badSignature` if the line names the key but does not verify.
    package init?(
        _ line: SignedNote.Signature, under text: String, by key: CosignerKey,
        _ verifier: any SignatureVerifier
    ) throws(NoteError) {
        guard line.name == key.name, line.id == key.id else { return nil }
        var reader = ByteReader(line.bytes, in: 0..<line.bytes.count)
        guard line.bytes.count == Self.byteCount, let time = reader.integer(8),
            time <= UInt64(Int64.max)
        else { throw .badSignature(key.name) }
        let signature = Array(line.bytes.dropFirst(8))
        guard verifier.verifies(signature, of: Self.message(text, time), by: key.publicKey) else {
            throw .badSignature(key.name)
        }
        self.key = key
        self.time = time
        self.signature = signature
    }

    /// The signature line of the note, with its newline.
    package var line: String {
        var bytes: [UInt8] = []
        bytes.appendInteger(time, width: 8)
        return SignedNote.line(name: key.name, id: key.id, bytes + signature)
    }

    private static func message(_ text: String, _ time: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n\(text)".utf8)
    }
}
