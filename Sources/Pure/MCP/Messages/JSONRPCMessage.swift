package import InterlockJSON

/// One JSON-RPC 2.0 message in the subset that MCP uses: named parameters, and ids that are strings or integers.
package enum JSONRPCMessage: Sendable {
    case request(JSONRPCRequest)
    case notification(method: String, params: JSONObject)
    case result(id: RequestID, JSONObject)
    /// An error response. The id is nil if the peer could not read ours.
    case error(id: RequestID?, JSONRPCError)
}

package struct JSONRPCRequest: Sendable {
    package let id: RequestID
    package let method: String
    package let params: JSONObject
}

/// The error for JSON that is not a valid message: answered with -32600, and with the id if it could be read.
package struct InvalidMessage: Error, Sendable, Equatable {
    package let id: RequestID?
    package let error: JSONRPCError

    package init(id: RequestID?, _ message: String) {
        self.id = id
        error = JSONRPCError(code: JSONRPCError.invalidRequest, message: message)
    }
}

extension JSONRPCMessage {
    package static let maximumMethodBytes = 256

    package init(_ value: JSONValue) throws(InvalidMessage) {
        guard let object = value.object else {
            throw InvalidMessage(id: nil, "a message is a JSON object")
        }
        let id = object["id"].flatMap(RequestID.init)
        guard object["jsonrpc"] == "2.0" else {
            throw InvalidMessage(id: id, "`jsonrpc` must be \"2.0\"")
        }
        if object["id"] != nil, id == nil, object["error"] == nil {
            throw InvalidMessage(id: nil, "`id` must be a string or an integer within 2^53")
        }
        if let method = object["method"] {
            self = try Self.call(method, object, id)
        } else {
            self = try Self.response(object, id)
        }
    }

    private static func call(
        _ method: JSONValue, _ object: JSONObject, _ id: RequestID?
    ) throws(InvalidMessage) -> JSONRPCMessage {
        guard case .string(let method) = method, !method.isEmpty,
            method.utf8.count <= maximumMethodBytes
        else { throw InvalidMessage(id: id, "`method` must be a short string") }
        guard object["result"] == nil, object["error"] == nil else {
            throw InvalidMessage(id: id, "a message is either a request or a response")
        }
        let params: JSONObject
        switch object["params"] {
        case nil: params = JSONObject()
        case .object(let object)?: params = object
        default: throw InvalidMessage(id: id, "`params` must be an object")
        }
        if let meta = params["_meta"], meta.object == nil {
            throw InvalidMessage(id: id, "`_meta` must be an object")
        }
        guard let id else { return .notification(method: method, params: params) }
        return .request(JSONRPCRequest(id: id, method: method, params: params))
    }

    private static func response(
        _ object: JSONObject, _ id: RequestID?
    ) throws(InvalidMessage) -> JSONRPCMessage {
        switch (object["result"], object["error"]) {
        case (.object(let result)?, nil):
            guard let id else { throw InvalidMessage(id: nil, "a result needs the id it answers") }
            return .result(id: id, result)
        case (nil, .object(let error)?):
            guard case .integer(let code)? = error["code"],
                case .string(let message)? = error["message"]
            else { throw InvalidMessage(id: id, "an error has `code` and `message`") }
            return .error(id: id, JSONRPCError(code: code, message: message, data: error["data"]))
        default:
            throw InvalidMessage(id: id, "a message has `method`, `result` or `error`")
        }
    }
}
