package import InterlockJSON

/// A modern server's result for a call: the final result, or a request for input.
package enum UpstreamResult: Sendable {
    case complete
    case inputRequired(InputRequired)

    /// - Throws: `UpstreamProtocolError` if the result has another type.
    package init(_ result: JSONObject) throws(UpstreamProtocolError) {
        switch result["resultType"] {
        case nil, "complete"?: self = .complete
        case "input_required"?: self = .inputRequired(try InputRequired(result))
        case let other?:
            throw UpstreamProtocolError(
                "the server answers with `\(shortened(other.string ?? "?"))`, which was not requested"
            )
        }
    }
}

/// An `InputRequiredResult`.
package struct InputRequired: Sendable {
    /// The requests in the server's order, with distinct keys; empty if the server only requires a retry.
    package let requests: [InputRequest]
    /// The opaque state, which must be returned unchanged.
    package let state: String?

    package static let maximumRequests = 16
    private static let maximumKeyBytes = 256

    package init(_ result: JSONObject) throws(UpstreamProtocolError) {
        var requests: [InputRequest] = []
        switch result["inputRequests"] {
        case nil: break
        case .object(let entries)? where entries.count <= Self.maximumRequests:
            for (key, entry) in entries.members {
                requests.append(try Self.request(key, entry))
            }
        default:
            throw UpstreamProtocolError(
                "`inputRequests` must be an object of at most \(Self.maximumRequests) requests")
        }
        self.requests = requests
        switch result["requestState"] {
        case nil: state = nil
        case .string(let text)?: state = text
        default: throw UpstreamProtocolError("`requestState` must be a string")
        }
        guard !requests.isEmpty || state != nil else {
            throw UpstreamProtocolError("the server requires input and does not say which")
        }
    }

    private static func request(
        _ key: String, _ entry: JSONValue
    ) throws(UpstreamProtocolError) -> InputRequest {
        guard key.utf8.count <= maximumKeyBytes, let name = entry["method"]?.string else {
            throw UpstreamProtocolError("an entry of `inputRequests` is no request")
        }
        guard let method = InputRequest.Method(rawValue: name) else {
            throw UpstreamProtocolError("the server asks for `\(shortened(name))` in mid-call")
        }
        switch entry["params"] {
        case nil: return InputRequest(key: key, method: method, params: [:])
        case .object(let params)?: return InputRequest(key: key, method: method, params: params)
        default: throw UpstreamProtocolError("the params of `\(name)` must be an object")
        }
    }
}

/// The members that the next round of a call adds to its unchanged parameters.
package struct InputRetry: Sendable, Equatable {
    /// The members `inputResponses` and `requestState`, each only if present.
    let members: [(key: String, value: JSONValue)]

    init(responses: JSONObject, state: String?) {
        var members: [(key: String, value: JSONValue)] = []
        if !responses.isEmpty { members.append(("inputResponses", .object(responses))) }
        if let state { members.append(("requestState", .string(state))) }
        self.members = members
    }

    package static func == (a: InputRetry, b: InputRetry) -> Bool {
        JSONObject(distinct: a.members) == JSONObject(distinct: b.members)
    }
}

extension InputResponse {
    package static let declined: JSONObject = ["action": "decline"]
}
