/// A compiled regular expression in RE2 syntax. Matching takes linear time and is safe from any thread.
package protocol Pattern: Sendable {
    /// Returns true if the pattern matches anywhere in `text` (unanchored).
    func matches(_ text: String) -> Bool

    /// The number of instructions of the compiled program, at least 1. A search takes at most about 4 ns per byte of
    /// text and instruction; most patterns take far less, but which ones cannot be predicted.
    var instructions: Int { get }
}

/// Compiles patterns; injected because Pure has no matcher.
package protocol PatternCompiler: Sendable {
    /// - Throws: `PatternError` if the text is not a pattern or needs more than the memory cap (1 MiB).
    func compile(_ text: String) throws(PatternError) -> any Pattern
}

package struct PatternError: Error, Equatable {
    /// The message of the matcher, in lower case.
    package let message: String
    package init(message: String) { self.message = message }
}
