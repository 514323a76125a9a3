package import InterlockJSON

/// Why an upstream's answer cannot be used.
package struct UpstreamProtocolError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// One page of an upstream's tools/list. The definitions are not checked here: `ToolDefinition` does.
package struct UpstreamToolPage: Sendable {
    package let tools: [JSONValue]
    package let nextCursor: String?
    /// How long the server says that the page holds; nil where it says nothing, as legacy servers do.
    package let lifetimeMilliseconds: Int64?

    package init(_ result: JSONObject) throws(UpstreamProtocolError) {
        guard case .array(let tools)? = result["tools"],
            tools.count <= UpstreamToolList.maximumTools
        else {
            throw UpstreamProtocolError(
                "`tools` must be an array of at most \(UpstreamToolList.maximumTools) definitions")
        }
        self.tools = tools
        lifetimeMilliseconds = result["ttlMs"]?.integer.flatMap { $0 >= 0 ? $0 : nil }
        switch result["nextCursor"] {
        case nil, .null?: nextCursor = nil
        case .string(let cursor)?: nextCursor = cursor
        default: throw UpstreamProtocolError("`nextCursor` must be a string")
        }
    }
}

/// A notification of an upstream that means something to the gateway.
package enum UpstreamNotification: Sendable {
    /// `token` is the id of the call.
    case progress(token: Int64, JSONObject)
    /// A log message, which does not say to which call it belongs.
    case message(JSONObject)
    case toolListChanged
    case other(method: String)

    package init(method: String, params: JSONObject) {
        switch (method, params["progressToken"]) {
        case ("notifications/progress", .integer(let token)?):
            self = .progress(token: token, params)
        case ("notifications/message", _): self = .message(params)
        case ("notifications/tools/list_changed", _): self = .toolListChanged
        default: self = .other(method: method)
        }
    }
}
