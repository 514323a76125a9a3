package import InterlockModel

/// What a witness says of a checkpoint (C2SP tlog-cosignature, `cosignature/v1`): that at `time` this
/// was the largest tree of the log it had seen, and consistent with all before.
package struct Cosignature: Hashable, Sendable {
    package let key: CosignerKey
    /// Seconds since 1970; at most 2^63-1.
    package let time: UInt64
    /// 64 bytes of Ed25519.
    private let signature: [UInt8]

    private static let byteCount = 8 + 64

    /// - Parameters:
    ///   - text: the checkpoint's text, extension lines included, up to and with the last newline.
    ///   - sign: Ed25519 by the key's private half; 64 bytes.
    package init(
        of text: String, at time: UInt64, by key: CosignerKey, sign: ([UInt8]) -> [UInt8]
    ) {
        self.key = key
        self.time = time
        signature = sign(Self.message(text, time))
    }

    /// The cosignature of a known witness that a line under a note holds; nil when the line is
    /// another's.
    ///
    /// - Throws: `badSignature` when the line names the key but the key did not sign.
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

    /// The line under the note, with its newline.
    package var line: String {
        var bytes: [UInt8] = []
        bytes.appendInteger(time, width: 8)
        return SignedNote.line(name: key.name, id: key.id, bytes + signature)
    }

    private static func message(_ text: String, _ time: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n\(text)".utf8)
    }
}
