/// A compiled regular expression of RE2's syntax. Linear in the input, safe from any thread.
package protocol Pattern: Sendable {
    /// Whether the pattern matches anywhere in `text` (unanchored).
    func matches(_ text: String) -> Bool

    /// Of the compiled program, at least 1. A search takes at most some 4 ns for each byte of the text and each
    /// instruction; far less for most patterns, and which ones cannot be told before.
    var instructions: Int { get }
}

/// Compiles patterns; they come in from outside because Pure has no matcher of its own.
package protocol PatternCompiler: Sendable {
    /// - Throws: `PatternError` when the text is no pattern or needs more than the memory cap (1 MiB).
    func compile(_ text: String) throws(PatternError) -> any Pattern
}

package struct PatternError: Error, Equatable {
    /// The matcher's own words, in lower case.
    package let message: String
    package init(message: String) { self.message = message }
}
