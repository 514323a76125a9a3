import InterlockJSON

/// A number in decimal digits, exactly as its canonical JSON form spells it. No operation rounds.
struct ExactDecimal: Hashable, Sendable {
    let isNegative: Bool
    /// The digits before the point, without leading zeros; `0` if there are no others.
    let whole: String
    /// The digits after the point, without trailing zeros; empty for a whole number.
    let fraction: String

    /// The separator of thousands: U+202F, a narrow space that does not break.
    static let separator: Character = "\u{202f}"

    /// - Throws: `notNumber`, or `outOfRange` if readers of JSON may not preserve the number.
    init(_ value: JSONValue) throws(AmountError) {
        switch value {
        case .integer(let number):
            guard number.magnitude <= UInt64(JSONValue.largestInteger) else { throw .outOfRange }
            self.init(whole: number.magnitude, isNegative: number < 0)
        case .number(let number):
            // The canonical form is what people sign and what is sent, so it is what is shown.
            guard number.double.magnitude <= Double(JSONValue.largestInteger),
                let canonical = JSONNumber(number.double)
            else { throw .outOfRange }
            self.init(canonical: canonical.text)
        case .null, .bool, .string, .array, .object: throw .notNumber
        }
    }

    init(whole: UInt64, isNegative: Bool = false) {
        self.init(isNegative: isNegative, digits: String(whole), point: String(whole).utf8.count)
    }

    /// - Parameter canonical: a number as ECMAScript spells it.
    private init(canonical: String) {
        let isNegative = canonical.hasPrefix("-")
        let parts = canonical.drop { $0 == "-" }.split(separator: "e", maxSplits: 1)
        let mantissa = (parts.first ?? "0").split(
            separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let exponent = parts.count > 1 ? Int(parts[1].drop { $0 == "+" }) ?? 0 : 0
        let fraction = mantissa.count > 1 ? String(mantissa[1]) : ""
        self.init(
            isNegative: isNegative, digits: mantissa[0] + fraction,
            point: mantissa[0].utf8.count + exponent)
    }

    /// - Parameter point: the number of digits before the point; negative if zeros follow the point.
    private init(isNegative: Bool, digits: some StringProtocol, point: Int) {
        let padded =
            String(repeating: "0", count: max(0, 1 - point)) + digits
            + String(repeating: "0", count: max(0, point - digits.utf8.count))
        let split = max(1, point)
        let whole = padded.prefix(split).drop { $0 == "0" }
        var fraction = padded.dropFirst(split)
        while fraction.last == "0" { fraction.removeLast() }
        self.isNegative = isNegative && !(whole.isEmpty && fraction.isEmpty)
        self.whole = whole.isEmpty ? "0" : String(whole)
        self.fraction = String(fraction)
    }

    /// The number divided by a power of ten.
    func divided(byTenTo digits: Int) -> ExactDecimal {
        ExactDecimal(
            isNegative: isNegative, digits: whole + fraction, point: whole.utf8.count - digits)
    }

    var magnitude: ExactDecimal {
        ExactDecimal(isNegative: false, digits: whole + fraction, point: whole.utf8.count)
    }

    /// The number with separators between thousands.
    ///
    /// - Parameter digits: the least number of digits after the point.
    func text(fractionDigits digits: Int = 0) -> String {
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
