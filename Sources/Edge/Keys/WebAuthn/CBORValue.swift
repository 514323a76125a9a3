import InterlockJSON

/// A data item of CBOR (RFC 8949) of the kinds that authenticators send. Tags, floats, `undefined` and
/// lengths that are not said beforehand are no values here.
package indirect enum CBORValue: Hashable, Sendable {
    case unsigned(UInt64)
    /// Stands for -1 - n.
    case negative(UInt64)
    case bytes([UInt8])
    case text(String)
    case array([CBORValue])
    /// In the order in which they came; no key twice.
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

    /// nil when it is no integer, or none of 64 bits.
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
    /// Text is equal when its bytes are.
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

    /// Equal values have the same bytes.
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

/// Why bytes are no CBOR that is taken here.
package enum CBORError: Error, Hashable, Sendable {
    case tooLarge
    case tooDeep
    case tooManyItems
    /// Cut short, or no item at all.
    case malformed
    /// A tag, a float, `undefined`, an indefinite length.
    case notTaken
    /// A number or a length in more bytes than it needs.
    case notShortest
    case notUTF8
    case duplicateKey
    /// Bytes behind the item.
    case trailing
}
