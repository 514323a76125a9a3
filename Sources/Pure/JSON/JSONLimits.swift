/// What a document may cost. Every parse names one: what agents send and what upstreams answer differ.
package struct JSONLimits: Sendable, Hashable {
    /// What to do with an integer spelled as one outside +-(2^53-1).
    package enum LargeIntegers: Sendable, Hashable {
        /// The agent is told the place; it should send a string.
        case refuse
        /// Kept as `.number` with its exact text.
        case keep
    }

    /// Arrays and objects inside one another; the outermost counts 1.
    package var depth: Int
    package var bytes: Int
    /// Values in the whole document, so that memory stays within a small multiple of this.
    package var values: Int
    /// Members of one object.
    package var members: Int
    package var largeIntegers: LargeIntegers

    package init(
        depth: Int = 128, bytes: Int, values: Int = 1_000_000, members: Int = 10_000,
        largeIntegers: LargeIntegers = .refuse
    ) {
        self.depth = depth
        self.bytes = bytes
        self.values = values
        self.members = members
        self.largeIntegers = largeIntegers
    }

    /// What agents, people and files send: 4 MiB, depth 128, 10,000 members in one object (specs of MCP, section 10). So
    /// many values that one in ten bytes is possible, and no body takes 0.1 s.
    package static let agent = JSONLimits(bytes: 4 << 20, values: 400_000)
    /// What upstreams answer: 16 MiB, depth 128, large integers kept.
    package static let upstream = JSONLimits(bytes: 16 << 20, largeIntegers: .keep)
    /// What Interlock has written itself, around what came in under the two above.
    package static let stored = JSONLimits(depth: 256, bytes: 32 << 20, largeIntegers: .keep)
}
