package import InterlockJSON
package import InterlockModel

/// An upstream server's result for tools/call, with its structure checked.
package struct ToolResult: Sendable {
    package let content: [JSONObject]
    package let structuredContent: JSONValue?
    package let isError: Bool
    package let meta: JSONObject?

    package static let maximumBlocks = 1_000

    /// - Throws: `ToolResultError` if the result is not a CallToolResult; it is then withheld.
    package init(_ result: JSONObject) throws(ToolResultError) {
        guard case .array(let blocks)? = result["content"] else {
            throw ToolResultError("`content` must be an array of blocks")
        }
        guard blocks.count <= Self.maximumBlocks else {
            throw ToolResultError(more: "`content`", than: Self.maximumBlocks)
        }
        var content: [JSONObject] = []
        for block in blocks { content.append(try ContentBlock.checked(block)) }
        self.content = content
        switch result["isError"] {
        case nil, .bool(false)?: isError = false
        case .bool(true)?: isError = true
        default: throw ToolResultError("`isError` must be true or false")
        }
        structuredContent = result["structuredContent"]
        switch result["_meta"] {
        case nil: meta = nil
        case .object(let object)?: meta = object
        default: throw ToolResultError("`_meta` must be an object")
        }
    }

    private init(content: [JSONObject], structuredContent: JSONValue?, isError: Bool) {
        self.content = content
        self.structuredContent = structuredContent
        self.isError = isError
        meta = nil
    }

    /// Returns the same result with other content, without `_meta`.
    package func replacing(content: [JSONObject], structuredContent: JSONValue?) -> ToolResult {
        ToolResult(content: content, structuredContent: structuredContent, isError: isError)
    }
}

package struct ToolResultError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
    package enum Kind: Sendable { case malformed, tooManyParts }

    package let kind: Kind

    init(_ description: String) {
        self.description = description
        kind = .malformed
    }

    init(more list: String, than most: Int) {
        description = "\(list) has more than \(most) parts"
        kind = .tooManyParts
    }
}

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
