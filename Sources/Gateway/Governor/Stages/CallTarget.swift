import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy

/// The target of a call, found once by its name alone: the tool, resource or prompt, and the arguments to decide on.
struct CallTarget {
    let address: ToolAddress
    /// The arguments for guards: those of the call, or the URI and the variables of its template.
    let arguments: JSONValue
    /// The argument that a completion asks for.
    let completes: String?

    /// The result of finding the target of a call under one policy.
    struct Lookup {
        let policy: PolicySnapshot
        /// Is nil if the name or URI cannot match anything in the policy.
        let target: CallTarget?

        /// - Parameter server: the server of the endpoint.
        init(
            _ method: CallMethod, _ name: String, at server: ServerName?, arguments: JSONValue,
            under policy: PolicySnapshot
        ) {
            self.policy = policy
            target = CallTarget(method, name, at: server, arguments: arguments, under: policy)
        }
    }

    private init?(
        _ method: CallMethod, _ name: String, at server: ServerName?, arguments given: JSONValue,
        under policy: PolicySnapshot
    ) {
        switch method {
        case .callTool:
            guard let found = policy.toolAddress(of: name, at: server) else { return nil }
            (address, arguments, completes) = (found, given, nil)
        case .getPrompt:
            guard let found = policy.promptAddress(of: name, at: server) else { return nil }
            (address, arguments, completes) = (found, given, nil)
        case .readResource, .subscribe, .unsubscribe:
            guard let routed = RoutedURI(name, at: server),
                let uri = try? ResourceURI(routed.original),
                let found = policy.resource(of: uri, at: routed.server)
            else { return nil }
            (address, arguments, completes) = (found.address, .object(found.arguments), nil)
        case .complete:
            guard let wanted = given.object.flatMap({ try? CompletionRequest($0) }),
                let found = policy.address(of: wanted.reference, at: server)
            else { return nil }
            address = found
            arguments = .object(wanted.arguments)
            completes = wanted.argument
        }
    }

    /// Makes the upstream request from the values that were decided on.
    ///
    /// - Parameters:
    ///   - arguments: the decided arguments, without those that obligations withhold.
    ///   - canonical: their RFC 8785 bytes.
    /// - Returns: nil if the request is impossible without the withheld arguments.
    func request(_ call: Call, _ arguments: JSONValue, _ canonical: [UInt8]) -> UpstreamRequest? {
        switch call.method {
        case .callTool: return .callTool(name: address.tool.text, arguments: canonical)
        case .getPrompt: return .getPrompt(name: address.tool.ownName, arguments: canonical)
        case .readResource: return arguments["uri"]?.string.map { .readResource(uri: $0) }
        case .subscribe, .unsubscribe:
            return arguments["uri"]?.string.map { .subscription(call.method, uri: $0) }
        case .complete:
            guard let wanted = call.arguments.object.flatMap({ try? CompletionRequest($0) }),
                var context = arguments.object, let value = context[wanted.argument]?.string
            else { return nil }
            context[wanted.argument] = nil
            let reference: CompletionRequest.Reference
            switch wanted.reference {
            case .prompt: reference = .prompt(address.tool.ownName)
            case .resource(let text):
                guard let routed = RoutedURI(text, at: call.server) else { return nil }
                reference = .resource(routed.original)
            }
            return .complete(
                CompletionRequest(
                    reference: reference, argument: wanted.argument, value: value, context: context)
            )
        }
    }
}

extension RoutedURI {
    /// Parses a URI as used at an endpoint: with its server at `/mcp`, otherwise without.
    init?(_ text: String, at server: ServerName?) {
        guard let server else {
            self.init(text)
            return
        }
        self.init(server: server, original: text)
    }
}

extension PolicySnapshot {
    /// Returns the address of the tool that a caller names.
    ///
    /// - Parameter server: the server of `/mcp/<server>`, where tools have their own names; nil at `/mcp`.
    func toolAddress(of name: String, at server: ServerName?) -> ToolAddress? {
        guard let server else { return toolAddress(wireName: name) }
        return ToolName(name).map { ToolAddress(server: server, tool: $0) }
    }

    /// Returns the address of the prompt that a caller names.
    func promptAddress(of name: String, at server: ServerName?) -> ToolAddress? {
        guard let server else { return promptAddress(wireName: name) }
        return ToolName(.prompt, name).map { ToolAddress(server: server, tool: $0) }
    }

    /// Returns the address of the prompt or resource that a completion is for.
    fileprivate func address(
        of reference: CompletionRequest.Reference, at server: ServerName?
    ) -> ToolAddress? {
        switch reference {
        case .prompt(let name): return promptAddress(of: name, at: server)
        case .resource(let text):
            guard let routed = RoutedURI(text, at: server) else { return nil }
            return servers[routed.server]?.resource(ofTemplate: routed.original)
        }
    }
}
