/// Numbers in the form of ECMAScript (RFC 8785, section 3.2.2.3).
enum JSONNumber {
    /// Returns whether this is the canonical form of the number.
    static func isCanonical(_ text: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: text, as: UTF8.self)
        guard let value = Double(text), value.isFinite else { return false }
        return written(value) == text
    }

    private static func written(_ value: Double) -> String {
        guard value != 0 else { return "0" }
        // The shortest digits that read back as the same number, as ECMAScript requires; only their layout differs.
        let parts = value.magnitude.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".")
        let all = mantissa.joined()
        var digits = String(all.drop { $0 == "0" })
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let point = mantissa[0].count + exponent - (all.count - digits.count)
        while digits.last == "0" { digits.removeLast() }
        let sign = value < 0 ? "-" : ""
        switch point {
        case digits.count...21: return sign + digits + zeros(point - digits.count)
        case 1...21: return sign + digits.prefix(point) + "." + digits.dropFirst(point)
        case -5...0: return sign + "0." + zeros(-point) + digits
        default:
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            let mark = point > 0 ? "e+" : "e-"
            return sign + digits.prefix(1) + fraction + mark + String(abs(point - 1))
        }
    }

    private static func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
}
