import COpenSSL

/// The only functions of libcrypto that this program uses.
enum Crypto {
    static func sha256(_ bytes: ArraySlice<UInt8>) -> Digest { sha256(prefix: [], bytes) }
    static func sha256(_ bytes: [UInt8]) -> Digest { sha256(prefix: [], bytes[...]) }

    static func sha256(prefix: [UInt8], _ bytes: ArraySlice<UInt8>) -> Digest {
        var raw = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        unsafe prefix.withUnsafeBufferPointer { head in
            unsafe bytes.withUnsafeBufferPointer { tail in
                unsafe withUnsafeMutableBytes(of: &raw) { output in
                    unsafe interlock_sha256_parts(
                        head.baseAddress, head.count, tail.baseAddress, tail.count,
                        output.baseAddress?.assumingMemoryBound(to: UInt8.self))
                }
            }
        }
        return Digest(words: (raw.0.bigEndian, raw.1.bigEndian, raw.2.bigEndian, raw.3.bigEndian))
    }

    /// HMAC-SHA256 (RFC 2104) with a key of 32 bytes.
    static func hmac(_ bytes: [UInt8], key: Digest) -> Digest {
        let padded = key.bytes + [UInt8](repeating: 0, count: 64 - Digest.count)
        let inner = sha256(prefix: padded.map { $0 ^ 0x36 }, bytes[...])
        return sha256(prefix: padded.map { $0 ^ 0x5c }, inner.bytes[...])
    }

    /// Verifies Ed25519 (RFC 8032).
    static func verifies(_ signature: [UInt8], of message: [UInt8], by key: [UInt8]) -> Bool {
        guard signature.count == 64, key.count == 32 else { return false }
        return unsafe interlock_ed25519_verify(key, message, message.count, signature) == 1
    }

    /// Verifies ECDSA on P-256; the signature is in DER, x and y have 32 bytes each.
    static func verifiesES256(
        _ signature: [UInt8], of message: [UInt8], x: [UInt8], y: [UInt8]
    ) -> Bool {
        guard x.count == 32, y.count == 32 else { return false }
        let key = unsafe interlock_p256_public([0x04] + x + y)
        return unsafe verifies(signature, of: message, by: key)
    }

    /// Verifies RSASSA-PKCS1-v1_5 with a modulus of 2,048 to 8,192 bits.
    static func verifiesRS256(
        _ signature: [UInt8], of message: [UInt8], modulus: [UInt8], exponent: [UInt8]
    ) -> Bool {
        guard (256...1024).contains(modulus.count), exponent.count <= 8 else { return false }
        let key = unsafe interlock_rsa_public(modulus, modulus.count, exponent, exponent.count)
        return unsafe verifies(signature, of: message, by: key)
    }

    /// Verifies a signature with SHA-256. Frees the key; returns false if it is nil.
    private static func verifies(
        _ signature: [UInt8], of message: [UInt8], by key: OpaquePointer?
    ) -> Bool {
        defer { unsafe EVP_PKEY_free(key) }
        return unsafe interlock_sha256_verify(
            key, message, message.count, signature, signature.count) == 1
    }

    static let nonceCount = 12
    static let tagCount = 16

    /// Decrypts AES-256-GCM; returns nil if the tag does not match.
    static func open(
        _ ciphertext: [UInt8], tag: [UInt8], nonce: [UInt8], key: [UInt8], additional: [UInt8]
    ) -> [UInt8]? {
        guard key.count == 32, nonce.count == nonceCount, tag.count == tagCount,
            ciphertext.count <= Int(Int32.max), let context = unsafe EVP_CIPHER_CTX_new()
        else { return nil }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        var plaintext = [UInt8](repeating: 0, count: ciphertext.count)
        var tag = tag
        var written: Int32 = 0
        guard unsafe EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            unsafe EVP_DecryptUpdate(context, nil, &written, additional, Int32(additional.count))
                == 1,
            unsafe EVP_DecryptUpdate(
                context, &plaintext, &written, ciphertext, Int32(ciphertext.count)) == 1,
            Int(written) == ciphertext.count,
            unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagCount), &tag) == 1
        else { return nil }
        var rest = [UInt8](repeating: 0, count: tagCount)
        guard unsafe EVP_DecryptFinal_ex(context, &rest, &written) == 1, written == 0 else {
            return nil
        }
        return plaintext
    }
}
