package import InterlockJSON

/// A call as an agent requests it, with its parameters checked: one use of a feature, which is governed individually.
package struct CallRequest: Sendable {
    package let method: CallMethod
    /// The name as the agent wrote it: a name with its prefix, or a URI. The name of a completion is that of the prompt
    /// or resource it completes.
    package let name: String
    /// The arguments of a tool or prompt; only `uri` for a resource; all parameters for a completion.
    package let arguments: JSONObject
    /// The progress token, or nil if the caller does not request progress.
    package let progressToken: RequestID?
    /// The reported context, or nil if it is absent.
    package let context: CallContext?
    /// The responses to requests for input, in the modern era only, or nil for a new call.
    package let retry: Retry?
    /// The responses in a call that continues no other call; almost always empty.
    package let offered: JSONObject

    package struct Retry: Sendable {
        /// The state exactly as the caller received it.
        package let state: String
        package let responses: JSONObject
    }

    package static let maximumNameBytes = 256
    private static let maximumStateBytes = 16 << 10
    private static let retryMembers: Set<ExactText> = ["inputResponses", "requestState"]

    init(_ method: CallMethod, _ params: JSONObject, in era: Era) throws(JSONRPCError) {
        if params["task"] != nil {
            throw JSONRPCError(
                code: JSONRPCError.methodNotFound, message: "calls as tasks are not offered")
        }
        var members = method.members
        if era == .modern, method.mayAsk { members.formUnion(Self.retryMembers) }
        if let unknown = params.members.first(where: { !members.contains($0.key) }) {
            throw JSONRPCError.invalid("unknown parameter `\(shortened(unknown.key))`")
        }
        self.method = method
        switch method {
        case .callTool:
            name = try Self.name(params)
            arguments = try Self.arguments(params)
        case .getPrompt:
            name = try Self.name(params)
            arguments = try Self.texts(params, "arguments")
        case .readResource, .subscribe, .unsubscribe:
            (name, arguments) = try Self.resource(params)
        case .complete:
            let wanted = try CompletionRequest(params)
            name = wanted.reference.text
            arguments = wanted.params
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

    private static func name(_ params: JSONObject) throws(JSONRPCError) -> String {
        guard case .string(let name)? = params["name"], !name.isEmpty,
            name.utf8.count <= maximumNameBytes
        else { throw JSONRPCError.invalid("`name` must be a string of 1 to 256 bytes") }
        return name
    }

    private static func arguments(_ params: JSONObject) throws(JSONRPCError) -> JSONObject {
        switch params["arguments"] {
        case nil: return JSONObject()
        case .object(let object)?: return object
        default: throw JSONRPCError.invalid("`arguments` must be an object")
        }
    }

    /// Returns an object whose values are strings.
    static func texts(_ params: JSONObject, _ key: String) throws(JSONRPCError) -> JSONObject {
        guard let value = params[key] else { return JSONObject() }
        guard let object = value.object, object.members.allSatisfy({ $0.value.string != nil })
        else { throw JSONRPCError.invalid("`\(key)` must be an object of strings") }
        return object
    }

    private static func resource(
        _ params: JSONObject
    ) throws(JSONRPCError) -> (String, JSONObject) {
        guard case .string(let uri)? = params["uri"], !uri.isEmpty,
            uri.utf8.count <= RoutedURI.longest
        else {
            throw JSONRPCError.invalid("`uri` must be a string of 1 to \(RoutedURI.longest) bytes")
        }
        return (uri, ["uri": .string(uri)])
    }
}

extension CallMethod {
    fileprivate var members: Set<ExactText> {
        switch self {
        case .callTool, .getPrompt: ["name", "arguments", "_meta"]
        case .readResource, .subscribe, .unsubscribe: ["uri", "_meta"]
        case .complete: ["ref", "argument", "context", "_meta"]
        }
    }
}
