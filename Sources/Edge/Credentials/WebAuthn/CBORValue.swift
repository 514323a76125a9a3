import InterlockJSON

/// A CBOR data item (RFC 8949) of the kinds that authenticators send. Tags, floats, `undefined` and indefinite
/// lengths are not supported.
package indirect enum CBORValue: Hashable, Sendable {
    case unsigned(UInt64)
    /// The number -1 - n.
    case negative(UInt64)
    case bytes([UInt8])
    case text(String)
    case array([CBORValue])
    /// The pairs in their original order, without duplicate keys.
    case map([CBORPair])
    case bool(Bool)
    case null

    /// - Precondition: above `Int64.min`.
    package init(_ number: Int64) {
        self = number >= 0 ? .unsigned(UInt64(number)) : .negative(UInt64(-1 - number))
    }

    var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var pairs: [CBORPair]? { if case .map(let pairs) = self { pairs } else { nil } }

    /// Returns nil if the item is not an integer or does not fit 64 bits.
    var integer: Int64? {
        switch self {
        case .unsigned(let number): Int64(exactly: number)
        case .negative(let number): Int64(exactly: number).map { -1 - $0 }
        default: nil
        }
    }
}

package struct CBORPair: Hashable, Sendable {
    package let key: CBORValue
    package let value: CBORValue
    package init(_ key: CBORValue, _ value: CBORValue) {
        self.key = key
        self.value = value
    }
}

extension CBORValue {
    /// Texts are equal if their bytes are.
    package static func == (a: CBORValue, b: CBORValue) -> Bool {
        switch (a, b) {
        case (.unsigned(let a), .unsigned(let b)), (.negative(let a), .negative(let b)): a == b
        case (.bytes(let a), .bytes(let b)): a == b
        case (.text(let a), .text(let b)): sameBytes(a, b)
        case (.array(let a), .array(let b)): a == b
        case (.map(let a), .map(let b)): a == b
        case (.bool(let a), .bool(let b)): a == b
        case (.null, .null): true
        case (.unsigned, _), (.negative, _), (.bytes, _), (.text, _), (.array, _), (.map, _),
            (.bool, _), (.null, _):
            false
        }
    }

    /// Hashes the encoding: equal values have the same bytes.
    package func hash(into hasher: inout Hasher) {
        let bytes = serialized
        Steps.count(bytes.count)
        hasher.combine(bytes)
    }
}

extension [CBORPair] {
    func value(of name: String) -> CBORValue? { first { $0.key == .text(name) }?.value }
    func value(of label: Int64) -> CBORValue? { first { $0.key == CBORValue(label) }?.value }
}

/// The reason that bytes are not accepted as CBOR.
package enum CBORError: Error, Hashable, Sendable {
    case tooLarge
    case tooDeep
    case tooManyItems
    /// The bytes are truncated or are not an item.
    case malformed
    /// The item is a tag, a float, `undefined` or of indefinite length.
    case notTaken
    /// A number or a length uses more bytes than it needs.
    case notShortest
    case notUTF8
    case duplicateKey
    /// Bytes follow the item.
    case trailing
}

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
