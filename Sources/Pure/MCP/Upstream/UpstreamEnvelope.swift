package import InterlockJSON

/// What each modern request says of the gateway as client (specs of MCP, sections 2 and 5.2).
package struct UpstreamEnvelope: Sendable {
    package let version: ProtocolVersion
    /// Of this program.
    package let clientVersion: String
    /// What may be asked in the course of this request, and nothing else.
    package let capabilities: JSONObject
    /// What the server may say in its course; nil for no log messages.
    package let logLevel: LogLevel?

    private static let prefix = "io.modelcontextprotocol/"

    package init(
        version: ProtocolVersion, clientVersion: String, capabilities: JSONObject = [:],
        logLevel: LogLevel? = nil
    ) {
        self.version = version
        self.clientVersion = clientVersion
        self.capabilities = capabilities
        self.logLevel = logLevel
    }

    /// `_meta` of a request.
    var meta: JSONObject {
        var meta: JSONObject = [
            Era.versionKey: .string(version.rawValue),
            Self.prefix + "clientInfo": UpstreamMessages.clientInfo(clientVersion),
            Self.prefix + "clientCapabilities": .object(capabilities),
        ]
        meta[Self.prefix + "logLevel"] = logLevel.map { .string($0.rawValue) }
        return meta
    }

    /// The headers that repeat the body over HTTP.
    ///
    /// - Parameters:
    ///   - name: of a tool, for `Mcp-Name`.
    ///   - parameters: declared by the tool, for `Mcp-Param-*`.
    ///   - arguments: as they are sent.
    package func headers(
        of method: String, name: String? = nil, parameters: [HeaderParameter] = [],
        arguments: JSONObject = [:]
    ) -> [(name: String, value: String)] {
        var headers = [
            (name: "MCP-Protocol-Version", value: version.rawValue),
            (name: "Mcp-Method", value: method),
        ]
        if let name { headers.append(("Mcp-Name", HeaderText.encode(name))) }
        for parameter in parameters {
            guard let value = parameter.value(in: arguments).flatMap(HeaderParameter.header) else {
                continue
            }
            headers.append(("Mcp-Param-" + parameter.name, value))
        }
        return headers
    }
}
