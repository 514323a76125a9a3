/// Two neighboring characters of base64, by one look at a table: their twelve bits, and the flags that `SteadyDigits`
/// compares. The table has 128 KiB, of which digits read 64 rows of 256 bytes at most.
enum DigitPairs {
    /// The entry of two characters of which one is no digit. No pair of digits has all bits.
    static let none: UInt16 = 0xffff

    /// The entry of two characters, of which the first one is the lower byte of the index: the twelve bits of the digits,
    /// the first one highest, and above them the flags.
    static let entries: [UInt16] = {
        var entries = [UInt16](repeating: none, count: 1 << 16)
        let values = ByteClass.sextets
        for first in 0..<256 where values[first] != ByteClass.none {
            for second in 0..<256 where values[second] != ByteClass.none {
                let pair = Int(values[first]) << 6 | Int(values[second])
                entries[second << 8 | first] = UInt16(pair) | UInt16(flags(of: pair)) << 12
            }
        }
        return entries
    }()

    /// The flags of twelve bits that are of characters on two lines.
    static let joints: [UInt8] = (0..<4096).map(flags(of:))

    /// Returns the flags of twelve bits. The three lowest ones say whether the first, the second and the third byte of a
    /// group is one of a text if the digits are the first two, the middle ones or the last two of the group. The highest
    /// one says that the digits are a part of a header.
    static func flags(of pair: Int) -> UInt8 {
        var flags: UInt8 = 0
        for (bit, byte) in [pair >> 4, pair >> 2 & 0xff, pair & 0xff].enumerated()
        where ByteClass.all[byte] & ByteClass.ofText != 0 { flags |= 1 << UInt8(bit) }
        return isOfHeader(pair >> 6, pair & 0x3f) ? flags | 8 : flags
    }

    /// Returns true for two digits of the magic number of gzip, at each of its alignments, and for the first two digits of
    /// the headers of zlib that common programs write.
    private static func isOfHeader(_ first: Int, _ second: Int) -> Bool {
        switch (first, second) {
        case (56, 44), (31, 34), (62, 11), (30, 0..<16): true
        default: false
        }
    }
}
