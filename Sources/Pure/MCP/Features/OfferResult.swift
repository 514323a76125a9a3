package import InterlockJSON
package import InterlockModel

/// What a server answers to a call, by what was asked.
package enum OfferResult: Sendable {
    case tool(ToolResult)
    case resource(ResourceResult)
    case prompt(PromptResult)
    case completion(CompletionResult)
    /// To a subscription: nothing but that it stands, or is over.
    case nothing

    /// - Throws: when the answer is none to this method: it is withheld.
    package init(_ method: CallMethod, _ result: JSONObject) throws(ToolResultError) {
        switch method {
        case .callTool: self = .tool(try ToolResult(result))
        case .readResource: self = .resource(try ResourceResult(result))
        case .getPrompt: self = .prompt(try PromptResult(result))
        case .complete: self = .completion(try CompletionResult(result))
        case .subscribe, .unsubscribe: self = .nothing
        }
    }

    package var isError: Bool { if case .tool(let result) = self { result.isError } else { false } }

    /// As a client of this version reads it (specs of MCP, section 5.2).
    ///
    /// - Parameter server: set at `/mcp`, where URIs carry the server's name; nil keeps them.
    package func shown(in version: ProtocolVersion, routedBy server: ServerName?) -> JSONObject {
        switch self {
        case .tool(let result): result.shown(in: version, routedBy: server)
        case .resource(let result): result.shown(in: version, routedBy: server)
        case .prompt(let result): result.shown(in: version, routedBy: server)
        case .completion(let result): result.shown
        case .nothing: [:]
        }
    }
}
