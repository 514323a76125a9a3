extension CBORValue {
    /// The encoding that `CBORReader` accepts: heads in their shortest form, members in their order.
    package var serialized: [UInt8] {
        switch self {
        case .unsigned(let number): Self.head(0, number)
        case .negative(let number): Self.head(1, number)
        case .bytes(let bytes): Self.head(2, UInt64(bytes.count)) + bytes
        case .text(let text): Self.head(3, UInt64(text.utf8.count)) + Array(text.utf8)
        case .array(let elements):
            elements.reduce(into: Self.head(4, UInt64(elements.count))) { $0 += $1.serialized }
        case .map(let pairs):
            pairs.reduce(into: Self.head(5, UInt64(pairs.count))) {
                $0 += $1.key.serialized + $1.value.serialized
            }
        case .bool(let truth): [truth ? 0xf5 : 0xf4]
        case .null: [0xf6]
        }
    }

    /// - Parameter major: the major type, 0 to 5.
    private static func head(_ major: UInt8, _ number: UInt64) -> [UInt8] {
        let (mark, width): (UInt8, Int) =
            switch number {
            case 0..<24: (UInt8(number), 0)
            case 24...0xff: (24, 1)
            case 0x100...0xffff: (25, 2)
            case 0x1_0000...0xffff_ffff: (26, 4)
            default: (27, 8)
            }
        return [major << 5 | mark]
            + (0..<width).reversed().map { UInt8(truncatingIfNeeded: number >> UInt64($0 * 8)) }
    }
}
