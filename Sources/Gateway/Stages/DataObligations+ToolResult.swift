import InterlockJSON
import InterlockMCP
import InterlockPolicy

extension DataObligations {
    /// The result as the agent may see it: every text has to be JSON, and structured content is changed
    /// the same way. Content without fields (images, links, embedded files) and `_meta` could carry what
    /// is to be kept back, so they cannot be shown beside such obligations.
    ///
    /// - Throws: when an obligation cannot be met, which withholds the result.
    func apply(to result: ToolResult) throws(ObligationFailure) -> ToolResult {
        var changed = result
        if changesResults {
            var content: [JSONObject] = []
            for block in result.content { content.append(try apply(toBlock: block)) }
            let structured = try result.structuredContent.map { value throws(ObligationFailure) in
                try apply(to: value)
            }
            changed = result.replacing(content: content, structuredContent: structured)
        }
        try check(bytes: changed.byteCount)
        return changed
    }

    private func apply(toBlock block: JSONObject) throws(ObligationFailure) -> JSONObject {
        guard block["type"] == "text", let text = block["text"]?.string,
            let value = try? JSONValue(parsing: Array(text.utf8), limits: .upstream)
        else { throw .notFields }
        let shown = try apply(to: value)
        return [
            "type": "text", "text": .string(String(decoding: shown.serialized(), as: UTF8.self)),
        ]
    }
}

extension ToolResult {
    /// Of what the agent reads: texts, data, structured content and `_meta`, as written.
    fileprivate var byteCount: Int {
        let blocks = content.reduce(0) { $0 + JSONValue.object($1).serialized().count }
        return blocks + (structuredContent?.serialized().count ?? 0)
            + (meta.map { JSONValue.object($0).serialized().count } ?? 0)
    }
}
