import InterlockLedger
import InterlockModel

/// The key in `state/keys/wrap.key` (32 bytes, mode 0400) that wraps bucket keys.
///
/// Each wrap names its key by 8 bytes of a hash, so that two keys can be in use during a change.
struct WrappingKey: Sendable {
    static let wrapKind: UInt8 = 1
    private static let idBytes = 8
    private static let mark = Array("interlock/bw/1".utf8)

    let bytes: [UInt8]
    let id: [UInt8]

    /// - Returns: nil unless there are 32 bytes and not all of them are zero: such a key was wiped on purpose.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == 32, bytes.contains(where: { $0 != 0 }) else { return nil }
        self.bytes = bytes
        id = Array(
            OpenSSLHashing().sha256(Array("interlock/wk/1".utf8) + bytes).bytes
                .prefix(Self.idBytes))
    }

    func wrap(_ key: [UInt8], day: CivilDate, _ entropy: some Entropy) -> BucketWrap {
        BucketWrap(
            kind: Self.wrapKind,
            bytes: id + Sealing.seal(key, under: bytes, data: Self.data(day), entropy))
    }

    /// - Returns: nil if the wrap is of another key or was altered.
    func unwrap(_ wrap: BucketWrap, day: CivilDate) -> [UInt8]? {
        guard wrap.kind == Self.wrapKind, wrap.bytes.starts(with: id) else { return nil }
        let key = Sealing.open(
            wrap.bytes.dropFirst(Self.idBytes), under: bytes, data: Self.data(day))
        return key?.count == 32 ? key : nil
    }

    private static func data(_ day: CivilDate) -> [UInt8] { mark + Array(day.text.utf8) }
}

/// A key encrypted under another key: a random nonce of 12 bytes, ciphertext, tag.
enum Sealing {
    static func seal(
        _ plaintext: [UInt8], under key: [UInt8], data: [UInt8], _ entropy: some Entropy
    ) -> [UInt8] {
        let nonce = entropy.bytes(AuthenticatedCipher.nonceBytes)
        let count = nonce.count + plaintext.count + AuthenticatedCipher.tagBytes
        return [UInt8](capacity: count) { output in
            for byte in nonce { output.append(byte) }
            AuthenticatedCipher.shared.seal(
                Span(), plaintext.span, key: key.span, nonce: nonce.span, data: data, to: &output)
        }
    }

    static func open(_ sealed: ArraySlice<UInt8>, under key: [UInt8], data: [UInt8]) -> [UInt8]? {
        let bytes = Array(sealed)
        guard bytes.count >= AuthenticatedCipher.nonceBytes else { return nil }
        return AuthenticatedCipher.shared.open(
            bytes.span.extracting(AuthenticatedCipher.nonceBytes..<bytes.count), key: key.span,
            nonce: bytes.span.extracting(0..<AuthenticatedCipher.nonceBytes), data: data)
    }
}
