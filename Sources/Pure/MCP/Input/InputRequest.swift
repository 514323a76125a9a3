package import InterlockJSON

/// One question that a server has for the client in the middle of a call: in legacy eras a request of
/// its own, in the modern era an entry of an `input_required` result (specs of MCP, section 2).
package struct InputRequest: Sendable {
    /// Closed: whatever else a server asks is answered -32601 by the adapter.
    package enum Method: String, Sendable, CaseIterable {
        case elicit = "elicitation/create"
        case sample = "sampling/createMessage"
        case listRoots = "roots/list"

        /// The client's capability without which the question may not be asked.
        package var capability: String {
            switch self {
            case .elicit: "elicitation"
            case .sample: "sampling"
            case .listRoots: "roots"
            }
        }
    }

    /// Tells the entries of one round apart: the server's own in the modern era, a made one for a legacy
    /// request. Goes to the caller as it is.
    package let key: String
    package let method: Method
    package let params: JSONObject

    package init(key: String, method: Method, params: JSONObject) {
        self.key = key
        self.method = method
        self.params = params
    }
}

/// What goes back to the server for one question.
package enum InputResponse: Sendable, Equatable {
    case result(JSONObject)
    case refused(JSONRPCError)
}
