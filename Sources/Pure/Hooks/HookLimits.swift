package import InterlockJSON

/// The bounds on what hosts say and on the wire between adapter and gateway.
package enum HookLimits {
    /// The bytes of one event of a host.
    package static let inputBytes = 8 << 20
    /// The nesting of one event of a host, and again of arguments that arrive as a JSON string.
    package static let depth = 128
    /// The bytes of a name or identifier.
    package static let name = 1024
    /// The bytes of a path.
    package static let path = 4096
    /// The words of the command of an MCP server.
    package static let words = 1000
    /// The bytes of the command of an MCP server.
    package static let command = 16 << 10
    /// The bytes of an event or a verdict on the wire: what the host said, with names and paths once more.
    package static let wireBytes = inputBytes + (512 << 10)
    /// The bytes of the line on standard error, without its line end.
    package static let line = 1024

    /// The limits on one event of a host. A large integer keeps its text; in the arguments of a call it is refused.
    package static let input = JSONLimits(
        depth: depth, bytes: inputBytes, values: 1_000_000, largeIntegers: .keep)
    /// The limits on the wire, whose objects enclose what a host said.
    package static let wire = JSONLimits(
        depth: 2 * depth + 8, bytes: wireBytes, values: 2_000_100, largeIntegers: .keep)
}
