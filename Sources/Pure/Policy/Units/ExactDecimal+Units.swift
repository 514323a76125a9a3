import InterlockJSON

/// A number as people read it.
extension ExactDecimal {
    /// The separator of thousands: U+202F, a narrow space that does not break.
    static let separator: Character = "\u{202f}"

    /// The number as its canonical JSON form spells it, which is what people sign and what is sent.
    ///
    /// - Throws: `notNumber`, or `outOfRange` if readers of JSON may not preserve the number.
    init(amount value: JSONValue) throws(AmountError) {
        switch value {
        case .integer(let number):
            guard number.magnitude <= UInt64(JSONValue.largestInteger) else { throw .outOfRange }
            self.init(number)
        case .number(let number):
            guard number.double.magnitude <= Double(JSONValue.largestInteger),
                let canonical = JSONNumber(number.double)
            else { throw .outOfRange }
            self.init(canonical)
        case .null, .bool, .string, .array, .object: throw .notNumber
        }
    }

    /// The digits before the point, without leading zeros; `0` if there are no others.
    var whole: String {
        let count = digits.count + exponent
        return count > 0
            ? text(of: digits.prefix(count)) + String(repeating: "0", count: max(0, exponent)) : "0"
    }

    /// The digits after the point, without trailing zeros; empty for a whole number.
    var fraction: String {
        guard !isInteger else { return "" }
        let count = digits.count + exponent
        return String(repeating: "0", count: max(0, -count))
            + text(of: digits.dropFirst(max(0, count)))
    }

    private func text(of digits: ArraySlice<UInt8>) -> String {
        String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
    }

    /// The number with separators between thousands.
    ///
    /// - Parameter digits: the least number of digits after the point.
    func text(fractionDigits digits: Int = 0) -> String {
        let (whole, fraction) = (whole, fraction)
        var grouped = ""
        for (place, digit) in whole.enumerated() {
            if place > 0, (whole.utf8.count - place) % 3 == 0 { grouped.append(Self.separator) }
            grouped.append(digit)
        }
        let padding = String(repeating: "0", count: max(0, digits - fraction.utf8.count))
        let decimals = fraction + padding
        return (isNegative ? "-" : "") + grouped + (decimals.isEmpty ? "" : "." + decimals)
    }
}
