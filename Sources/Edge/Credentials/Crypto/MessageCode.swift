import COpenSSL

/// HMAC-SHA256 (RFC 2104) of `message` under `key`: 32 bytes.
package func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 32)
    let done = unsafe interlock_hmac_sha256(key, key.count, message, message.count, &code)
    // INVARIANT: it fails only for lack of memory; an incomplete code must not be used.
    precondition(done == 1, "the message code could not be computed")
    return code
}

/// Compares secrets in time that depends only on their length.
package func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return unsafe interlock_equal(a, b, a.count) == 1
}
