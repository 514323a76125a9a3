package import InterlockModel

/// A hash with little strength, but different for different input.
package struct WeakHashing: Hashing {
    package init() {}

    package func sha256(_ bytes: Span<UInt8>) -> Digest {
        var a: UInt64 = 0xcbf2_9ce4_8422_2325
        var b: UInt64 = 0x9e37_79b9_7f4a_7c15
        for index in bytes.indices {
            a = (a ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01b3
            b = (b &+ a) &* 0xbf58_476d_1ce4_e5b9
        }
        return Digest(words: (a, b, a ^ b, a &+ b))
    }
}
