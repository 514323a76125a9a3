package import InterlockJSON

/// Why an upstream's answer cannot be used.
package struct UpstreamProtocolError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// An upstream's answer to `initialize`.
package struct UpstreamHandshake: Sendable {
    package let version: ProtocolVersion
    package let hasTools: Bool
    /// Names of all capabilities that it claims, sorted.
    package let capabilities: [String]
    /// The server promises `notifications/tools/list_changed`.
    package let announcesToolChanges: Bool
    /// A claim: nothing is decided from it.
    package let serverInfo: JSONObject
    package let instructions: String?

    /// - Throws: when a required member is missing or the version is none that we speak.
    package init(_ result: JSONObject) throws(UpstreamProtocolError) {
        guard case .string(let named)? = result["protocolVersion"] else {
            throw UpstreamProtocolError("the server names no protocol version")
        }
        guard let version = ProtocolVersion(legacy: named) else {
            throw UpstreamProtocolError(
                "the server speaks only protocol version `\(shortened(named))`")
        }
        guard case .object(let capabilities)? = result["capabilities"],
            case .object(let serverInfo)? = result["serverInfo"]
        else { throw UpstreamProtocolError("the server names no capabilities or no serverInfo") }
        self.version = version
        hasTools = capabilities["tools"]?.object != nil
        self.capabilities = capabilities.members.map(\.key).sorted()
        announcesToolChanges = capabilities["tools"]?["listChanged"] == true
        self.serverInfo = serverInfo
        instructions = result["instructions"]?.string
    }
}

/// One page of an upstream's tools/list. The definitions are not checked here: `ToolDefinition` does.
package struct UpstreamToolPage: Sendable {
    package let tools: [JSONValue]
    package let nextCursor: String?

    package init(_ result: JSONObject) throws(UpstreamProtocolError) {
        guard case .array(let tools)? = result["tools"],
            tools.count <= UpstreamToolList.maximumTools
        else {
            throw UpstreamProtocolError(
                "`tools` must be an array of at most \(UpstreamToolList.maximumTools) definitions")
        }
        self.tools = tools
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
    case toolListChanged
    case other(method: String)

    package init(method: String, params: JSONObject) {
        switch (method, params["progressToken"]) {
        case ("notifications/progress", .integer(let token)?):
            self = .progress(token: token, params)
        case ("notifications/tools/list_changed", _): self = .toolListChanged
        default: self = .other(method: method)
        }
    }
}
