package import InterlockJSON

/// A call as an agent asks for it: what is governed one by one, with its parameters checked.
package struct CallRequest: Sendable {
    package let method: CallMethod
    /// As the agent wrote it: a name with its prefix, or a URI. Of a completion, what it completes.
    package let name: String
    /// Of a tool or prompt; `uri` alone of a resource; of a completion all of its parameters.
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
    private static let retryMembers: Set<ExactText> = ["inputResponses", "requestState"]

    init(
        _ method: CallMethod, _ params: JSONObject, in era: Era
    ) throws(JSONRPCError) {
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

    /// An object whose values are texts.
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
