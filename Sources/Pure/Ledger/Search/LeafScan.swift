/// The top-level members of one stored record, found without a tree: the index takes a dozen fields of
/// millions of records. Reads what the ledger writes, RFC 8785 objects without escapes in the texts that
/// are asked for; of anything else it says that it cannot tell, and a JSON parser is asked. Nested values are
/// passed by counting their brackets.
package struct LeafScan: Sendable {
    private let bytes: ArraySlice<UInt8>
    private var members: [(name: UInt64, value: Range<Int>)] = []

    /// Longer names are passed over: none of them is asked for.
    package static let maximumNameBytes = 8
    private static let usualMembers = 24

    /// - Returns: nil for what is no object, or has space between its parts.
    package init?(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        members.reserveCapacity(Self.usualMembers)
        var reader = Reader(place: bytes.startIndex, end: bytes.endIndex)
        guard reader.take("{", of: bytes) else { return nil }
        repeat {
            guard let name = reader.text(of: bytes), reader.take(":", of: bytes),
                let value = reader.value(of: bytes)
            else { return nil }
            if let name = Self.key(bytes[name]) { members.append((name, value)) }
        } while reader.take(",", of: bytes)
        guard reader.take("}", of: bytes), reader.isAtEnd else { return nil }
    }

    /// - Returns: nil when there is no such member, or it is no text, or one with an escape.
    package func text(_ name: StaticString) -> String? {
        guard let value = value(name), bytes[value.lowerBound] == UInt8(ascii: "\"") else {
            return nil
        }
        return String(decoding: bytes[value.dropFirst().dropLast()], as: UTF8.self)
    }

    /// - Returns: nil when there is no such member, or it is no integer of 64 bits.
    package func integer(_ name: StaticString) -> Int64? {
        value(name).flatMap { Int64(String(decoding: bytes[$0], as: UTF8.self)) }
    }

    private func value(_ name: StaticString) -> Range<Int>? {
        let name = unsafe Self.key(
            UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        return members.first { $0.name == name }?.value
    }

    /// The bytes of a name as a number; nil when there are more than eight. No name holds a zero.
    private static func key(_ name: some Collection<UInt8>) -> UInt64? {
        guard name.count <= maximumNameBytes else { return nil }
        return name.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension LeafScan {
    /// A place in the bytes, and the steps from there.
    private struct Reader {
        var place: Int
        let end: Int

        var isAtEnd: Bool { place == end }

        mutating func take(_ character: Unicode.Scalar, of bytes: ArraySlice<UInt8>) -> Bool {
            guard place < end, bytes[place] == UInt8(ascii: character) else { return false }
            place += 1
            return true
        }

        /// What stands between two quotes; nil where there is an escape.
        mutating func text(of bytes: ArraySlice<UInt8>) -> Range<Int>? {
            guard take("\"", of: bytes) else { return nil }
            let start = place
            while place < end {
                switch bytes[place] {
                case UInt8(ascii: "\""):
                    place += 1
                    return start..<place - 1
                case UInt8(ascii: "\\"), 0..<0x20, 0x7f...: return nil
                default: place += 1
                }
            }
            return nil
        }

        /// A text with its quotes, a number or word, or a whole object or array.
        mutating func value(of bytes: ArraySlice<UInt8>) -> Range<Int>? {
            let start = place
            guard place < end else { return nil }
            switch bytes[place] {
            case UInt8(ascii: "\""): return text(of: bytes) == nil ? nil : start..<place
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                return passNested(of: bytes) ? start..<place : nil
            default:
                while place < end, bytes[place] != UInt8(ascii: ","),
                    bytes[place] != UInt8(ascii: "}")
                {
                    place += 1
                }
                return start == place ? nil : start..<place
            }
        }

        private mutating func passNested(of bytes: ArraySlice<UInt8>) -> Bool {
            var depth = 0
            while place < end {
                switch bytes[place] {
                case UInt8(ascii: "\""):
                    guard text(of: bytes) != nil else { return false }
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                place += 1
                if depth == 0 { return true }
            }
            return false
        }
    }
}
