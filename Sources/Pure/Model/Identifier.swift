/// A 26-character id: lower-case Crockford base32 of 48 bits of milliseconds and 80 random bits
/// (specs of the ledger, section 5). The tag keeps ids of different things apart at compile time.
package struct Identifier<Tag>: Hashable, Sendable, CustomStringConvertible {
    // The 128 bits that the 26 symbols stand for: each text is of one id and the other way round.
    private let high: UInt64
    private let low: UInt64
    /// In bytes.
    package static var length: Int { 26 }
    package var description: String { text }

    /// - Parameter random: 10 bytes.
    package init(milliseconds: Int64, random: [UInt8]) {
        precondition(random.count == 10, "an id takes 80 random bits")
        var value = UInt128(UInt64(milliseconds) & 0xffff_ffff_ffff)
        for byte in random { value = value << 8 | UInt128(byte) }
        self.init(value)
    }

    /// Accepts exactly the written form, so that one id has one spelling.
    package init?(_ text: some StringProtocol) { self.init(String(text)) }

    package init?(_ text: String) {
        guard let value = Self.value(text.utf8.span) else { return nil }
        self.init(value)
    }

    private init(_ value: UInt128) {
        high = UInt64(truncatingIfNeeded: value >> 64)
        low = UInt64(truncatingIfNeeded: value)
    }

    private var value: UInt128 { UInt128(high) << 64 | UInt128(low) }

    /// The written form; made anew each time.
    package var text: String {
        let value = value
        let symbols = crockford.span
        return unsafe String(unsafeUninitializedCapacity: Self.length) { text in
            for place in 0..<Self.length {
                unsafe text[place] =
                    symbols[
                        Int(truncatingIfNeeded: value >> UInt128(125 - 5 * place)) & 31]
            }
            return Self.length
        }
    }

    /// - Returns: nil for what is no written form.
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
    /// The time in the id, its first 48 bits, in milliseconds since 1970: when whatever it names began.
    package var milliseconds: Int64 { Int64(high >> 16) }

    /// The same as a date in UTC; an id may name any day up to the year 10889.
    package var day: CivilDate { CivilDate(daysSince1970: milliseconds / 86_400_000) }

    /// The 128 bits of the id, for places where millions of them are kept.
    package var packed: [UInt8] {
        var bytes: [UInt8] = []
        Self.pack(value, to: &bytes)
        return bytes
    }

    /// Appends `packed` of the id that is written so.
    /// - Returns: false, and nothing is appended, when it is none.
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

/// Digits and lower-case letters without `i`, `l`, `o`, `u`.
private let crockford = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

/// The five bits of each symbol; 0 for every other byte.
private let crockfordValues: [UInt8] = {
    var values = [UInt8](repeating: 0, count: 256)
    for (value, symbol) in crockford.enumerated() { values[Int(symbol)] = UInt8(value) }
    return values
}()

package enum RunTag {}
extension Identifier {
    /// A time of waiting with up to a tenth of it on top, by the id: so that those who were refused together do not come
    /// back together (limits-and-monitoring.md, section 4).
    package func spread(_ wait: Int) -> Int {
        let mixed = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        // Nobody waits for a year.
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
    /// How agents and people see a call: `dec_` and the id.
    package var decisionID: String { "dec_" + text }
}

extension Identifier where Tag == ApprovalTag {
    /// How agents and people see an approval: `apr_` and the id.
    package var shown: String { "apr_" + text }

    package init?(shown text: String) {
        guard text.hasPrefix("apr_") else { return nil }
        self.init(String(text.dropFirst(4)))
    }
}
