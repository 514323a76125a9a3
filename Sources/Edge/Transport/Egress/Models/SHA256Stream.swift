import COpenSSL
import InterlockModel

/// SHA-256 of bytes that arrive in pieces. Used by one thread at a time.
final class SHA256Stream {
    private var context = SHA256_CTX()

    init() { unsafe interlock_sha256_begin(&context) }

    func take(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBufferPointer { part in
            unsafe interlock_sha256_go_on(&context, part.baseAddress, part.count)
        }
    }

    /// Ends the stream; must be called once.
    func digest() -> Digest {
        var raw = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        unsafe withUnsafeMutableBytes(of: &raw) { output in
            unsafe interlock_sha256_end(
                &context, output.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
        return Digest(words: (raw.0.bigEndian, raw.1.bigEndian, raw.2.bigEndian, raw.3.bigEndian))
    }

    static func digest(of bytes: [UInt8]) -> Digest {
        let stream = SHA256Stream()
        stream.take(bytes)
        return stream.digest()
    }
}
