import COpenSSL
import InterlockLedger
import InterlockModel

/// HKDF-SHA256 (RFC 5869) from one secret to many keys of 32 bytes. The extraction and the first HMAC blocks are
/// computed once; each key then costs two or three compressions.
@safe final class KeyDerivation: Sendable {
    /// The two HMAC states after the first block, 8 words each; wiped at the end.
    private nonisolated(unsafe) let states: UnsafeMutablePointer<UInt32>

    /// - Parameters:
    ///   - secret: the input keying material.
    ///   - salt: the salt of the extraction; the default is the 32 zeros of the RFC.
    init(secret: [UInt8], salt: [UInt8] = [UInt8](repeating: 0, count: 32)) {
        var extracted = hmacSHA256(key: salt, secret)
        unsafe states = .allocate(capacity: 16)
        unsafe states.initialize(repeating: 0, count: 16)
        unsafe interlock_hmac_prepare(extracted, states, states + 8)
        unsafe interlock_wipe(&extracted, 32)
    }

    deinit {
        unsafe interlock_wipe(states, 16 * MemoryLayout<UInt32>.size)
        unsafe states.deallocate()
    }

    /// The first 32 bytes of the expansion.
    func key(info: consuming [UInt8]) -> PayloadKey {
        var message = info
        message.append(0x01)
        var raw = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        unsafe withUnsafeMutableBytes(of: &raw) { output in
            unsafe interlock_hmac_code(
                states, states + 8, message, message.count,
                output.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
        return PayloadKey(
            words: Digest(
                words: (raw.0.bigEndian, raw.1.bigEndian, raw.2.bigEndian, raw.3.bigEndian)))
    }
}
