/// The names that an agent does not see, at any depth (docs/specs/sandbox.md, section 8, `hide` and `hide_extra`).
package struct HiddenNames: Hashable, Sendable {
    /// The most patterns of one policy.
    package static let mostPatterns = 512

    package let patterns: [NamePattern]

    /// - Parameter texts: the patterns of the policy, which has a list of usual ones.
    /// - Throws: the first pattern that cannot be used.
    package init(_ texts: [String]) throws(PatternError) {
        guard texts.count <= Self.mostPatterns else { throw .tooMany }
        var patterns: [NamePattern] = []
        for text in texts {
            guard let pattern = NamePattern(text) else { throw .invalid(text) }
            patterns.append(pattern)
        }
        self.patterns = patterns
    }

    package enum PatternError: Error, Hashable {
        case invalid(String)
        case tooMany
    }

    package func hides(_ name: ArraySlice<UInt8>) -> Bool {
        patterns.contains { $0.matches(name) }
    }
}
