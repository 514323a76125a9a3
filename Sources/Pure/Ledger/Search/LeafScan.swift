/// The top-level members of one stored record, found without building a tree: the index reads a dozen fields of
/// millions of records. It reads RFC 8785 objects whose strings are ASCII without escapes. For anything else the
/// initializer returns nil, and the caller must use a JSON parser. Nested values are skipped by counting their
/// brackets.
package struct LeafScan: Sendable {
    private let bytes: ArraySlice<UInt8>
    /// The names and the ranges of the values, relative to the first byte.
    private var members: [(name: UInt64, value: Range<Int>)] = []

    /// The maximum length of a name. Longer names are skipped, because none of them is requested.
    package static let maximumNameBytes = 8
    private static let usualMembers = 24

    /// - Returns: nil if the bytes are not an object, have white space between its parts, or contain a string with an
    ///   escape or a byte that is not printable ASCII.
    package init?(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        members.reserveCapacity(Self.usualMembers)
        let span = bytes.span
        var reader = Reader(end: span.count)
        guard reader.take("{", of: span) else { return nil }
        repeat {
            guard let name = reader.text(of: span), reader.take(":", of: span),
                let value = reader.value(of: span)
            else { return nil }
            if name.count <= Self.maximumNameBytes {
                var key: UInt64 = 0
                for place in name { key = key << 8 | UInt64(span[place]) }
                members.append((key, value))
            }
        } while reader.take(",", of: span)
        guard reader.take("}", of: span), reader.isAtEnd else { return nil }
    }

    /// Returns the bytes of a string between its quotes.
    /// - Returns: nil if there is no such member, or its value is not a string.
    package func bytes(of name: StaticString) -> ArraySlice<UInt8>? {
        guard let value = value(name), bytes[value.lowerBound] == UInt8(ascii: "\"") else {
            return nil
        }
        return bytes[value.lowerBound + 1..<value.upperBound - 1]
    }

    /// Returns a string; nil as for `bytes(of:)`.
    package func text(_ name: StaticString) -> String? {
        bytes(of: name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Returns the members of an object in the record.
    /// - Returns: nil if there is no such member, or its value is not an object of the form that `init` reads.
    package func object(_ name: StaticString) -> LeafScan? {
        value(name).flatMap { LeafScan(bytes[$0]) }
    }

    /// - Returns: nil if there is no such member, or its value is not a 64-bit integer.
    package func integer(_ name: StaticString) -> Int64? {
        guard let value = value(name) else { return nil }
        let digits = bytes[value]
        guard digits.count <= Self.safeDigits else { return Int64(text(digits)) }
        var number: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else {
                return Int64(text(digits))
            }
            number = 10 * number + Int64(digit - UInt8(ascii: "0"))
        }
        return number
    }

    /// Returns true if the value is the word `true`.
    package func isTrue(_ name: StaticString) -> Bool {
        value(name).map { bytes[$0].elementsEqual("true".utf8) } ?? false
    }

    /// The number of digits that always fit into 64 bits.
    private static let safeDigits = 18

    private func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// Returns the range of a value in `bytes`.
    private func value(_ name: StaticString) -> Range<Int>? {
        guard name.utf8CodeUnitCount <= Self.maximumNameBytes else { return nil }
        var key: UInt64 = 0
        for place in 0..<name.utf8CodeUnitCount {
            key = unsafe key << 8 | UInt64(name.utf8Start[place])
        }
        // Names contain no zeros, so a shorter name has a different number.
        for member in members where member.name == key {
            let start = bytes.startIndex
            return start + member.value.lowerBound..<start + member.value.upperBound
        }
        return nil
    }
}

extension LeafScan {
    /// A position in the bytes, with the steps of parsing.
    private struct Reader {
        private var place = 0
        private let end: Int

        init(end: Int) { self.end = end }

        var isAtEnd: Bool { place == end }

        mutating func take(_ character: Unicode.Scalar, of bytes: Span<UInt8>) -> Bool {
            guard place < end, bytes[place] == UInt8(ascii: character) else { return false }
            place += 1
            return true
        }

        /// Reads the range between two quotes, or returns nil if it contains an escape or a byte that is not printable
        /// ASCII.
        mutating func text(of bytes: Span<UInt8>) -> Range<Int>? {
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

        /// Reads a string with its quotes, a number or word, or a whole object or array.
        mutating func value(of bytes: Span<UInt8>) -> Range<Int>? {
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

        private mutating func passNested(of bytes: Span<UInt8>) -> Bool {
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
