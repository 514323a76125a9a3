/// A deterministic automaton for one literal. States are small integers; the start state is 0.
struct StringAutomaton: Sendable {
    private let literal: StringLiteral
    /// The text of a prefix, suffix, contains or before test.
    private let pattern: CodePointArray
    /// The failure function of Knuth, Morris and Pratt: at index i - 1, the length of the longest match
    /// that remains when a match breaks after i code points.
    private let fallback: [Int]
    private let trie: Trie
    /// The size at which the automaton stops counting, because all sizes from here on are equivalent.
    private let largestSize: Int

    /// The largest size that is counted; a guard with a larger bound is not decided.
    static let largestCountedSize = 20_000.0

    private static let dead = -1
    private static let less = -2

    init(_ literal: StringLiteral) throws(AnalysisLimit) {
        self.literal = literal
        pattern = literal.atom.texts.first ?? []
        var fallback: [Int] = []
        var trie = Trie()
        var size = 0.0
        switch literal.atom {
        case .oneOf(let texts): for text in texts { trie.insert(text) }
        case .suffix, .contains: fallback = failures(pattern)
        case .prefix, .before: break
        case .size(let sizes):
            for range in sizes.ranges {
                size = max(size, range.lowerBound)
                if range.upperBound < sizes.grid.highest { size = max(size, range.upperBound) }
            }
        }
        guard size <= StringAutomaton.largestCountedSize else { throw .tooManyStates }
        self.fallback = fallback
        self.trie = trie
        largestSize = Int(size) + 1
    }

    func next(_ state: Int, _ codePoint: UInt32) -> Int {
        if state < 0 { return state }
        switch literal.atom {
        case .oneOf: return trie.child(of: state, codePoint) ?? StringAutomaton.dead
        case .prefix:
            if state == pattern.count { return state }
            return pattern[state] == codePoint ? state + 1 : StringAutomaton.dead
        case .contains: return state == pattern.count ? state : step(state, codePoint)
        case .suffix: return pattern.isEmpty ? 0 : step(state, codePoint)
        case .before:
            if state == pattern.count || codePoint > pattern[state] { return StringAutomaton.dead }
            return codePoint < pattern[state] ? StringAutomaton.less : state + 1
        case .size: return min(state + 1, largestSize)
        }
    }

    func accepts(_ state: Int) -> Bool {
        let holds =
            switch literal.atom {
            case .oneOf: trie.isEnd(state)
            case .prefix, .suffix, .contains: state == pattern.count
            case .before: state == StringAutomaton.less || (0..<pattern.count).contains(state)
            case .size(let sizes): sizes.contains(Double(state))
            }
        return holds != literal.isNegated
    }

    private func step(_ state: Int, _ codePoint: UInt32) -> Int {
        var matched = state == pattern.count ? fallback[state - 1] : state
        while matched > 0, pattern[matched] != codePoint { matched = fallback[matched - 1] }
        return pattern[matched] == codePoint ? matched + 1 : 0
    }
}

private func failures(_ pattern: CodePointArray) -> [Int] {
    var result = [Int](repeating: 0, count: pattern.count)
    var matched = 0
    for index in pattern.indices.dropFirst() {
        while matched > 0, pattern[index] != pattern[matched] { matched = result[matched - 1] }
        if pattern[index] == pattern[matched] { matched += 1 }
        result[index] = matched
    }
    return result
}

/// A finite set of texts, read code point by code point.
private struct Trie: Sendable {
    private var children: [[UInt32: Int]] = [[:]]
    private var ends: Set<Int> = []

    mutating func insert(_ text: CodePointArray) {
        var node = 0
        for codePoint in text {
            if let next = children[node][codePoint] {
                node = next
            } else {
                children.append([:])
                children[node][codePoint] = children.count - 1
                node = children.count - 1
            }
        }
        ends.insert(node)
    }

    func child(of node: Int, _ codePoint: UInt32) -> Int? { children[node][codePoint] }
    func isEnd(_ node: Int) -> Bool { ends.contains(node) }
}
