/// The digits of a match. Words around a number have none.
enum DecimalDigits {
    static func of(_ value: some Sequence<UInt8>) -> [Int] {
        value.filter { (0x30...0x39).contains($0) }.map { Int($0) - 0x30 }
    }

    /// The number that digits write.
    static func number(_ digits: some Sequence<Int>) -> Int { digits.reduce(0) { $0 * 10 + $1 } }

    /// The sum of digits times weights; further digits count nothing.
    static func sum(_ digits: [Int], _ weights: [Int]) -> Int {
        zip(digits, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// Luhn's check digit (ISO/IEC 7812-1, annex B).
    static func areLuhn(_ digits: [Int]) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let doubled = place % 2 == 0 ? digit : 2 * digit
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return sum % 10 == 0
    }

    /// True if all are alike, as in a placeholder.
    static func areOne(_ digits: [Int]) -> Bool {
        digits.allSatisfy { $0 == digits.first }
    }
}
