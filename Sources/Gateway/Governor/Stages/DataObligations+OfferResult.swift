import InterlockJSON
import InterlockMCP
import InterlockPolicy

extension DataObligations {
    /// Returns the result as the agent may see it, apart from its size. A text that repeats structured content is written
    /// again from what is left of it, and any other text next to structured content is dropped; without structured
    /// content, every text must be JSON. Content without fields (images, links, embedded files, binary resources, values
    /// of completions), descriptions and `_meta` could contain withheld data, so they cannot be returned under such
    /// obligations. The same holds for the URI and the media type that a server gives to a resource: it gets the URI that
    /// was read, and the type of JSON.
    ///
    /// - Parameter uri: the URI that was read; nil for another method.
    /// - Throws: `notFields` if the obligations cannot be applied; the result is then withheld.
    func apply(
        to result: OfferResult, read uri: String?
    ) throws(ObligationFailure) -> OfferResult {
        guard changesResults else { return result }
        switch result {
        case .tool(let tool): return .tool(try apply(toTool: tool))
        case .resource(let resource):
            guard let uri else { throw .notFields }
            var contents: [JSONObject] = []
            for one in resource.contents { contents.append(try apply(toContents: one, of: uri)) }
            return .resource(resource.replacing(contents: contents))
        case .prompt(let prompt):
            var messages: [PromptResult.Message] = []
            for var message in prompt.messages {
                message.content = try apply(toBlock: message.content)
                messages.append(message)
            }
            return .prompt(prompt.replacing(messages: messages))
        case .completion: throw .notFields
        case .nothing: return result
        }
    }

    private func apply(toTool result: ToolResult) throws(ObligationFailure) -> ToolResult {
        guard let structured = result.structuredContent else {
            var content: [JSONObject] = []
            for block in result.content { content.append(try apply(toBlock: block)) }
            return result.replacing(content: content, structuredContent: nil)
        }
        let left = try apply(to: structured)
        let copy: JSONObject = [
            "type": "text", "text": .string(String(decoding: left.serialized(), as: UTF8.self)),
        ]
        var content: [JSONObject] = []
        for block in result.content {
            guard block["type"] == "text", let text = block["text"]?.string else {
                throw .notFields
            }
            if Self.parsed(text) == structured { content.append(copy) }
        }
        // An older client reads texts alone.
        return result.replacing(
            content: content.isEmpty ? [copy] : content, structuredContent: left)
    }

    private static func parsed(_ text: String) -> JSONValue? {
        try? JSONValue(parsing: Array(text.utf8), limits: .upstream)
    }

    private func apply(toBlock block: JSONObject) throws(ObligationFailure) -> JSONObject {
        guard block["type"] == "text", let text = block["text"]?.string else { throw .notFields }
        return ["type": "text", "text": .string(try apply(toText: text))]
    }

    private func apply(
        toContents contents: JSONObject, of uri: String
    ) throws(ObligationFailure) -> JSONObject {
        guard let text = contents["text"]?.string else { throw .notFields }
        return [
            "uri": .string(uri), "mimeType": "application/json",
            "text": .string(try apply(toText: text)),
        ]
    }

    private func apply(toText text: String) throws(ObligationFailure) -> String {
        guard let value = Self.parsed(text) else { throw .notFields }
        return String(decoding: try apply(to: value).serialized(), as: UTF8.self)
    }
}
