package import InterlockJSON

/// What a server is asked on behalf of an agent, as it is sent but for the id and `_meta`.
package struct UpstreamRequest: Sendable {
    package let method: CallMethod
    /// What `Mcp-Name` says; nil where it has nothing to say.
    package let routingName: String?
    /// The parameters in their order, each value as its bytes.
    let members: [(key: String, value: [UInt8])]

    /// - Parameter arguments: the RFC 8785 bytes of what was judged; they go out as they are.
    package static func callTool(name: String, arguments: [UInt8]) -> UpstreamRequest {
        named(.callTool, name, arguments)
    }

    package static func getPrompt(name: String, arguments: [UInt8]) -> UpstreamRequest {
        named(.getPrompt, name, arguments)
    }

    /// - Parameter uri: as it was judged.
    package static func readResource(uri: String) -> UpstreamRequest {
        UpstreamRequest(
            method: .readResource, routingName: uri,
            members: [("uri", JSONValue.string(uri).serialized())])
    }

    /// - Parameters:
    ///   - method: `subscribe` or `unsubscribe`.
    ///   - uri: as it was judged.
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

    /// Of a tool or prompt, read again; only tools that declare headers need it.
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
