import COpenSSL
package import InterlockModel

/// SHA-256 by libcrypto. Stateless, so any thread may use the value.
package struct OpenSSLHashing: Hashing {
    package init() {}

    package func sha256(_ bytes: Span<UInt8>) -> Digest {
        var raw = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        unsafe bytes.withUnsafeBufferPointer { input in
            unsafe withUnsafeMutableBytes(of: &raw) { output in
                unsafe interlock_sha256(
                    input.baseAddress, input.count,
                    output.baseAddress?.assumingMemoryBound(to: UInt8.self))
            }
        }
        return Digest(words: (raw.0.bigEndian, raw.1.bigEndian, raw.2.bigEndian, raw.3.bigEndian))
    }

    package func sha256(_ head: Span<UInt8>, _ tail: Span<UInt8>) -> Digest {
        var raw = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        unsafe head.withUnsafeBufferPointer { head in
            unsafe tail.withUnsafeBufferPointer { tail in
                unsafe withUnsafeMutableBytes(of: &raw) { output in
                    unsafe interlock_sha256_parts(
                        head.baseAddress, head.count, tail.baseAddress, tail.count,
                        output.baseAddress?.assumingMemoryBound(to: UInt8.self))
                }
            }
        }
        return Digest(words: (raw.0.bigEndian, raw.1.bigEndian, raw.2.bigEndian, raw.3.bigEndian))
    }

    package func sha256<Fault: Error>(
        streaming feed: (_ take: (Span<UInt8>) -> Void) throws(Fault) -> Void
    ) throws(Fault) -> Digest {
        var context = SHA256_CTX()
        unsafe interlock_sha256_begin(&context)
        try feed { part in
            unsafe part.withUnsafeBufferPointer { part in
                unsafe interlock_sha256_go_on(&context, part.baseAddress, part.count)
            }
        }
        var raw = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        unsafe withUnsafeMutableBytes(of: &raw) { output in
            unsafe interlock_sha256_end(
                &context, output.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
        return Digest(words: (raw.0.bigEndian, raw.1.bigEndian, raw.2.bigEndian, raw.3.bigEndian))
    }
}
