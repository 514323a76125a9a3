/// A 26-character id: lower-case Crockford base32 of 48 bits of milliseconds and 80 random bits (docs/specs/ledger.md,
/// section 5). The tag distinguishes ids of different things at compile time.
package struct Identifier<Tag>: Hashable, Sendable, CustomStringConvertible {
    // The 128 bits that the 26 symbols encode, in a one-to-one mapping.
    private let high: UInt64
    private let low: UInt64
    /// The length of the text, in bytes.
    package static var length: Int { 26 }
    package var description: String { text }

    /// - Parameter random: 10 random bytes.
    package init(milliseconds: Int64, random: [UInt8]) {
        precondition(random.count == 10, "an id takes 80 random bits")
        var value = UInt128(UInt64(milliseconds) & 0xffff_ffff_ffff)
        for byte in random { value = value << 8 | UInt128(byte) }
        self.init(value)
    }

    /// The least id of the things that began at this time or later; a time before 1970 counts as 1970.
    package static func least(since time: Timestamp) -> Identifier {
        Identifier(
            milliseconds: max(0, time.milliseconds), random: [UInt8](repeating: 0, count: 10))
    }

    /// Accepts exactly the written form, so that each id has one spelling.
    package init?(_ text: some StringProtocol) { self.init(String(text)) }

    package init?(_ text: String) {
        guard let value = Self.value(text.utf8.span) else { return nil }
        self.init(value)
    }

    private init(_ value: UInt128) {
        high = UInt64(truncatingIfNeeded: value >> 64)
        low = UInt64(truncatingIfNeeded: value)
    }

    /// The 128 bits. Their order is the order of the written forms.
    var value: UInt128 { UInt128(high) << 64 | UInt128(low) }

    /// The written form; computed at each access.
    package var text: String {
        let value = value
        let symbols = crockford.span
        return unsafe String(unsafeUninitializedCapacity: Self.length) { text in
            for place in 0..<Self.length {
                unsafe text[place] =
                    symbols[Int(truncatingIfNeeded: value >> UInt128(125 - 5 * place)) & 31]
            }
            return Self.length
        }
    }

    /// - Returns: nil if the symbols are not the written form of an id.
    private static func value(_ symbols: Span<UInt8>) -> UInt128? {
        guard symbols.count == length, symbols[0] <= UInt8(ascii: "7") else { return nil }
        let values = crockfordValues.span
        var value: UInt128 = 0
        for place in symbols.indices {
            let symbol = symbols[place]
            let five = values[Int(symbol)]
            guard five > 0 || symbol == UInt8(ascii: "0") else { return nil }
            value = value << 5 | UInt128(five)
        }
        return value
    }
}

extension Identifier {
    /// The 80 random bits.
    package var random: UInt128 { value & (1 << 80 - 1) }

    /// The time in the first 48 bits of the id, in milliseconds since 1970: the start of the thing it names.
    package var milliseconds: Int64 { Int64(high >> 16) }

    /// The date of that time in UTC, which may be any day up to the year 10889.
    package var day: CivilDate { CivilDate(daysSince1970: milliseconds / 86_400_000) }

    /// The 128 bits of the id as 16 bytes, for storing millions of ids.
    package var packed: [UInt8] {
        var bytes: [UInt8] = []
        Self.pack(value, to: &bytes)
        return bytes
    }

    /// Appends `packed` of the id that the symbols spell.
    /// - Returns: false, with nothing appended, if the symbols are not an id.
    package static func pack(_ symbols: Span<UInt8>, to output: inout [UInt8]) -> Bool {
        guard let value = value(symbols) else { return false }
        pack(value, to: &output)
        return true
    }

    private static func pack(_ value: UInt128, to output: inout [UInt8]) {
        output.append(addingCapacity: 16) { output in
            for place in 0..<16 {
                output.append(UInt8(truncatingIfNeeded: value >> UInt128(120 - 8 * place)))
            }
        }
    }
}

/// The symbols: digits and lower-case letters without `i`, `l`, `o`, `u`.
private let crockford = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

/// The five bits of each symbol, and 0 for every other byte.
private let crockfordValues: [UInt8] = {
    var values = [UInt8](repeating: 0, count: 256)
    for (value, symbol) in crockford.enumerated() { values[Int(symbol)] = UInt8(value) }
    return values
}()

package enum RunTag {}
extension Identifier {
    /// Extends a waiting time in milliseconds by up to a tenth, derived from the id, so that callers who were refused
    /// together do not return together (docs/specs/limits-and-monitoring.md, section 4).
    package func spread(_ wait: Int) -> Int {
        let mixed = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        // The cap of about a year prevents an overflow of the product.
        let wait = min(wait, 1 << 35)
        return wait + wait * Int(mixed % 1_001) / 10_000
    }
}

package enum CallTag {}
package enum ApprovalTag {}
package enum OrderTag {}
package enum ElevationTag {}

package typealias RunID = Identifier<RunTag>
package typealias CallID = Identifier<CallTag>
package typealias ApprovalID = Identifier<ApprovalTag>
/// The id of a halt or release order.
package typealias OrderID = Identifier<OrderTag>
package typealias ElevationID = Identifier<ElevationTag>

extension Identifier where Tag == CallTag {
    /// The form for agents and people: `dec_` and the id.
    package var decisionID: String { "dec_" + text }
}

extension Identifier where Tag == ApprovalTag {
    /// The form for agents and people: `apr_` and the id.
    package var shown: String { "apr_" + text }

    package init?(shown text: String) {
        guard text.hasPrefix("apr_") else { return nil }
        self.init(String(text.dropFirst(4)))
    }
}
