package import InterlockJSON
package import InterlockModel

/// An upstream server's result for prompts/get, with its structure checked.
package struct PromptResult: Sendable {
    package struct Message: Sendable {
        /// The role, `user` or `assistant`.
        package let role: String
        package var content: JSONObject
    }

    package let description: String?
    package let messages: [Message]
    package let meta: JSONObject?

    package static let maximumMessages = 1_000

    /// - Throws: `ToolResultError` if the result is not a GetPromptResult; it is then withheld.
    package init(_ result: JSONObject) throws(ToolResultError) {
        switch result["description"] {
        case nil: description = nil
        case .string(let text)?: description = text
        default: throw ToolResultError("`description` must be a string")
        }
        guard case .array(let all)? = result["messages"] else {
            throw ToolResultError("`messages` must be an array")
        }
        guard all.count <= Self.maximumMessages else {
            throw ToolResultError(more: "`messages`", than: Self.maximumMessages)
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

    /// Returns the same result with other messages, without its description and `_meta`.
    package func replacing(messages: [Message]) -> PromptResult { PromptResult(messages: messages) }

    /// Returns the result for a client of this version, as `ToolResult.shown`; messages that the version cannot carry
    /// are omitted.
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
