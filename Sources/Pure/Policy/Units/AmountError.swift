/// The reason why a value is not shown in its unit, so that it is shown raw. It contains no text of a call.
package enum AmountError: Error, Hashable, Sendable, CustomStringConvertible {
    case notNumber
    /// Beyond 2^53-1, where programs that read JSON may round.
    case outOfRange
    /// The unit has whole numbers only.
    case fraction
    /// More digits after the point than the currency has.
    case tooManyDigits(Currency)
    /// The argument with the currency is not given, or is no text.
    case noCurrency(ArgumentPath)
    /// ISO 4217 has no such currency.
    case unknownCurrency(ArgumentPath)
    /// No date of the years 1 to 9999.
    case noDate

    package var description: String {
        switch self {
        case .notNumber: "not a number"
        case .outOfRange: "beyond 2^53, where programs round"
        case .fraction: "a fraction, where the unit is whole"
        case .tooManyDigits(let currency):
            "more digits after the point than \(currency.code) has (\(currency.digits))"
        case .noCurrency(let path): "currency not given in \(path)"
        case .unknownCurrency(let path): "\(path) is no currency of ISO 4217"
        case .noDate: "no date of the years 1 to 9999"
        }
    }
}
