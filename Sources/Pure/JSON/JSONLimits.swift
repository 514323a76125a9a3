/// The limits on the cost of one document. Every parse names its limits, because agents and upstream servers need
/// different ones.
package struct JSONLimits: Sendable, Hashable {
    /// The treatment of a number that is spelled as an integer and lies outside +-(2^53-1).
    package enum LargeIntegers: Sendable, Hashable {
        /// The document is rejected with the offset of the number; the sender should use a string instead.
        case refuse
        /// The number is kept as `.number` with its exact text.
        case keep
    }

    /// The nesting depth of arrays and objects; the outermost one counts as 1.
    package var depth: Int
    package var bytes: Int
    /// The number of values in the whole document, which keeps memory within a small multiple of it.
    package var values: Int
    /// The number of members of one object.
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

    /// The limits for input from agents, people and files: 4 MiB, depth 128, 10,000 members per object
    /// (docs/specs/mcp.md, section 10). The limit on values permits one value per ten bytes and keeps the parse of any
    /// body below 0.1 s.
    package static let agent = JSONLimits(bytes: 4 << 20, values: 400_000)
    /// The limits for responses of upstream servers: 16 MiB, depth 128, large integers kept.
    package static let upstream = JSONLimits(bytes: 16 << 20, largeIntegers: .keep)
    /// The limits for documents that Interlock itself wrote around input that satisfied the two limits above.
    package static let stored = JSONLimits(depth: 256, bytes: 32 << 20, largeIntegers: .keep)
}
