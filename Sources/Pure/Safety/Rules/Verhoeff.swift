/// Verhoeff's check digit, by the multiplication of the dihedral group of ten elements and a permutation.
enum Verhoeff {
    static func isValid(_ digits: [Int]) -> Bool {
        var check = 0
        for (place, digit) in digits.reversed().enumerated() {
            check = product(check, permuted(digit, place % 8))
        }
        return check == 0
    }

    /// The elements 0 to 4 are rotations, 5 to 9 reflections.
    private static func product(_ first: Int, _ second: Int) -> Int {
        switch (first < 5, second < 5) {
        case (true, true): (first + second) % 5
        case (true, false): (first + second) % 5 + 5
        case (false, true): (first - second + 5) % 5 + 5
        case (false, false): (first - second + 5) % 5
        }
    }

    private static let permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]

    private static func permuted(_ digit: Int, _ times: Int) -> Int {
        (0..<times).reduce(digit) { digit, _ in permutation[digit] }
    }
}
