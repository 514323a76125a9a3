import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy

/// What a call is about, found by its name alone: the tool, resource or prompt, and what is judged.
struct CallTarget {
    let address: ToolAddress
    /// As guards see them: arguments, or the URI and the variables of its template.
    let arguments: JSONValue
    /// The argument that a completion asks for.
    let completes: String?

    /// - Returns: nil for a name or URI that can be of nothing in the policy.
    init?(_ call: Call, under policy: PolicySnapshot) {
        self.init(
            call.method, call.name, at: call.server, arguments: call.arguments, under: policy)
    }

    /// - Parameter server: of the endpoint.
    init?(
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

    /// What goes to the server, made of what was judged.
    ///
    /// - Parameters:
    ///   - arguments: judged, without what obligations keep from leaving.
    ///   - canonical: their RFC 8785 bytes.
    /// - Returns: nil where the server cannot be asked without what is kept back.
    func request(
        _ call: Call, _ arguments: JSONValue, _ canonical: [UInt8]
    ) -> UpstreamRequest? {
        switch call.method {
        case .callTool: return .callTool(name: address.tool.text, arguments: canonical)
        case .getPrompt: return .getPrompt(name: address.tool.ownName, arguments: canonical)
        case .readResource:
            return arguments["uri"]?.string.map { .readResource(uri: $0) }
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
    /// A URI as it stands at an endpoint: with its server at `/mcp`, else without.
    init?(_ text: String, at server: ServerName?) {
        guard let server else {
            self.init(text)
            return
        }
        self.init(server: server, original: text)
    }
}

extension PolicySnapshot {
    /// The tool that a caller names.
    ///
    /// - Parameter server: of `/mcp/<server>`, where tools have their own names; nil at `/mcp`.
    func toolAddress(of name: String, at server: ServerName?) -> ToolAddress? {
        guard let server else { return toolAddress(wireName: name) }
        return ToolName(name).map { ToolAddress(server: server, tool: $0) }
    }

    /// The same of a prompt.
    func promptAddress(of name: String, at server: ServerName?) -> ToolAddress? {
        guard let server else { return promptAddress(wireName: name) }
        return ToolName(.prompt, name).map { ToolAddress(server: server, tool: $0) }
    }

    /// What a completion is of.
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
