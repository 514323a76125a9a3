import InterlockJSON

/// A valid request of the modern era. Checks run in the order in which errors are reported: `_meta`, headers against
/// the body, version, method, parameters (docs/specs/mcp.md, section 10).
///
/// INVARIANT: a closed response stream cancels a modern call, and no legacy one. Kept by `ModernRequestTests`,
/// `test_modern.py`.
package struct ModernRequest: Sendable {
    package let envelope: ModernEnvelope
    package let asked: ClientRequest

    /// - Parameter parameters: returns the declared headers of a tool by its name at this endpoint, or an empty array
    ///   if the caller must not know the tool.
    /// - Throws: -32602, -32020, -32022, -32601 or -32602, in the order of the checks.
    package init(
        _ request: JSONRPCRequest, headers: RoutingHeaders,
        parameters: (String) -> [HeaderParameter]
    ) throws(JSONRPCError) {
        envelope = try ModernEnvelope(request.params)
        try headers.check(request, version: envelope.version)
        if request.method == "tools/call", let name = request.params["name"]?.string {
            try headers.check(parameters(name), request.params["arguments"]?.object ?? JSONObject())
        }
        try Self.check(version: envelope.version)
        asked = try ClientRequest(modern: request)
    }

    /// - Throws: -32022, which names the supported version.
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
