package import InterlockJSON

/// The reason why an upstream server's response cannot be used.
package struct UpstreamProtocolError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// One page of an upstream server's list. `ToolDefinition` and similar types check the definitions, not this one.
package struct UpstreamPage: Sendable {
    package let definitions: [JSONValue]
    package let nextCursor: String?
    /// The time for which the server permits caching of the page, or nil if it states none, as legacy servers do.
    package let lifetimeMilliseconds: Int64?

    package init(_ result: JSONObject, of list: FeatureListMethod) throws(UpstreamProtocolError) {
        guard case .array(let definitions)? = result[list.member],
            definitions.count <= UpstreamList.maximum
        else {
            throw UpstreamProtocolError(
                "`\(list.member)` must be an array of at most \(UpstreamList.maximum) definitions")
        }
        self.definitions = definitions
        lifetimeMilliseconds = result["ttlMs"]?.integer.flatMap { $0 >= 0 ? $0 : nil }
        switch result["nextCursor"] {
        case nil, .null?: nextCursor = nil
        case .string(let cursor)?: nextCursor = cursor
        default: throw UpstreamProtocolError("`nextCursor` must be a string")
        }
    }
}

/// An upstream server's notification, with the kinds that the gateway handles.
package enum UpstreamNotification: Sendable {
    /// The progress of a call; `token` is the id of the call.
    case progress(token: Int64, JSONObject)
    /// A log message, which does not name the call that it belongs to.
    case message(JSONObject)
    /// The server's list of features has changed.
    case listChanged
    /// A resource has changed; the URI is as the server writes it.
    case resourceUpdated(uri: String)
    case other(method: String)

    package init(method: String, params: JSONObject) {
        switch (method, params["progressToken"]) {
        case ("notifications/progress", .integer(let token)?):
            self = .progress(token: token, params)
        case ("notifications/message", _): self = .message(params)
        case _ where ListKind.allCases.contains { $0.changed == method }: self = .listChanged
        case ("notifications/resources/updated", _):
            self = params["uri"]?.string.map { .resourceUpdated(uri: $0) } ?? .other(method: method)
        default: self = .other(method: method)
        }
    }
}
