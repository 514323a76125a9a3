package import InterlockLedger

/// Encrypts and decrypts payloads with libcrypto.
///
/// INVARIANT: no payload reaches the disk in clear; no key of one opens another. Kept by `PayloadTests`,
/// `test_erasure.py`.
package struct OpenSSLPayloadCipher: PayloadCipher {
    package init() {}

    package func seal(
        salt: Span<UInt8>, plaintext: Span<UInt8>, key: PayloadKey, nonce: Span<UInt8>
    ) -> [UInt8] {
        let key = InlineArray<32, UInt8> { key.append(to: &$0) }
        return [UInt8](capacity: PayloadForm.overhead + plaintext.count) { output in
            output.append(PayloadForm.encrypted)
            for place in nonce.indices { output.append(nonce[place]) }
            AuthenticatedCipher.shared.seal(
                salt, plaintext, key: key.span, nonce: nonce, data: PayloadForm.additionalData,
                to: &output)
        }
    }

    package func open(_ blob: Span<UInt8>, key: PayloadKey) -> [UInt8]? {
        guard blob.count >= PayloadForm.overhead, blob[0] == PayloadForm.encrypted else {
            return nil
        }
        return AuthenticatedCipher.shared.open(
            blob.extracting(1 + PayloadForm.nonceBytes..<blob.count), key: key.bytes.span,
            nonce: blob.extracting(1..<1 + PayloadForm.nonceBytes),
            data: PayloadForm.additionalData)
    }
}

/// Derives the key of one payload from its run's key, which has no other use.
package func payloadKey(of name: PayloadName, runKey: [UInt8]) -> PayloadKey {
    KeyDerivation(secret: runKey).key(info: name.info)
}
