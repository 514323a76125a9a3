/// A kind of digits in which bytes are encoded.
enum RunDigits: Sendable {
    case base64, hexadecimal

    /// The bits of a digit.
    var bits: Int {
        switch self {
        case .base64: 6
        case .hexadecimal: 4
        }
    }

    /// The digits of a group of whole bytes; as many alignments are possible.
    var group: Int {
        switch self {
        case .base64: 4
        case .hexadecimal: 2
        }
    }

    /// The fewest groups of text that are kept. A value of eight bytes, the shortest that is looked for, has as many whole
    /// groups.
    var leastGroups: Int {
        switch self {
        case .base64: 2
        case .hexadecimal: 8
        }
    }

    /// The digits of eighteen bytes, the fewest that are taken for data without a header.
    var deflateDigits: Int {
        switch self {
        case .base64: 24
        case .hexadecimal: 36
        }
    }

    /// The value of each byte, or `ByteClass.none`.
    var values: [UInt8] {
        switch self {
        case .base64: ByteClass.sextets
        case .hexadecimal: ByteClass.nibbles
        }
    }
}
