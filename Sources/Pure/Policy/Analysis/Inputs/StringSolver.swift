/// Finds a string that satisfies several literals, or shows that no such string exists.
enum StringSolver {
    /// The maximum number of states in the product of the literals' automata.
    static let mostStates = 50_000

    /// Returns nil if no string satisfies all literals.
    static func solve(_ all: Set<StringLiteral>) throws(AnalysisLimit) -> String? {
        // The order is fixed, so that a witness does not change from run to run.
        let literals = all.sorted(by: StringLiteral.isTriedBefore)
        func fits(_ text: CodePointArray) -> Bool { literals.allSatisfy { $0.holds(for: text) } }
        for literal in literals where !literal.isNegated {
            guard case .oneOf(let texts) = literal.atom else { continue }
            return texts.first(where: fits).map { String(codePointArray: $0) }
        }
        if let telling = tellingTexts(literals).first(where: fits) {
            return String(codePointArray: telling)
        }
        return try shortest(literals).map { String(codePointArray: $0) }
    }

    /// Texts close to those of the guard, which are more informative than the shortest solution.
    private static func tellingTexts(_ literals: [StringLiteral]) -> [CodePointArray] {
        let texts = literals.flatMap { literal in literal.atom.texts }
        return texts + texts.map { Array($0.prefix(4)) }.filter { !$0.isEmpty }
            + texts.map { $0 + "x".codePointArray } + ["x".codePointArray]
    }

    private struct Step {
        let states: [Int]
        /// The index of the preceding step, and the code point that leads here from it.
        let origin: Int
        let codePoint: UInt32
    }

    /// Searches the product of the automata breadth first.
    private static func shortest(_ literals: [StringLiteral]) throws(AnalysisLimit)
        -> CodePointArray?
    {
        var automata: [StringAutomaton] = []
        for literal in literals { automata.append(try StringAutomaton(literal)) }
        let alphabet = alphabet(of: literals)
        let start = automata.map { _ in 0 }
        var steps = [Step(states: start, origin: -1, codePoint: 0)]
        var seen: Set<[Int]> = [start]
        var place = 0
        while place < steps.count {
            let states = steps[place].states
            if zip(automata, states).allSatisfy({ $0.accepts($1) }) {
                return path(to: place, in: steps)
            }
            for codePoint in alphabet {
                let next = zip(automata, states).map { $0.next($1, codePoint) }
                guard seen.insert(next).inserted else { continue }
                guard steps.count < mostStates else { throw .tooManyStates }
                steps.append(Step(states: next, origin: place, codePoint: codePoint))
            }
            place += 1
        }
        return nil
    }

    private static func path(to place: Int, in steps: [Step]) -> CodePointArray {
        var text: CodePointArray = []
        var place = place
        while steps[place].origin >= 0 {
            text.append(steps[place].codePoint)
            place = steps[place].origin
        }
        return text.reversed()
    }

    /// The code points of the texts, and one for each gap between them, because no literal distinguishes
    /// those within a gap. Letters come first, so that strings are readable.
    private static func alphabet(of literals: [StringLiteral]) -> [UInt32] {
        let named = Set(literals.flatMap { $0.atom.texts.joined() }).sorted()
        var result = named
        var low: UInt32 = 0
        for high in named + [0x11_0000] {
            if let between = representative(low..<max(low, high)) { result.append(between) }
            low = high + 1
        }
        return result.sorted { (rank($0), $0) < (rank($1), $1) }
    }

    private static func representative(_ gap: Range<UInt32>) -> UInt32? {
        let letters = UInt32(UInt8(ascii: "a"))...UInt32(UInt8(ascii: "z"))
        if let letter = letters.first(where: gap.contains) { return letter }
        let printable: ClosedRange<UInt32> = 0x20...0x7e
        if let sign = printable.first(where: gap.contains) { return sign }
        // Surrogates are not code points of a string.
        return gap.first { Unicode.Scalar($0) != nil }
    }

    private static func rank(_ codePoint: UInt32) -> Int {
        (UInt32(UInt8(ascii: "a"))...UInt32(UInt8(ascii: "z"))).contains(codePoint) ? 0 : 1
    }
}

extension StringLiteral {
    /// Orders literals with fewer texts first: a single text is more informative than one of a list.
    fileprivate static func isTriedBefore(_ a: StringLiteral, _ b: StringLiteral) -> Bool {
        let left = a.atom.texts
        let right = b.atom.texts
        if left.count != right.count { return left.count < right.count }
        if left != right {
            return left.joined(separator: [0]).lexicographicallyPrecedes(
                right.joined(separator: [0]))
        }
        return (a.isNegated ? 1 : 0, a.atom.rank) < (b.isNegated ? 1 : 0, b.atom.rank)
    }
}

extension StringAtom {
    fileprivate var rank: Int {
        switch self {
        case .oneOf: 0
        case .prefix: 1
        case .suffix: 2
        case .contains: 3
        case .before: 4
        case .size: 5
        }
    }
}
