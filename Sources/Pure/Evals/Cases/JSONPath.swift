import InterlockJSON

/// The unescaped reference tokens of a pointer (RFC 6901), at most `longest`; none for the whole document.
package struct JSONPath: Sendable, Hashable {
    package let tokens: [String]

    package static let longest = 32

    /// - Returns: nil if the text is no pointer, or longer than `EvalLimits.patternBytes` or `longest` tokens.
    package init?(_ pointer: String) {
        guard pointer.utf8.count <= EvalLimits.patternBytes,
            let tokens = JSONPointer.tokens(pointer), tokens.count <= Self.longest
        else { return nil }
        self.tokens = tokens
    }

    private init(tokens: [String]) { self.tokens = tokens }

    /// The path of the array or object that has the place; nil for the whole document.
    var parent: JSONPath? { tokens.isEmpty ? nil : JSONPath(tokens: Array(tokens.dropLast())) }

    /// The pointer as text.
    package var text: String { tokens.map { "/" + JSONPointer.escaped($0) }.joined() }

    /// Returns true if this path leads to a place inside of the value at `other`.
    func isBelow(_ other: JSONPath) -> Bool {
        tokens.count > other.tokens.count
            && zip(tokens, other.tokens).allSatisfy { sameBytes($0, $1) }
    }

    package static func == (a: JSONPath, b: JSONPath) -> Bool {
        a.tokens.count == b.tokens.count
            && zip(a.tokens, b.tokens).allSatisfy { sameBytes($0, $1) }
    }

    package func hash(into hasher: inout Hasher) {
        for token in tokens { hashBytes(of: token, into: &hasher) }
    }
}
