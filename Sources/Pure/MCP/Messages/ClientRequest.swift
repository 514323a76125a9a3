package import InterlockJSON

/// The requests that an agent may send, with their parameters checked. Every other method is answered with -32601.
package enum ClientRequest: Sendable {
    /// This case and the next two exist in the legacy eras only.
    case initialize(InitializeRequest)
    case ping
    case setLogLevel(LogLevel)
    /// This case and the next exist in the modern era only.
    case discover
    case listen(SubscriptionFilter)
    case list(FeatureListMethod, cursor: String?)
    case call(CallRequest)

    /// Parses a request of the legacy eras.
    ///
    /// - Throws: -32601 if the method is not offered, -32602 if the parameters are malformed.
    package init(_ request: JSONRPCRequest) throws(JSONRPCError) {
        switch request.method {
        case "initialize": self = .initialize(try InitializeRequest(request.params))
        case "ping": self = .ping
        case "logging/setLevel":
            guard let level = request.params["level"]?.string.flatMap(LogLevel.init(rawValue:))
            else {
                let levels = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
                throw JSONRPCError.invalid("`level` must be one of \(levels)")
            }
            self = .setLogLevel(level)
        default: self = try Self.inEveryEra(request, .legacy)
        }
    }

    /// Parses a request of the modern era, which has neither handshake nor ping.
    ///
    /// - Throws: -32601 if the method is not offered, -32602 if the parameters are malformed.
    package init(modern request: JSONRPCRequest) throws(JSONRPCError) {
        switch request.method {
        case "server/discover": self = .discover
        case "subscriptions/listen": self = .listen(try SubscriptionFilter(request.params))
        default: self = try Self.inEveryEra(request, .modern)
        }
    }

    private static func inEveryEra(
        _ request: JSONRPCRequest, _ era: Era
    ) throws(JSONRPCError) -> ClientRequest {
        if let list = FeatureListMethod(rawValue: request.method) {
            switch request.params["cursor"] {
            case nil: return .list(list, cursor: nil)
            case .string(let cursor)?: return .list(list, cursor: cursor)
            default: throw JSONRPCError.invalid("`cursor` must be a string")
            }
        }
        guard let method = CallMethod(rawValue: request.method), method.isRequest(in: era) else {
            throw JSONRPCError.unknownMethod(request.method)
        }
        return .call(try CallRequest(method, request.params, in: era))
    }
}

package struct InitializeRequest: Sendable {
    /// The requested version; `ProtocolVersion.negotiate` determines the response.
    package let protocolVersion: String
    package let capabilities: JSONObject
    /// The client's unverified description of itself; no decision uses it.
    package let clientInfo: JSONObject

    init(_ params: JSONObject) throws(JSONRPCError) {
        guard case .string(let version)? = params["protocolVersion"], version.utf8.count <= 64
        else {
            throw JSONRPCError.invalid("`protocolVersion` must be a string")
        }
        guard case .object(let capabilities)? = params["capabilities"] else {
            throw JSONRPCError.invalid("`capabilities` must be an object")
        }
        guard case .object(let clientInfo)? = params["clientInfo"] else {
            throw JSONRPCError.invalid("`clientInfo` must be an object")
        }
        protocolVersion = version
        self.capabilities = capabilities
        self.clientInfo = clientInfo
    }
}

/// The notifications that an agent may send. Notifications are never answered, so a malformed one is `other`.
package enum ClientNotification: Sendable, Equatable {
    case initialized
    case cancelled(request: RequestID, reason: String?)
    case other(method: String)

    package init(method: String, params: JSONObject) {
        switch method {
        case "notifications/initialized": self = .initialized
        case "notifications/cancelled":
            guard let id = params["requestId"].flatMap(RequestID.init) else {
                self = .other(method: method)
                return
            }
            self = .cancelled(request: id, reason: params["reason"]?.string)
        default: self = .other(method: method)
        }
    }
}

extension JSONRPCError {
    package static func invalid(_ message: String) -> JSONRPCError {
        JSONRPCError(code: invalidParams, message: message)
    }
}
