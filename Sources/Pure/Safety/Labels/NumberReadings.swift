import InterlockJSON
import InterlockModel

/// The numbers that a token may mean, in one form: `1,200.50`, `1.200,50` and `1200.5` are equal. `1.200` means two.
struct NumberReadings {
    private(set) var first: [UInt8]?
    private(set) var second: [UInt8]?

    /// The longest token that is read as a number.
    static let longest = 64

    init(_ token: Span<UInt8>) {
        guard (1...Self.longest).contains(token.count) else { return }
        let isNegative = token[0] == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        var points = 0
        var commas = 0
        var last = -1
        for index in start..<token.count {
            switch token[index] {
            case UInt8(ascii: "."): points += 1
            case UInt8(ascii: ","): commas += 1
            case UInt8(ascii: "'"):
                // Only between digits of a whole part.
                guard index > start, index + 3 < token.count else { return }
                continue
            case let byte where isDigit(byte): continue
            default: return
            }
            last = index
        }
        guard start < token.count, isDigit(token[start]), isDigit(token[token.count - 1]) else {
            return
        }
        if points + commas == 0 {
            first = Self.canonical(token, start, fraction: token.count, isNegative)
        } else if points > 0, commas > 0 {
            // The last separator is that of the fraction.
            let isPoint = token[last] == UInt8(ascii: ".")
            guard (isPoint ? points : commas) == 1,
                Self.isGrouped(token, start, last)
            else { return }
            first = Self.canonical(token, start, fraction: last, isNegative)
        } else if points + commas == 1 {
            first = Self.canonical(token, start, fraction: last, isNegative)
            if token.count - last == 4, (1...3).contains(last - start) {
                second = Self.canonical(token, start, fraction: token.count, isNegative)
            }
        } else if Self.isGrouped(token, start, token.count) {
            first = Self.canonical(token, start, fraction: token.count, isNegative)
        }
    }

    /// True if three digits follow each separator.
    private static func isGrouped(_ token: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        var digits = 0
        var groups = 0
        for index in start..<end {
            if isDigit(token[index]) {
                digits += 1
                continue
            }
            guard groups == 0 ? (1...3).contains(digits) : digits == 3 else { return false }
            groups += 1
            digits = 0
        }
        return digits == 3
    }

    /// - Parameter fraction: the index of the separator before the fraction, or the end.
    private static func canonical(
        _ token: Span<UInt8>, _ start: Int, fraction: Int, _ isNegative: Bool
    ) -> [UInt8] {
        var digits: [UInt8] = []
        for index in start..<fraction where isDigit(token[index]) { digits.append(token[index]) }
        var rest: [UInt8] = []
        if fraction < token.count {
            for index in fraction + 1..<token.count { rest.append(token[index]) }
        }
        return written(digits[...], rest[...], isNegative)
    }

    private static func written(
        _ digits: ArraySlice<UInt8>, _ fraction: ArraySlice<UInt8>, _ isNegative: Bool
    ) -> [UInt8] {
        let zero = UInt8(ascii: "0")
        let whole = digits.drop { $0 == zero }
        var fraction = fraction
        while fraction.last == zero { fraction.removeLast() }
        guard !whole.isEmpty || !fraction.isEmpty else { return [zero] }
        var text: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        text += whole.isEmpty ? [zero] : Array(whole)
        if !fraction.isEmpty {
            text.append(UInt8(ascii: "."))
            text += fraction
        }
        return text
    }

    static func canonical(_ integer: Int64) -> [UInt8] { Array(String(integer).utf8) }

    static func canonical(_ number: JSONNumber) -> [UInt8] {
        let decimal = ExactDecimal(number)
        let digits = decimal.digits.map { $0 + UInt8(ascii: "0") }
        guard !digits.isEmpty else { return [UInt8(ascii: "0")] }
        let exponent = decimal.exponent
        guard abs(exponent) <= longest else {
            // No token of a text is read as such a number.
            return (decimal.isNegative ? [UInt8(ascii: "-")] : []) + digits
                + Array("e\(exponent)".utf8)
        }
        let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: abs(exponent))
        if exponent >= 0 { return written((digits + zeros)[...], [], decimal.isNegative) }
        let all = zeros + digits
        return written(
            all[..<(all.count + exponent)], all[(all.count + exponent)...], decimal.isNegative)
    }
}
