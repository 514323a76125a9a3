/// Canonically equivalent keys: `a` and permutations of ten combining marks of ten classes. As strings they are equal
/// and have the same hash under every seed; their bytes differ.
package enum CollidingKeys {
    private static let marks: [Unicode.Scalar] = [
        "\u{334}", "\u{5b0}", "\u{327}", "\u{31b}", "\u{302a}", "\u{316}", "\u{302d}", "\u{302b}",
        "\u{300}", "\u{315}",
    ]

    /// - Precondition: `number` is below 10!, which is 3,628,800.
    package static func key(_ number: Int) -> String {
        var rest = marks
        var text: String.UnicodeScalarView = .init(["a"])
        var number = number
        while !rest.isEmpty {
            text.append(rest.remove(at: number % rest.count))
            number /= rest.count + 1
        }
        return String(text)
    }

    package static func first(_ count: Int) -> [String] { (0..<count).map(key) }
}
