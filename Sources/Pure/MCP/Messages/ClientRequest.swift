package import InterlockJSON

/// What an agent may ask, with its parameters checked. Whatever is not here is answered -32601.
package enum ClientRequest: Sendable {
    /// This and the next two: in the legacy eras.
    case initialize(InitializeRequest)
    case ping
    case setLogLevel(LogLevel)
    /// This and the next: in the modern era.
    case discover
    case listen(SubscriptionFilter)
    case listTools(cursor: String?)
    case callTool(ToolCallRequest)

    /// In the legacy eras.
    ///
    /// - Throws: -32601 for a method that is not offered, -32602 for malformed parameters.
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

    /// In the modern era, which has neither handshake nor ping.
    ///
    /// - Throws: the same.
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
        switch request.method {
        case "tools/list":
            switch request.params["cursor"] {
            case nil: return .listTools(cursor: nil)
            case .string(let cursor)?: return .listTools(cursor: cursor)
            default: throw JSONRPCError.invalid("`cursor` must be a string")
            }
        case "tools/call": return .callTool(try ToolCallRequest(request.params, in: era))
        default: throw JSONRPCError.unknownMethod(request.method)
        }
    }
}

package struct InitializeRequest: Sendable {
    /// As asked for; `ProtocolVersion.negotiate` answers.
    package let protocolVersion: String
    package let capabilities: JSONObject
    /// A claim: nothing is decided from it.
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

package struct ToolCallRequest: Sendable {
    /// As the agent wrote it, with its prefix.
    package let name: String
    package let arguments: JSONObject
    /// Set when the caller wants progress of this call.
    package let progressToken: RequestID?
    /// nil when none was given.
    package let context: CallContext?
    /// Answers to what was asked, in the modern era alone; nil for a new call.
    package let retry: Retry?
    /// Answers of a call that goes on with none; empty nearly always.
    package let offered: JSONObject

    package struct Retry: Sendable {
        /// As it was given to the caller.
        package let state: String
        package let responses: JSONObject
    }

    package static let maximumNameBytes = 256
    private static let maximumStateBytes = 16 << 10
    private static let members: Set<String> = ["name", "arguments", "_meta"]
    private static let retryMembers: Set<String> = ["inputResponses", "requestState"]

    init(_ params: JSONObject, in era: Era) throws(JSONRPCError) {
        if params["task"] != nil {
            throw JSONRPCError(
                code: JSONRPCError.methodNotFound, message: "calls as tasks are not offered")
        }
        let members = era == .modern ? Self.members.union(Self.retryMembers) : Self.members
        if let unknown = params.members.first(where: { !members.contains($0.key) }) {
            throw JSONRPCError.invalid("unknown parameter `\(shortened(unknown.key))`")
        }
        guard case .string(let name)? = params["name"], !name.isEmpty,
            name.utf8.count <= Self.maximumNameBytes
        else { throw JSONRPCError.invalid("`name` must be a string of 1 to 256 bytes") }
        self.name = name
        switch params["arguments"] {
        case nil: arguments = JSONObject()
        case .object(let object)?: arguments = object
        default: throw JSONRPCError.invalid("`arguments` must be an object")
        }
        switch params["_meta"]?["progressToken"] {
        case nil: progressToken = nil
        case let token?:
            guard let id = RequestID(token) else {
                throw JSONRPCError.invalid("`progressToken` must be a string or an integer")
            }
            progressToken = id
        }
        context = params["_meta"]?[CallContext.metaKey].flatMap(CallContext.init)
        guard let responses = (params["inputResponses"] ?? [:]).object else {
            throw JSONRPCError.invalid("`inputResponses` must be an object")
        }
        switch params["requestState"] {
        case nil:
            retry = nil
            offered = responses
        case .string(let state)? where state.utf8.count <= Self.maximumStateBytes:
            retry = Retry(state: state, responses: responses)
            offered = [:]
        default:
            throw JSONRPCError.invalid("`requestState` must be the text that was given")
        }
    }
}

/// What an agent may tell. Notifications are never answered, so a malformed one is `other`.
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
    static func invalid(_ message: String) -> JSONRPCError {
        JSONRPCError(code: invalidParams, message: message)
    }
}
