package import InterlockJSON

/// The `_meta` with which every request of the modern era describes itself (docs/specs/mcp.md, sections 1 and 10). No
/// state of an earlier request applies.
package struct ModernEnvelope: Sendable {
    /// The version as it was sent; the caller must check that it is supported.
    package let version: String
    /// The capabilities that are declared for this request only.
    package let capabilities: JSONObject
    /// The minimum severity of the requested log messages, or nil if none are requested.
    package let logLevel: LogLevel?

    private static let prefix = "io.modelcontextprotocol/"

    /// Parses the envelope. `clientInfo` is optional (a client should send it), and no decision uses it.
    ///
    /// - Throws: -32602 if a member is missing or malformed.
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
            throw .invalid("`\(Self.prefix)logLevel` is not one of the eight levels")
        }
        self.version = version
        self.capabilities = capabilities
    }
}
