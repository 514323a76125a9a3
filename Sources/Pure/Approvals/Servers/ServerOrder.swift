package import InterlockJSON
package import InterlockModel

/// A signed order about a server: to quarantine or release it, or to admit one call through its open circuit breaker
/// (docs/specs/mcp.md, section 14). Its RFC 8785 bytes are signed under the payload type
/// `application/vnd.interlock.server+json`.
///
/// ```json
/// {"v":1,"type":"server","deed":"close_breaker","id":"01kag0...","org":"acme","server":"crm","tool":"search",
///  "reason":"the supplier is back","author":"qAtv...","at":"2026-11-20T10:04:05.123456Z"}
/// ```
package typealias ServerOrder = DatedOrder<ServerContent>

/// A person's action on a server; each requires a reason.
package enum ServerAction: String, Sendable, CaseIterable {
    case quarantine, release
    case closeBreaker = "close_breaker"

    /// The roles that may perform the action; one of them suffices.
    package var roles: Set<Role> {
        switch self {
        case .quarantine, .release: [.security]
        // Closing a breaker only admits one trial call.
        case .closeBreaker: [.security, .resume]
        }
    }
}

package struct ServerContent: OrderContent {
    package typealias Refusal = ServerRefusal

    package let action: ServerAction
    package let server: ServerName
    /// The tool whose breaker is closed, or nil for the server's own.
    package let tool: ToolAddress?

    package static let payloadType = PayloadType.server
    package static var stale: ServerRefusal? { .staleOrder }
    package static var takesPasskeys: Bool { true }
    package static var optionalMembers: [String] { ["tool"] }

    package init(_ action: ServerAction, of server: ServerName, tool: ToolAddress? = nil) {
        self.action = action
        self.server = server
        self.tool = tool
    }

    package func check() throws(FormError) {
        guard tool == nil || (action == .closeBreaker && tool?.server == server) else {
            throw .badMember("tool", "the breaker's tool, at the order's server")
        }
    }

    package func missingRole(of person: TrustedPerson) -> Role? {
        person.roles.isDisjoint(with: action.roles) ? .security : nil
    }

    package var members: JSONObject {
        var members: JSONObject = [
            "deed": .string(action.rawValue), "server": .string(server.text),
        ]
        members["tool"] = tool.map { .string($0.tool.text) }
        return members
    }

    package static func members(of statement: JSONValue) -> [String] { ["deed", "server"] }

    package init(_ fields: StrictFields) throws(FormError) {
        let server = try fields.made("server", "a server's name") { ServerName($0) }
        self.server = server
        action = try fields.made("deed", "an action") { ServerAction(rawValue: $0) }
        tool =
            fields.has("tool")
            ? try fields.made("tool", "a tool's name") { text in
                ToolName(item: text).map { ToolAddress(server: server, tool: $0) }
            } : nil
    }
}
