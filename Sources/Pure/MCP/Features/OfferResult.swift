package import InterlockJSON
package import InterlockModel

/// A server's result for a call, by method.
package enum OfferResult: Sendable {
    case tool(ToolResult)
    case resource(ResourceResult)
    case prompt(PromptResult)
    case completion(CompletionResult)
    /// The result of a subscription, which only confirms that it has begun or ended.
    case nothing

    /// - Throws: `ToolResultError` if the result does not fit the method; it is then withheld.
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

    /// Returns the result for a client of this version (docs/specs/mcp.md, section 5.2).
    ///
    /// - Parameter server: the server's name at `/mcp`, where URIs contain it, or nil to keep URIs unchanged.
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
