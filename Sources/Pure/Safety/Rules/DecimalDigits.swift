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

    /// True if the groups of digits are at least three numbers that rise or fall by the same step, as offsets of a file do.
    static func areSequence(_ value: ArraySlice<UInt8>) -> Bool {
        let groups = value.split { !(0x30...0x39).contains($0) }.map { number(of($0)) }
        guard groups.count >= 3 else { return false }
        let step = groups[1] - groups[0]
        return step != 0 && zip(groups, groups.dropFirst()).allSatisfy { $1 - $0 == step }
    }
}
