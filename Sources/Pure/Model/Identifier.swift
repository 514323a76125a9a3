/// A 26-character id: lower-case Crockford base32 of 48 bits of milliseconds and 80 random bits
/// (specs of the ledger, section 5). The tag keeps ids of different things apart at compile time.
package struct Identifier<Tag>: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    /// In bytes.
    package static var length: Int { 26 }
    package var description: String { text }

    /// - Parameter random: 10 bytes.
    package init(milliseconds: Int64, random: [UInt8]) {
        precondition(random.count == 10, "an id takes 80 random bits")
        var value = UInt128(UInt64(milliseconds) & 0xffff_ffff_ffff)
        for byte in random { value = value << 8 | UInt128(byte) }
        let symbols = [UInt8](capacity: Self.length) { output in
            for place in 0..<Self.length {
                output.append(
                    crockford[Int(truncatingIfNeeded: value >> UInt128(125 - 5 * place)) & 31])
            }
        }
        text = String(decoding: symbols, as: UTF8.self)
    }

    /// Accepts exactly the written form, so that one id has one spelling.
    package init?(_ text: some StringProtocol) { self.init(String(text)) }

    package init?(_ text: String) {
        let bytes = text.utf8.span
        guard bytes.count == Self.length, bytes[0] <= UInt8(ascii: "7") else { return nil }
        for place in bytes.indices where !isCrockford(bytes[place]) { return nil }
        self.text = text
    }
}

extension Identifier {
    /// The time in the id, in milliseconds since 1970: when whatever it names began.
    package var milliseconds: Int64 {
        let symbols = text.utf8.span
        var value: Int64 = 0
        for place in 0..<10 { value = value << 5 | Int64(crockfordValues[Int(symbols[place])]) }
        return value
    }

    /// The same as a date in UTC; an id may name any day up to the year 10889.
    package var day: CivilDate { CivilDate(daysSince1970: milliseconds / 86_400_000) }

    /// The 128 bits of the id, for places where millions of them are kept.
    package var packed: [UInt8] {
        var bytes: [UInt8] = []
        _ = Self.pack(text.utf8.span, to: &bytes)
        return bytes
    }

    /// Appends `packed` of the id that is written so.
    /// - Returns: false, and nothing is appended, when it is none.
    package static func pack(_ symbols: Span<UInt8>, to output: inout [UInt8]) -> Bool {
        guard symbols.count == length, symbols[0] <= UInt8(ascii: "7") else { return false }
        let values = crockfordValues.span
        var value: UInt128 = 0
        for place in symbols.indices {
            let symbol = symbols[place]
            let five = values[Int(symbol)]
            guard five > 0 || symbol == UInt8(ascii: "0") else { return false }
            value = value << 5 | UInt128(five)
        }
        output.append(addingCapacity: 16) { output in
            for place in 0..<16 {
                output.append(UInt8(truncatingIfNeeded: value >> UInt128(120 - 8 * place)))
            }
        }
        return true
    }
}

/// Digits and lower-case letters without `i`, `l`, `o`, `u`.
private func isCrockford(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "h"),
        UInt8(ascii: "j"), UInt8(ascii: "k"), UInt8(ascii: "m"), UInt8(ascii: "n"),
        UInt8(ascii: "p")...UInt8(ascii: "t"), UInt8(ascii: "v")...UInt8(ascii: "z"):
        true
    default: false
    }
}

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
