package import InterlockModel

/// A payload as the store keeps it, with the commitment that its leaf holds (specs of the ledger,
/// section 6): evidence rests on `c`, which binds to the plaintext; `b` lets the store be checked
/// without keys. Both are needed, because AES-GCM does not commit to a key.
package struct SealedPayload: Sendable, Hashable {
    /// The leaf's field: `in`, `args`, `res`, `out`, `bind`, `proof`, `why`, `load`, ...
    package let field: String
    /// Empty when it could not be stored.
    package let blob: [UInt8]
    package let commitment: Commitment

    /// Encrypts.
    ///
    /// - Parameters:
    ///   - key: of this one (scope, field), and of no other payload.
    ///   - random: salt and nonce, used once.
    package init(
        field: String, plaintext: [UInt8], key: PayloadKey, random: PayloadRandom,
        cipher: some PayloadCipher, hashing: some Hashing
    ) {
        self.field = field
        (blob, commitment) = random.use { salt, nonce in
            let blob = cipher.seal(
                salt: salt, plaintext: plaintext.span, key: key, nonce: nonce)
            return (
                blob,
                Commitment(
                    stored: hashing.sha256(blob.span),
                    content: PayloadForm.commitment(
                        salt: salt, plaintext: plaintext.span, hashing: hashing),
                    length: plaintext.count)
            )
        }
    }

    /// The commitment alone, for a payload that cannot be stored: `b` is left out of the leaf.
    package init(unstored field: String, plaintext: [UInt8], salt: [UInt8], hashing: some Hashing) {
        self.init(
            field: field,
            commitment: Commitment(
                stored: nil,
                content: PayloadForm.commitment(
                    salt: salt.span, plaintext: plaintext.span, hashing: hashing),
                length: plaintext.count))
    }

    private init(field: String, commitment: Commitment) {
        self.field = field
        self.commitment = commitment
        blob = []
    }

    /// The same commitment without the blob, for which there was no room.
    package var unstored: SealedPayload {
        SealedPayload(
            field: field,
            commitment: Commitment(
                stored: nil, content: commitment.content, length: commitment.length))
    }
}

/// What makes one encryption unlike any other: salt, then nonce.
package struct PayloadRandom: Sendable {
    private let bytes: [UInt8]

    private static let count = PayloadForm.saltBytes + PayloadForm.nonceBytes

    package init(_ entropy: some Entropy) {
        bytes = entropy.bytes(Self.count)
        precondition(bytes.count == Self.count)
    }

    /// - Parameter salt: 32 bytes that the plaintext is already bound to elsewhere.
    package init(salt: [UInt8], _ entropy: some Entropy) {
        self.init(salt: salt, nonce: entropy.bytes(PayloadForm.nonceBytes))
    }

    package init(salt: [UInt8], nonce: [UInt8]) {
        precondition(
            salt.count == PayloadForm.saltBytes && nonce.count == PayloadForm.nonceBytes)
        bytes = salt + nonce
    }

    /// Both lie in one array: a call makes two of these.
    func use<Result>(
        _ body: (_ salt: borrowing Span<UInt8>, _ nonce: borrowing Span<UInt8>) -> Result
    ) -> Result {
        let both = bytes.span
        return body(
            both.extracting(..<PayloadForm.saltBytes), both.extracting(PayloadForm.saltBytes...))
    }
}
