package import InterlockJSON
package import InterlockModel

/// An upstream's answer to resources/read, checked for its shape.
package struct ResourceResult: Sendable {
    /// Each with a `uri` and either `text` or `blob`.
    package let contents: [JSONObject]
    package let meta: JSONObject?

    package static let maximumContents = 10_000

    /// - Throws: when the answer is no ReadResourceResult: it is withheld.
    package init(_ result: JSONObject) throws(ToolResultError) {
        guard case .array(let all)? = result["contents"], all.count <= Self.maximumContents else {
            throw ToolResultError("`contents` must be an array")
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

    /// The same answer with other contents, and without `_meta`.
    package func replacing(contents: [JSONObject]) -> ResourceResult {
        ResourceResult(contents: contents)
    }

    /// As `ToolResult.shown`.
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
