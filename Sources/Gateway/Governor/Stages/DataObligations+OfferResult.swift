import InterlockJSON
import InterlockMCP
import InterlockPolicy

extension DataObligations {
    /// Returns the result as the agent may see it: every text must be JSON, and structured content is changed in the
    /// same way. Content without fields (images, links, embedded files, binary resources, values of completions),
    /// descriptions and `_meta` could contain withheld data, so they cannot be returned under such obligations.
    ///
    /// - Throws: if an obligation cannot be met; the result is then withheld.
    func apply(to result: OfferResult) throws(ObligationFailure) -> OfferResult {
        var changed = result
        if changesResults {
            switch result {
            case .tool(let tool): changed = .tool(try apply(toTool: tool))
            case .resource(let resource):
                var contents: [JSONObject] = []
                for one in resource.contents { contents.append(try apply(toContents: one)) }
                changed = .resource(resource.replacing(contents: contents))
            case .prompt(let prompt):
                var messages: [PromptResult.Message] = []
                for var message in prompt.messages {
                    message.content = try apply(toBlock: message.content)
                    messages.append(message)
                }
                changed = .prompt(prompt.replacing(messages: messages))
            case .completion: throw .notFields
            case .nothing: break
            }
        }
        try check(bytes: changed.byteCount)
        return changed
    }

    private func apply(toTool result: ToolResult) throws(ObligationFailure) -> ToolResult {
        var content: [JSONObject] = []
        for block in result.content { content.append(try apply(toBlock: block)) }
        let structured = try result.structuredContent.map { value throws(ObligationFailure) in
            try apply(to: value)
        }
        return result.replacing(content: content, structuredContent: structured)
    }

    private func apply(toBlock block: JSONObject) throws(ObligationFailure) -> JSONObject {
        guard block["type"] == "text", let text = block["text"]?.string else { throw .notFields }
        return ["type": "text", "text": .string(try apply(toText: text))]
    }

    private func apply(toContents contents: JSONObject) throws(ObligationFailure) -> JSONObject {
        guard let uri = contents["uri"], let text = contents["text"]?.string else {
            throw .notFields
        }
        var shown: JSONObject = ["uri": uri, "text": .string(try apply(toText: text))]
        shown["mimeType"] = contents["mimeType"]
        return shown
    }

    private func apply(toText text: String) throws(ObligationFailure) -> String {
        guard let value = try? JSONValue(parsing: Array(text.utf8), limits: .upstream) else {
            throw .notFields
        }
        return String(decoding: try apply(to: value).serialized(), as: UTF8.self)
    }
}

extension OfferResult {
    /// The bytes that the agent reads: texts, data, structured content and `_meta`, as serialized.
    fileprivate var byteCount: Int {
        switch self {
        case .tool(let result):
            bytes(of: result.content) + (result.structuredContent?.serialized().count ?? 0)
                + bytes(of: result.meta)
        case .resource(let result): bytes(of: result.contents) + bytes(of: result.meta)
        case .prompt(let result):
            bytes(of: result.messages.map(\.content)) + (result.description?.utf8.count ?? 0)
                + bytes(of: result.meta)
        case .completion(let result): bytes(of: result.shown)
        case .nothing: 0
        }
    }

    private func bytes(of objects: [JSONObject]) -> Int { objects.reduce(0) { $0 + bytes(of: $1) } }

    private func bytes(of object: JSONObject?) -> Int {
        object.map { JSONValue.object($0).serialized().count } ?? 0
    }
}
