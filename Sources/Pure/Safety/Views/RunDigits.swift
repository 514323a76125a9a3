/// A kind of digits in which bytes are encoded.
struct RunDigits {
    /// The bits of a digit.
    let bits: Int
    /// The digits of a group of whole bytes; as many alignments are possible.
    let group: Int
    /// The fewest groups of text that are kept. A value of eight bytes, the shortest that is looked for, has as many whole
    /// groups.
    let leastGroups: Int
    /// The digits of eighteen bytes, the fewest that are taken for data without a header.
    let deflateDigits: Int
    /// The value of each byte, or `ByteClass.none`.
    let values: [UInt8]

    static let base64 = RunDigits(
        bits: 6, group: 4, leastGroups: 2, deflateDigits: 24, values: ByteClass.sextets)
    static let hexadecimal = RunDigits(
        bits: 4, group: 2, leastGroups: 8, deflateDigits: 36, values: ByteClass.nibbles)
}
