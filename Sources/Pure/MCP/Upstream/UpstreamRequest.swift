package import InterlockJSON

/// A request to a server on behalf of an agent, as it is sent except for the id and `_meta`.
package struct UpstreamRequest: Sendable {
    package let method: CallMethod
    /// The value for `Mcp-Name`, or nil if the method has no such header.
    package let routingName: String?
    /// The parameters in order, each with its value as bytes.
    let members: [(key: String, value: [UInt8])]

    /// - Parameter arguments: the RFC 8785 bytes that were evaluated; they are sent unchanged.
    package static func callTool(name: String, arguments: [UInt8]) -> UpstreamRequest {
        named(.callTool, name, arguments)
    }

    package static func getPrompt(name: String, arguments: [UInt8]) -> UpstreamRequest {
        named(.getPrompt, name, arguments)
    }

    /// - Parameter uri: the URI in the form that was evaluated.
    package static func readResource(uri: String) -> UpstreamRequest {
        UpstreamRequest(
            method: .readResource, routingName: uri,
            members: [("uri", JSONValue.string(uri).serialized())])
    }

    /// - Parameters:
    ///   - method: `subscribe` or `unsubscribe`.
    ///   - uri: the URI in the form that was evaluated.
    package static func subscription(_ method: CallMethod, uri: String) -> UpstreamRequest {
        UpstreamRequest(
            method: method, routingName: uri,
            members: [("uri", JSONValue.string(uri).serialized())])
    }

    package static func complete(_ request: CompletionRequest) -> UpstreamRequest {
        UpstreamRequest(
            method: .complete, routingName: nil,
            members: request.params.members.map { ($0.key, $0.value.serialized()) })
    }

    /// The arguments of a tool or prompt, parsed again at each access; needed only for tools that declare headers.
    package var arguments: JSONObject {
        let bytes = members.first { $0.key == "arguments" }?.value ?? []
        return (try? JSONValue(parsing: bytes, limits: .upstream))?.object ?? JSONObject()
    }

    private static func named(
        _ method: CallMethod, _ name: String, _ arguments: [UInt8]
    ) -> UpstreamRequest {
        UpstreamRequest(
            method: method, routingName: name,
            members: [("name", JSONValue.string(name).serialized()), ("arguments", arguments)])
    }
}
