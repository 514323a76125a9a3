package import InterlockJSON
package import InterlockModel

extension ToolResult {
    /// The result as a client of this version reads it (specs of MCP, section 5.2): what the version
    /// does not know is dropped, and so is what only the gateway may say.
    ///
    /// - Parameter server: set at `/mcp`, where URIs carry the server's name; nil keeps them.
    package func shown(in version: ProtocolVersion, routedBy server: ServerName?) -> JSONObject {
        var object: JSONObject = [
            "content": .array(
                content.compactMap { ContentBlock.shown($0, in: version, routedBy: server) }
                    .map(JSONValue.object))
        ]
        if version.hasTitlesAndStructuredContent, let structuredContent,
            version.hasAnyStructuredContent || structuredContent.object != nil
        {
            object["structuredContent"] = structuredContent
        }
        if isError { object["isError"] = true }
        object["_meta"] = meta.flatMap { UpstreamMeta.cleaned(.object($0)) }
        return object
    }
}
