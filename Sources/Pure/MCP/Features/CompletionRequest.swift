package import InterlockJSON

/// A request for completions of one argument of a prompt or of a resource template.
package struct CompletionRequest: Sendable, Equatable {
    package enum Reference: Sendable, Equatable {
        case prompt(String)
        /// A resource template or a complete URI.
        case resource(String)
    }

    package let reference: Reference
    package let argument: String
    /// The text of the argument so far.
    package let value: String
    /// The other arguments that are known so far, as strings.
    package let context: JSONObject

    private static let maximumTextBytes = 4096

    package init(reference: Reference, argument: String, value: String, context: JSONObject) {
        self.reference = reference
        self.argument = argument
        self.value = value
        self.context = context
    }

    /// - Throws: -32602 if the parameters are malformed.
    package init(_ params: JSONObject) throws(JSONRPCError) {
        switch (params["ref"]?["type"], params["ref"]?["name"], params["ref"]?["uri"]) {
        case ("ref/prompt"?, .string(let name)?, nil)
        where (1...CallRequest.maximumNameBytes).contains(name.utf8.count):
            reference = .prompt(name)
        case ("ref/resource"?, nil, .string(let uri)?)
        where (1...RoutedURI.longest).contains(uri.utf8.count):
            reference = .resource(uri)
        default:
            throw .invalid(
                "`ref` must be a `ref/prompt` with a name or a `ref/resource` with a uri")
        }
        guard case .string(let argument)? = params["argument"]?["name"],
            case .string(let value)? = params["argument"]?["value"], !argument.isEmpty,
            argument.utf8.count <= CallRequest.maximumNameBytes,
            value.utf8.count <= Self.maximumTextBytes
        else { throw .invalid("`argument` must have a name and a value") }
        self.argument = argument
        self.value = value
        switch params["context"] {
        case nil: context = JSONObject()
        case .object(let object)?: context = try CallRequest.texts(object, "arguments")
        default: throw .invalid("`context` must be an object")
        }
        guard context[argument] == nil else {
            throw .invalid("`context` has a value for the argument that is to be completed")
        }
    }

    /// The parameters in the one form that is compared and sent.
    package var params: JSONObject {
        var params: JSONObject = [
            "ref": reference.json,
            "argument": ["name": .string(argument), "value": .string(value)],
        ]
        if !context.isEmpty { params["context"] = ["arguments": .object(context)] }
        return params
    }

    /// The arguments that the policy evaluates: those of the prompt or template that are known so far.
    package var arguments: JSONObject {
        var arguments = context
        arguments[argument] = .string(value)
        return arguments
    }
}

extension CompletionRequest.Reference {
    /// The name of the prompt, or the URI.
    package var text: String {
        switch self {
        case .prompt(let name): name
        case .resource(let uri): uri
        }
    }

    fileprivate var json: JSONValue {
        switch self {
        case .prompt(let name): ["type": "ref/prompt", "name": .string(name)]
        case .resource(let uri): ["type": "ref/resource", "uri": .string(uri)]
        }
    }
}
