package import InterlockJSON

extension GatewayIdentity {
    /// The time for which a client may cache a result that does not change while the program runs.
    private static let discoverLifetimeMilliseconds: Int64 = 60_000

    /// Returns the result for `server/discover`, without contacting an upstream server.
    ///
    /// - Parameter serverVersion: the version of this program.
    package static func discoverResult(
        capabilities: OfferedCapabilities = .tools, serverVersion: String
    ) -> JSONObject {
        complete(
            [
                "supportedVersions": [.string(ProtocolVersion.modern.rawValue)],
                "capabilities": .object(capabilities.declared(in: .modern)),
                "ttlMs": .integer(discoverLifetimeMilliseconds), "cacheScope": "private",
            ], in: .modern, serverVersion: serverVersion)
    }

    /// Completes the result of a list, which is private to its caller and may differ at the next request.
    package static func list(
        _ result: JSONObject, in version: ProtocolVersion, serverVersion: String
    ) -> JSONObject {
        guard version.hasResultTypes else { return result }
        var result = result
        result["ttlMs"] = 0
        result["cacheScope"] = "private"
        return complete(result, in: version, serverVersion: serverVersion)
    }

    /// Completes a result that requires no input: adds its type and server if the version has them.
    package static func complete(
        _ result: JSONObject, in version: ProtocolVersion, serverVersion: String
    ) -> JSONObject { typed("complete", result, in: version, serverVersion: serverVersion) }

    /// Returns an `input_required` result: the requests that a retry must answer, and the state that it must contain.
    package static func inputRequired(
        _ requests: [InputRequest], state: String, serverVersion: String
    ) -> JSONObject {
        var asked = JSONObject()
        for request in requests {
            asked[request.key] = [
                "method": .string(request.method.rawValue), "params": .object(request.params),
            ]
        }
        var result: JSONObject = ["requestState": .string(state)]
        if !requests.isEmpty { result["inputRequests"] = .object(asked) }
        return typed("input_required", result, in: .modern, serverVersion: serverVersion)
    }

    private static func typed(
        _ type: String, _ result: JSONObject, in version: ProtocolVersion, serverVersion: String
    ) -> JSONObject {
        guard version.hasResultTypes else { return result }
        var result = result
        result["resultType"] = .string(type)
        var meta = result["_meta"]?.object ?? JSONObject()
        meta["io.modelcontextprotocol/serverInfo"] = [
            "name": .string(name), "version": .string(serverVersion),
        ]
        result["_meta"] = .object(meta)
        return result
    }
}
