import InterlockJSON

/// A request of the modern era, found sound in the order in which faults are answered: `_meta`, headers
/// against the body, version, method, parameters (specs of MCP, section 10).
package struct ModernRequest: Sendable {
    package let envelope: ModernEnvelope
    package let asked: ClientRequest

    /// - Parameter parameters: the declared headers of a tool by its name at this endpoint; none for a
    ///   tool that the caller may not know of.
    /// - Throws: -32602, -32020, -32022, -32601 or -32602.
    package init(
        _ request: JSONRPCRequest, headers: RoutingHeaders,
        parameters: (String) -> [HeaderParameter]
    ) throws(JSONRPCError) {
        envelope = try ModernEnvelope(request.params)
        try headers.check(request, version: envelope.version)
        if request.method == "tools/call", let name = request.params["name"]?.string {
            try headers.check(
                parameters(name), request.params["arguments"]?.object ?? JSONObject())
        }
        try Self.check(version: envelope.version)
        asked = try ClientRequest(modern: request)
    }

    /// - Throws: -32022, which names what is spoken.
    package static func check(version: String) throws(JSONRPCError) {
        guard version == ProtocolVersion.modern.rawValue else {
            throw JSONRPCError(
                code: JSONRPCError.unsupportedVersion,
                message: "unsupported protocol version `\(shortened(version))`",
                data: [
                    "supported": [.string(ProtocolVersion.modern.rawValue)],
                    "requested": .string(version),
                ])
        }
    }
}
