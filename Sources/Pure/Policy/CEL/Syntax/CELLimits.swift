/// How large a CEL text may be (specs of the policy, 5.4). Beyond one of these: `tooLarge`.
package struct CELLimits: Sendable, Hashable {
    package let bytes: Int
    package let nodes: Int
    /// Of the tree: nodes from the root to the farthest one, both counted. Long chains of `&&` and
    /// `||` are built balanced, so they do not count here.
    package let depth: Int
    /// Parentheses, brackets, braces, calls and branches of `?:` inside one another, whatever tree
    /// they make. It bounds the parser's own stack.
    package let nesting: Int
    /// Macros that run over lists or maps, inside one another's bodies.
    package let comprehensions: Int

    package init(bytes: Int, nodes: Int, depth: Int, nesting: Int, comprehensions: Int) {
        self.bytes = bytes
        self.nodes = nodes
        self.depth = depth
        self.nesting = nesting
        self.comprehensions = comprehensions
    }

    /// What the engine takes at all. CEL asks for 24 to 32 repetitions and 12 recursive levels.
    package static let engine = CELLimits(
        bytes: 16 << 10, nodes: 4096, depth: 128, nesting: 64, comprehensions: 8)

    /// A guard of a policy.
    package static let guardText = CELLimits(
        bytes: 1 << 10, nodes: 256, depth: 32, nesting: 64, comprehensions: 2)
}
