/// Limits on the size of a CEL text (docs/specs/policy.md, section 5.4). A text beyond one of them is
/// `tooLarge`.
package struct CELLimits: Sendable, Hashable {
    package let bytes: Int
    package let nodes: Int
    /// The maximum depth of the tree: the number of nodes from the root to the farthest one, both included.
    /// Long chains of `&&` and `||` are built balanced, so they add little to it.
    package let depth: Int
    /// The maximum nesting of parentheses, brackets, braces, calls and branches of `?:`, whatever tree they
    /// make. It bounds the parser's own stack.
    package let nesting: Int
    /// The maximum nesting of macros over lists or maps in one another's bodies.
    package let comprehensions: Int

    /// The limits of the engine itself. CEL requires 24 to 32 repetitions and 12 recursive levels.
    package static let engine = CELLimits(
        bytes: 16 << 10, nodes: 4096, depth: 128, nesting: 64, comprehensions: 8)

    /// The limits of a policy's guard.
    package static let guardText = CELLimits(
        bytes: 1 << 10, nodes: 256, depth: 32, nesting: 64, comprehensions: 2)
}
