package import InterlockJSON

/// The gateway's own result for `initialize`, produced without contacting an upstream server.
package enum GatewayIdentity {
    package static let name = "interlock"

    /// - Parameter serverVersion: the version of this program.
    package static func initializeResult(
        version: ProtocolVersion, capabilities: OfferedCapabilities = .tools, serverVersion: String,
        instructions: String? = nil
    ) -> JSONObject {
        var result: JSONObject = [
            "protocolVersion": .string(version.rawValue),
            "capabilities": .object(capabilities.declared(in: version)),
            "serverInfo": ["name": .string(name), "version": .string(serverVersion)],
        ]
        result["instructions"] = instructions.map(JSONValue.string)
        return result
    }

    /// The result for `ping` and `logging/setLevel`.
    package static let emptyResult = JSONObject()

    package static func changed(_ kind: ListKind) -> [UInt8] {
        JSONRPCWriter.notification(method: kind.changed, params: [:])
    }
}
