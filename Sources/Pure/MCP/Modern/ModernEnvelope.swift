package import InterlockJSON

/// What every request of the modern era says of itself in `_meta` (specs of MCP, sections 1 and 10).
/// Nothing is known from an earlier request.
package struct ModernEnvelope: Sendable {
    /// As it was sent; whether it is spoken here is the next question.
    package let version: String
    /// Declared for this request alone.
    package let capabilities: JSONObject
    /// The least severe log messages that the request asks for; nil for none.
    package let logLevel: LogLevel?

    private static let prefix = "io.modelcontextprotocol/"

    /// `clientInfo` need not be there (a client should send it); nothing is decided from it.
    ///
    /// - Throws: -32602.
    init(_ params: JSONObject) throws(JSONRPCError) {
        guard let meta = params["_meta"]?.object else {
            throw .invalid("`_meta` with protocolVersion and clientCapabilities is missing")
        }
        guard case .string(let version)? = meta[Era.versionKey], version.utf8.count <= 64 else {
            throw .invalid("`_meta` must have `\(Era.versionKey)`, a string")
        }
        guard case .object(let capabilities)? = meta[Self.prefix + "clientCapabilities"] else {
            throw .invalid("`_meta` must have `\(Self.prefix)clientCapabilities`, an object")
        }
        if let info = meta[Self.prefix + "clientInfo"],
            info["name"]?.string == nil || info["version"]?.string == nil
        {
            throw .invalid("`\(Self.prefix)clientInfo` must have a name and a version")
        }
        let level = meta[Self.prefix + "logLevel"]
        logLevel = level?.string.flatMap(LogLevel.init(rawValue:))
        if level != nil, logLevel == nil {
            throw .invalid("`\(Self.prefix)logLevel` is none of the eight levels")
        }
        self.version = version
        self.capabilities = capabilities
    }
}
