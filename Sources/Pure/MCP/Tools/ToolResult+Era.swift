package import InterlockJSON
package import InterlockModel

extension ToolResult {
    /// Returns the result for a client of this version (docs/specs/mcp.md, section 5.2). Members that the version does
    /// not define are dropped, and so is metadata that only the gateway may set.
    ///
    /// - Parameter server: the server's name at `/mcp`, where URIs contain it, or nil to keep URIs unchanged.
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
