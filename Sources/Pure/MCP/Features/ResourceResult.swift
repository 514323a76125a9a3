package import InterlockJSON
package import InterlockModel

/// An upstream server's result for resources/read, with its structure checked.
package struct ResourceResult: Sendable {
    /// The contents, each with a `uri` and either `text` or `blob`.
    package let contents: [JSONObject]
    package let meta: JSONObject?

    package static let maximumContents = 1_000

    /// - Throws: `ToolResultError` if the result is not a ReadResourceResult; it is then withheld.
    package init(_ result: JSONObject) throws(ToolResultError) {
        guard case .array(let all)? = result["contents"] else {
            throw ToolResultError("`contents` must be an array")
        }
        guard all.count <= Self.maximumContents else {
            throw ToolResultError(more: "`contents`", than: Self.maximumContents)
        }
        var contents: [JSONObject] = []
        for one in all {
            guard let object = one.object, object["uri"]?.string != nil,
                object["mimeType"] == nil || object["mimeType"]?.string != nil,
                (object["text"]?.string == nil) != (object["blob"]?.string == nil)
            else {
                throw ToolResultError("contents must have a uri and either a text or a blob")
            }
            contents.append(object)
        }
        self.contents = contents
        meta = result["_meta"]?.object
    }

    private init(contents: [JSONObject]) {
        self.contents = contents
        meta = nil
    }

    /// Returns the same result with other contents, without `_meta`.
    package func replacing(contents: [JSONObject]) -> ResourceResult {
        ResourceResult(contents: contents)
    }

    /// Returns the result for a client of this version, as `ToolResult.shown`.
    package func shown(in version: ProtocolVersion, routedBy server: ServerName?) -> JSONObject {
        var object: JSONObject = [
            "contents": .array(
                contents.map { contents in
                    var shown = ContentBlock.contents(contents, routedBy: server)
                    if !version.hasTitlesAndStructuredContent { shown["_meta"] = nil }
                    return .object(shown)
                })
        ]
        object["_meta"] = meta.flatMap { UpstreamMeta.cleaned(.object($0)) }
        return object
    }
}
