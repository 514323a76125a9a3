import InterlockHooks
import InterlockJSON
import InterlockModel

/// The parts of an event that the monitor remembers. Texts of the host are digests, so that it does not choose how much
/// is remembered.
struct ObservedEvent: Sendable {
    let kind: HookEventKind
    let session: Digest
    /// The call as `OpenHookCall.Key` names it, or nil if the event names none.
    let call: Digest?
    /// The call of an MCP tool, as `MCPCallDigest` names it; nil for all other tools.
    let mcpCall: Digest?
    /// The files that the call may write, if it runs.
    let claim: WriteClaim
    /// False for an event that a host sends besides the one after each tool, or instead of it for its user's own edits.
    let isMainEnd: Bool

    init(_ event: HookEvent, _ hashing: any Hashing) {
        kind = event.kind
        session = hashing.sha256(Array(event.session.utf8))
        call = OpenHookCall.Key(event).map {
            hashing.sha256(Array($0.session.text.utf8) + [0] + Array($0.call.text.utf8))
        }
        if case .mcp(_, let tool)? = event.tool?.name {
            mcpCall = MCPCallDigest.of(
                tool.text, .object(event.tool?.arguments ?? [:]), hashing)
        } else {
            mcpCall = nil
        }
        claim = WriteClaim(event, hashing)
        isMainEnd = event.isMainEnd
    }
}

/// Names a call of an MCP tool by its tool and arguments, as both the hook and the gateway see them.
enum MCPCallDigest {
    /// - Parameter tool: the name at the agent plane, with or without the prefix of its server.
    static func of(_ tool: String, _ arguments: JSONValue, _ hashing: any Hashing) -> Digest {
        // The gateway has parsed both, so a number without a canonical form is in neither.
        let canonical = (try? arguments.canonical()) ?? arguments.serialized()
        return hashing.sha256(tool.utf8.map(plain) + [0] + canonical)
    }

    /// Hosts write `_` for every byte of a name outside `[A-Za-z0-9_-]`.
    private static func plain(_ byte: UInt8) -> UInt8 {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "-") ? byte : UInt8(ascii: "_")
    }
}
