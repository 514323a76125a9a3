import InterlockJSON

/// What the gateway sends as a client, in the legacy eras. Ids and progress tokens are integers,
/// unique at an upstream and never used again.
package enum UpstreamMessages {
    /// - Parameter clientVersion: the version of this program.
    package static func initialize(
        id: Int64, version: ProtocolVersion = .newest, clientVersion: String
    ) -> [UInt8] {
        request(
            id: id, "initialize",
            [
                "protocolVersion": .string(version.rawValue),
                "capabilities": [:],
                "clientInfo": [
                    "name": .string(GatewayIdentity.name), "version": .string(clientVersion),
                ],
            ])
    }

    package static func initialized() -> [UInt8] {
        JSONRPCAnswer.notification(method: "notifications/initialized", params: [:])
    }

    package static func ping(id: Int64) -> [UInt8] { request(id: id, "ping", [:]) }

    package static func listTools(id: Int64, cursor: String?) -> [UInt8] {
        var params = JSONObject()
        params["cursor"] = cursor.map(JSONValue.string)
        return request(id: id, "tools/list", params)
    }

    /// - Parameters:
    ///   - arguments: the RFC 8785 bytes of the judged arguments; they go out as they are.
    ///   - wantsProgress: the request's id is its progress token too.
    package static func callTool(
        id: Int64, name: String, arguments: [UInt8], wantsProgress: Bool
    ) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(arguments.count + 160)
        output.append(contentsOf: #"{"jsonrpc":"2.0","id":"#.utf8)
        JSONValue.integer(id).appendSerialized(to: &output)
        output.append(contentsOf: #","method":"tools/call","params":{"name":"#.utf8)
        JSONValue.string(name).appendSerialized(to: &output)
        output.append(contentsOf: #","arguments":"#.utf8)
        output.append(contentsOf: arguments)
        if wantsProgress {
            output.append(contentsOf: #","_meta":{"progressToken":"#.utf8)
            JSONValue.integer(id).appendSerialized(to: &output)
            output.append(UInt8(ascii: "}"))
        }
        output.append(contentsOf: "}}".utf8)
        return output
    }

    package static func cancelled(id: Int64, reason: String) -> [UInt8] {
        JSONRPCAnswer.notification(
            method: "notifications/cancelled",
            params: ["requestId": .integer(id), "reason": .string(reason)])
    }

    /// The answer to a request of the upstream: `ping` is answered, nothing else is offered.
    package static func answer(to request: JSONRPCRequest) -> [UInt8] {
        request.method == "ping"
            ? JSONRPCAnswer.result(id: request.id, GatewayIdentity.pingResult)
            : JSONRPCAnswer.error(id: request.id, .unknownMethod(request.method))
    }

    private static func request(id: Int64, _ method: String, _ params: JSONObject) -> [UInt8] {
        var output = Array(#"{"jsonrpc":"2.0","id":"#.utf8)
        JSONValue.integer(id).appendSerialized(to: &output)
        output.append(contentsOf: #","method":"#.utf8)
        JSONValue.string(method).appendSerialized(to: &output)
        output.append(contentsOf: #","params":"#.utf8)
        params.appendSerialized(to: &output)
        output.append(UInt8(ascii: "}"))
        return output
    }
}
