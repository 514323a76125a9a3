package import InterlockModel

/// A payload as it is stored, with its commitment in the leaf (docs/specs/ledger.md, section 6). Evidence relies on
/// `c`, which binds to the plaintext; `b` permits checking the store without keys. Both are needed, because AES-GCM
/// does not commit to a key.
package struct SealedPayload: Sendable, Hashable {
    /// The field of the leaf: `in`, `args`, `res`, `out`, `bind`, `proof`, `why`, `load` and others.
    package let field: String
    /// The encrypted blob, or empty if it could not be stored.
    package let blob: [UInt8]
    package let commitment: Commitment

    /// Encrypts the plaintext.
    ///
    /// - Parameters:
    ///   - key: the key of this scope and field, which no other payload shares.
    ///   - random: the salt and nonce, which must be used only once.
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

    /// Creates the commitment for a payload that cannot be stored; the leaf then has no `b`.
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

    /// The same commitment without the blob, for lack of space.
    package var unstored: SealedPayload {
        SealedPayload(
            field: field,
            commitment: Commitment(
                stored: nil, content: commitment.content, length: commitment.length))
    }
}

/// The salt and nonce that make each encryption unique.
package struct PayloadRandom: Sendable {
    private let bytes: [UInt8]

    private static let count = PayloadForm.saltBytes + PayloadForm.nonceBytes

    package init(_ entropy: some Entropy) {
        bytes = entropy.bytes(Self.count)
        precondition(bytes.count == Self.count)
    }

    /// - Parameter salt: the 32 bytes to which the plaintext is already bound elsewhere.
    package init(salt: [UInt8], _ entropy: some Entropy) {
        self.init(salt: salt, nonce: entropy.bytes(PayloadForm.nonceBytes))
    }

    package init(salt: [UInt8], nonce: [UInt8]) {
        precondition(
            salt.count == PayloadForm.saltBytes && nonce.count == PayloadForm.nonceBytes)
        bytes = salt + nonce
    }

    /// Passes both parts from one array, without a copy: each call uses two instances.
    func use<Result>(
        _ body: (_ salt: borrowing Span<UInt8>, _ nonce: borrowing Span<UInt8>) -> Result
    ) -> Result {
        let both = bytes.span
        return body(
            both.extracting(..<PayloadForm.saltBytes), both.extracting(PayloadForm.saltBytes...))
    }
}
