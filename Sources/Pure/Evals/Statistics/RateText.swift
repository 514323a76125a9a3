/// The written forms of rates and probabilities.
package enum RateText {
    /// A rate from -1 to 1 with one digit: `97.5 %`.
    package static func percent(_ rate: Double) -> String { percentNumber(rate) + " %" }

    /// The same without the sign.
    package static func percentNumber(_ rate: Double) -> String { decimal(rate * 100, digits: 1) }

    /// A p-value as results write it.
    package static func pValue(_ value: Double) -> String {
        EvalFraction(pValue: value)?.text ?? "nan"
    }

    /// A number of less than a billion with a fixed number of digits behind the point, rounded to the nearest.
    ///
    /// A value that is not a number, or too large, is `nan`, so that no text states a value for it.
    package static func decimal(_ value: Double, digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e9, (1...6).contains(digits) else { return "nan" }
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int64((abs(value) * Double(scale)).rounded())
        let rest = String(scaled % Int64(scale))
        let zeros = String(repeating: "0", count: digits - rest.utf8.count)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        return "\(sign)\(scaled / Int64(scale)).\(zeros)\(rest)"
    }
}
