package import InterlockJSON

/// Why an upstream's answer cannot be used.
package struct UpstreamProtocolError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// One page of an upstream's list. The definitions are not checked here: `ToolDefinition` and its like do.
package struct UpstreamPage: Sendable {
    package let definitions: [JSONValue]
    package let nextCursor: String?
    /// How long the server says that the page holds; nil where it says nothing, as legacy servers do.
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

/// A notification of an upstream that means something to the gateway.
package enum UpstreamNotification: Sendable {
    /// `token` is the id of the call.
    case progress(token: Int64, JSONObject)
    /// A log message, which does not say to which call it belongs.
    case message(JSONObject)
    /// What the server offers is no more what it was.
    case listChanged
    /// One resource is no more what it was; the URI as the server writes it.
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
