/// Eight bytes of a text in one word, the first one lowest.
enum ByteWord {
    /// Returns a word that consists of 8 times the byte.
    @inline(__always)
    static func each(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

    /// - Precondition: 8 bytes follow `index`. The caller has compared it with the count.
    @inline(__always)
    static func load(_ bytes: RawSpan, _ index: Int) -> UInt64 {
        UInt64(
            littleEndian: unsafe bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: index, as: UInt64.self))
    }
}
