import COpenSSL
import Synchronization

/// AES-256-GCM (NIST SP 800-38D) with nonces of 12 bytes and tags of 16. Safe from any thread; keeps one context per
/// concurrent call, because creating one costs more than using it.
@safe final class AuthenticatedCipher: Sendable {
    static let shared = AuthenticatedCipher()
    static let nonceBytes = 12
    static let tagBytes = 16

    /// A context of libcrypto. One call at a time uses it: the call takes it out of `idle`.
    @safe private struct Context: @unchecked Sendable {
        let pointer: OpaquePointer
        init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }
    }
    private let idle = Mutex<[Context]>([])
    /// The maximum number of idle contexts.
    private static let kept = 64

    deinit {
        for context in idle.withLock({ $0 }) { unsafe EVP_CIPHER_CTX_free(context.pointer) }
    }

    /// Appends the ciphertext of `head` and `body`, and the tag.
    func seal(
        _ head: Span<UInt8>, _ body: Span<UInt8>, key: Span<UInt8>, nonce: Span<UInt8>,
        data: [UInt8], to output: inout OutputSpan<UInt8>
    ) {
        precondition(key.count == 32 && nonce.count == Self.nonceBytes)
        let count = head.count + body.count + Self.tagBytes
        precondition(output.freeCapacity >= count)
        let context = take()
        defer { giveBack(context) }
        let done = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            let base = buffer.baseAddress
            let done = unsafe key.withUnsafeBufferPointer { key in
                unsafe nonce.withUnsafeBufferPointer { nonce in
                    unsafe head.withUnsafeBufferPointer { head in
                        unsafe body.withUnsafeBufferPointer { body in
                            unsafe interlock_gcm_seal(
                                context.pointer, key.baseAddress, nonce.baseAddress, data,
                                data.count, head.baseAddress, head.count, body.baseAddress,
                                body.count, base.map { unsafe $0 + initialized })
                        }
                    }
                }
            }
            if done == 1 { initialized += count }
            return done
        }
        // INVARIANT: it fails only for lack of memory; unencrypted bytes must never be stored.
        precondition(done == 1, "the encryption could not be computed")
    }

    /// - Parameter sealed: ciphertext and tag.
    /// - Returns: nil if the tag does not match these bytes, key, nonce and data.
    func open(
        _ sealed: Span<UInt8>, key: Span<UInt8>, nonce: Span<UInt8>, data: [UInt8]
    ) -> [UInt8]? {
        guard key.count == 32, nonce.count == Self.nonceBytes, sealed.count >= Self.tagBytes else {
            return nil
        }
        let count = sealed.count - Self.tagBytes
        let context = take()
        defer { giveBack(context) }
        var opened: Int32 = 0
        let plaintext = unsafe [UInt8](unsafeUninitializedCapacity: max(count, 1)) {
            buffer, initialized in
            let base = buffer.baseAddress
            opened = unsafe key.withUnsafeBufferPointer { key in
                unsafe nonce.withUnsafeBufferPointer { nonce in
                    unsafe sealed.withUnsafeBufferPointer { sealed in
                        unsafe interlock_gcm_open(
                            context.pointer, key.baseAddress, nonce.baseAddress, data, data.count,
                            sealed.baseAddress, count, base)
                    }
                }
            }
            if opened == 1 {
                initialized = count
            } else if let base = unsafe base {
                unsafe interlock_wipe(base, count)
            }
        }
        return opened == 1 ? plaintext : nil
    }

    private func take() -> Context {
        if let context = idle.withLock({ $0.popLast() }) { return context }
        guard let pointer = unsafe interlock_gcm_new() else {
            // INVARIANT: without a cipher nothing may be stored.
            preconditionFailure("AES-256-GCM is not available")
        }
        return unsafe Context(pointer)
    }

    private func giveBack(_ context: Context) {
        let isKept = idle.withLock { idle in
            guard idle.count < Self.kept else { return false }
            idle.append(context)
            return true
        }
        if !isKept { unsafe EVP_CIPHER_CTX_free(context.pointer) }
    }
}
