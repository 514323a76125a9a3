package import InterlockJSON
import InterlockModel

/// Formats a number in its declared unit, in exact decimals and with U+202F between thousands. A value that does not
/// fit its unit has no text but a reason.
package enum UnitFormatter {
    /// - Parameter currency: the currency of the call, if it is money and an argument has it.
    package static func text(
        of value: JSONValue, as kind: ArgumentUnit.Kind, _ currency: Currency?
    ) throws(AmountError) -> String {
        let number = try ExactDecimal(amount: value)
        switch kind {
        case .money(let scale, let source):
            return try money(number, scale, try source.currency(or: currency))
        case .count(let name): return "\(try whole(number).text()) \(name)"
        case .measure(let measure): return try text(of: number, in: measure)
        }
    }

    private static func money(
        _ number: ExactDecimal, _ scale: ArgumentUnit.MoneyScale, _ currency: Currency
    ) throws(AmountError) -> String {
        var amount = number
        switch scale {
        case .minor: amount = try whole(number).scaled(byTenTo: -currency.digits)
        case .major:
            guard number.fraction.utf8.count <= currency.digits else {
                throw .tooManyDigits(currency)
            }
        }
        return "\(amount.text(fractionDigits: currency.digits)) \(currency.code)"
    }

    private static func text(
        of number: ExactDecimal, in measure: ArgumentUnit.Measure
    ) throws(AmountError) -> String {
        switch measure {
        case .bytes: try bytes(whole(number))
        case .percent: number.text() + " %"
        case .seconds: duration(number)
        case .milliseconds:
            try whole(number).whole.utf8.count <= 3
                ? number.text() + " ms" : duration(number.scaled(byTenTo: -3))
        case .unixSeconds: try date(whole(number), perSecond: 1)
        case .unixMilliseconds: try date(whole(number), perSecond: 1000)
        }
    }

    private static func whole(_ number: ExactDecimal) throws(AmountError) -> ExactDecimal {
        guard number.isInteger else { throw .fraction }
        return number
    }

    /// The largest binary unit that gives at most 2 digits after the point, exactly; otherwise bytes.
    private static func bytes(_ number: ExactDecimal) throws(AmountError) -> String {
        guard let count = UInt64(number.whole) else { throw .outOfRange }
        for (name, bits) in [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)] {
            // The product fits, because a number has at most 53 bits.
            let (hundredths, rest) = (count * 100).quotientAndRemainder(dividingBy: 1 << bits)
            guard count >= 1 << bits, rest == 0 else { continue }
            let size = ExactDecimal(Int64(hundredths)).scaled(byTenTo: -2)
            return "\(number.isNegative ? "-" : "")\(size.text()) \(name)"
        }
        return "\(number.text()) \(count == 1 ? "byte" : "bytes")"
    }

    /// Days, hours, minutes and seconds without those that are 0: `1 h 58 min`.
    private static func duration(_ seconds: ExactDecimal) -> String {
        var rest = UInt64(seconds.whole) ?? 0
        var parts: [String] = []
        for (name, length) in [("d", 86_400), ("h", 3_600), ("min", 60)] as [(String, UInt64)] {
            let (count, left) = rest.quotientAndRemainder(dividingBy: length)
            if count > 0 { parts.append("\(ExactDecimal(Int64(count)).text()) \(name)") }
            rest = left
        }
        let fraction = seconds.fraction.isEmpty ? "" : "." + seconds.fraction
        if rest > 0 || !fraction.isEmpty || parts.isEmpty { parts.append("\(rest)\(fraction) s") }
        return (seconds.isNegative ? "-" : "") + parts.joined(separator: " ")
    }

    /// The seconds of the first moment of year 1 and the last of year 9999.
    private static let dates: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// The time in UTC: `2026-11-20 10:00:00 UTC`.
    private static func date(
        _ number: ExactDecimal, perSecond: Int64
    ) throws(AmountError) -> String {
        guard let magnitude = Int64(number.whole) else { throw .outOfRange }
        let count = number.isNegative ? -magnitude : magnitude
        guard dates.lowerBound * perSecond <= count, count < (dates.upperBound + 1) * perSecond
        else { throw .noDate }
        let time = Timestamp(microseconds: count * (1_000_000 / perSecond))
        let text = time.rfc3339(fractionDigits: count % perSecond == 0 ? 0 : 3)
        return "\(text.prefix(10)) \(text.dropFirst(11).dropLast()) UTC"
    }
}

extension ArgumentUnit.CurrencySource {
    /// The currency that the policy states, or that of the call.
    fileprivate func currency(or other: Currency?) throws(AmountError) -> Currency {
        switch self {
        case .fixed(let currency): return currency
        case .argument(let path):
            guard let other else { throw .noCurrency(path) }
            return other
        }
    }
}
