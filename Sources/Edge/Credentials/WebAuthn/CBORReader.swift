import CCBOR
import InterlockJSON

/// Reads untrusted CBOR item by item. Enforces what CTAP2 requires of authenticators: definite lengths, numbers and
/// lengths in their shortest form, no duplicate key, at most four levels (CTAP 2.1, section 8, "Message Encoding").
/// The order of keys is not checked, because nothing is signed or compared by it.
struct CBORReader {
    static let largestBytes = 16 << 10
    /// The maximum nesting of maps and arrays.
    static let deepest = 4
    /// The maximum number of items in one value, including keys.
    static let mostItems = 256

    private let bytes: [UInt8]
    /// The offset of the next item.
    private(set) var place: Int
    private var items = 0

    /// - Parameter place: the offset of the first item; at most `bytes.count`.
    init(_ bytes: [UInt8], from place: Int = 0) throws(CBORError) {
        guard bytes.count <= Self.largestBytes else { throw .tooLarge }
        precondition((0...bytes.count).contains(place))
        self.bytes = bytes
        self.place = place
    }

    var isAtEnd: Bool { place == bytes.count }

    /// Returns the next item with its contents and moves `place` behind it.
    mutating func value() throws(CBORError) -> CBORValue {
        items = 0
        return try value(depth: 0)
    }

    private mutating func value(depth: Int) throws(CBORError) -> CBORValue {
        items += 1
        guard items <= Self.mostItems else { throw .tooManyItems }
        let item = try head()
        switch Int(item.kind) {
        case INTERLOCK_CBOR_UNSIGNED: return .unsigned(item.number)
        case INTERLOCK_CBOR_NEGATIVE: return .negative(item.number)
        case INTERLOCK_CBOR_BYTES: return .bytes(content(item))
        case INTERLOCK_CBOR_TEXT:
            guard let text = String(validating: content(item), as: UTF8.self) else {
                throw .notUTF8
            }
            return .text(text)
        case INTERLOCK_CBOR_ARRAY: return .array(try array(item.number, depth: depth + 1))
        case INTERLOCK_CBOR_MAP: return .map(try map(item.number, depth: depth + 1))
        case INTERLOCK_CBOR_BOOL: return .bool(item.number != 0)
        case INTERLOCK_CBOR_NULL: return .null
        default: throw .notTaken
        }
    }

    private mutating func array(_ count: UInt64, depth: Int) throws(CBORError) -> [CBORValue] {
        guard depth <= Self.deepest else { throw .tooDeep }
        guard count <= UInt64(Self.mostItems) else { throw .tooManyItems }
        var elements: [CBORValue] = []
        for _ in 0..<count { elements.append(try value(depth: depth)) }
        return elements
    }

    private mutating func map(_ count: UInt64, depth: Int) throws(CBORError) -> [CBORPair] {
        guard depth <= Self.deepest else { throw .tooDeep }
        guard count <= UInt64(Self.mostItems) else { throw .tooManyItems }
        var pairs: [CBORPair] = []
        var keys: Set<CBORValue> = []
        for _ in 0..<count {
            let key = try value(depth: depth)
            guard keys.insert(key).inserted else { throw .duplicateKey }
            pairs.append(CBORPair(key, try value(depth: depth)))
        }
        return pairs
    }

    /// Reads the head of an item, and the content if it is a string.
    private mutating func head() throws(CBORError) -> interlock_cbor_item {
        var item = interlock_cbor_item(kind: 0, number: 0)
        let (place, count) = (place, bytes.count - place)
        let read = unsafe bytes.withUnsafeBufferPointer { input in
            unsafe interlock_cbor_next(input.baseAddress.map { unsafe $0 + place }, count, &item)
        }
        guard read > 0 else { throw .malformed }
        Steps.count(read)
        let isString = [INTERLOCK_CBOR_BYTES, INTERLOCK_CBOR_TEXT].contains(Int(item.kind))
        let ofHead = read - (isString ? Int(item.number) : 0)
        guard ofHead == Self.shortest(Int(item.kind), item.number) else {
            throw item.kind == INTERLOCK_CBOR_OTHER ? .notTaken : .notShortest
        }
        self.place += read
        return item
    }

    private func content(_ item: interlock_cbor_item) -> [UInt8] {
        Array(bytes[(place - Int(item.number))..<place])
    }

    /// The length in bytes of the shortest head of an item with this number.
    private static func shortest(_ kind: Int, _ number: UInt64) -> Int {
        switch kind {
        case INTERLOCK_CBOR_BOOL, INTERLOCK_CBOR_NULL: 1
        case INTERLOCK_CBOR_OTHER: 0
        default:
            switch number {
            case 0..<24: 1
            case 24...0xff: 2
            case 0x100...0xffff: 3
            case 0x1_0000...0xffff_ffff: 5
            default: 9
            }
        }
    }
}

extension CBORValue {
    /// Parses one item; trailing bytes are refused.
    package init(parsing bytes: [UInt8]) throws(CBORError) {
        var reader = try CBORReader(bytes)
        self = try reader.value()
        guard reader.isAtEnd else { throw .trailing }
    }
}
