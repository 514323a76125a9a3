package import InterlockJSON

/// The description of the gateway as a client in each modern request (docs/specs/mcp.md, sections 2 and 5.2).
package struct UpstreamEnvelope: Sendable {
    package let version: ProtocolVersion
    /// The version of this program.
    package let clientVersion: String
    /// The capabilities that the server may use during this request.
    package let capabilities: JSONObject
    /// The minimum severity of log messages that the server may send during this request, or nil for none.
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

    /// The `_meta` of a request.
    var meta: JSONObject {
        var meta: JSONObject = [
            Era.versionKey: .string(version.rawValue),
            Self.prefix + "clientInfo": UpstreamMessages.clientInfo(clientVersion),
            Self.prefix + "clientCapabilities": .object(capabilities),
        ]
        meta[Self.prefix + "logLevel"] = logLevel.map { .string($0.rawValue) }
        return meta
    }

    /// Returns the HTTP headers that repeat values of the body.
    ///
    /// - Parameters:
    ///   - name: the name of a tool, for `Mcp-Name`.
    ///   - parameters: the header parameters that the tool declares, for `Mcp-Param-*`.
    ///   - arguments: the arguments as they are sent.
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
