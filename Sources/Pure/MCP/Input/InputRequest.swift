package import InterlockJSON

/// A server's request for input from the client during a call: a separate request in the legacy eras, an entry of an
/// `input_required` result in the modern era (docs/specs/mcp.md, section 2).
package struct InputRequest: Sendable {
    /// The closed set of methods. The adapter answers every other request of a server with -32601.
    package enum Method: String, Sendable, CaseIterable {
        case elicit = "elicitation/create"
        case sample = "sampling/createMessage"
        case listRoots = "roots/list"

        /// The client capability that the request requires.
        package var capability: String {
            switch self {
            case .elicit: "elicitation"
            case .sample: "sampling"
            case .listRoots: "roots"
            }
        }
    }

    /// The key that identifies the request within its round: the server's own in the modern era, a generated one for a
    /// legacy request. It is passed to the caller unchanged.
    package let key: String
    package let method: Method
    package let params: JSONObject

    package init(key: String, method: Method, params: JSONObject) {
        self.key = key
        self.method = method
        self.params = params
    }
}

/// The response to one request for input.
package enum InputResponse: Sendable, Equatable {
    case result(JSONObject)
    case refused(JSONRPCError)
}
