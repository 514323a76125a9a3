package import InterlockJSON
package import InterlockModel

/// An upstream's answer to prompts/get, checked for its shape.
package struct PromptResult: Sendable {
    package struct Message: Sendable {
        /// `user` or `assistant`.
        package let role: String
        package var content: JSONObject
    }

    package let description: String?
    package let messages: [Message]
    package let meta: JSONObject?

    package static let maximumMessages = 10_000

    /// - Throws: when the answer is no GetPromptResult: it is withheld.
    package init(_ result: JSONObject) throws(ToolResultError) {
        switch result["description"] {
        case nil: description = nil
        case .string(let text)?: description = text
        default: throw ToolResultError("`description` must be a string")
        }
        guard case .array(let all)? = result["messages"], all.count <= Self.maximumMessages else {
            throw ToolResultError("`messages` must be an array")
        }
        var messages: [Message] = []
        for message in all {
            guard let role = message["role"]?.string, ["user", "assistant"].contains(role),
                let content = message["content"]
            else { throw ToolResultError("a message must have a role and content") }
            messages.append(Message(role: role, content: try ContentBlock.checked(content)))
        }
        self.messages = messages
        meta = result["_meta"]?.object
    }

    private init(messages: [Message]) {
        self.messages = messages
        description = nil
        meta = nil
    }

    /// The same answer with other messages, and without its description and `_meta`.
    package func replacing(messages: [Message]) -> PromptResult { PromptResult(messages: messages) }

    /// As `ToolResult.shown`; a message that the version cannot carry is left out.
    package func shown(in version: ProtocolVersion, routedBy server: ServerName?) -> JSONObject {
        var object = JSONObject()
        object["description"] = description.map(JSONValue.string)
        object["messages"] = .array(
            messages.compactMap { message in
                ContentBlock.shown(message.content, in: version, routedBy: server).map { content in
                    ["role": .string(message.role), "content": .object(content)]
                }
            })
        object["_meta"] = meta.flatMap { UpstreamMeta.cleaned(.object($0)) }
        return object
    }
}
