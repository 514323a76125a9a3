package import InterlockJSON

/// The messages that the gateway sends as a client. Ids and progress tokens are integers, unique per upstream server
/// and never reused. A message with an envelope is of the modern era.
package enum UpstreamMessages {
    /// - Parameters:
    ///   - clientVersion: the version of this program.
    ///   - capabilities: the input that the server may request during the session.
    package static func initialize(
        id: Int64, version: ProtocolVersion = .newest, clientVersion: String,
        capabilities: JSONObject = [:]
    ) -> [UInt8] {
        request(
            id: id, "initialize",
            [
                "protocolVersion": .string(version.rawValue),
                "capabilities": .object(capabilities),
                "clientInfo": clientInfo(clientVersion),
            ])
    }

    package static func discover(id: Int64, _ envelope: UpstreamEnvelope) -> [UInt8] {
        request(id: id, "server/discover", ["_meta": .object(envelope.meta)])
    }

    /// Asks a modern server to announce changes of these lists and resources, until either side ends the request.
    ///
    /// - Parameter resources: the URIs of single resources.
    package static func listen(
        id: Int64, to lists: Set<ListKind>, resources: [String] = [], _ envelope: UpstreamEnvelope
    ) -> [UInt8] {
        request(
            id: id, "subscriptions/listen",
            [
                "notifications": .object(
                    SubscriptionFilter(lists: lists, resources: resources).json),
                "_meta": .object(envelope.meta),
            ])
    }

    /// - Parameter method: `subscribe` or `unsubscribe`, for a legacy server.
    package static func subscription(_ method: CallMethod, id: Int64, uri: String) -> [UInt8] {
        request(id: id, method.rawValue, ["uri": .string(uri)])
    }

    package static func initialized() -> [UInt8] {
        JSONRPCWriter.notification(method: "notifications/initialized", params: [:])
    }

    package static func ping(id: Int64) -> [UInt8] { request(id: id, "ping", [:]) }

    package static func list(
        _ list: FeatureListMethod, id: Int64, cursor: String?, _ envelope: UpstreamEnvelope? = nil
    ) -> [UInt8] {
        var params = JSONObject()
        params["cursor"] = cursor.map(JSONValue.string)
        params["_meta"] = envelope.map { .object($0.meta) }
        return request(id: id, list.rawValue, params)
    }

    /// - Parameters:
    ///   - wantsProgress: true if the request's id also serves as its progress token.
    ///   - retry: the input that the server requested before it continues; modern era only.
    package static func call(
        _ call: UpstreamRequest, id: Int64, wantsProgress: Bool,
        _ envelope: UpstreamEnvelope? = nil, retry: InputRetry? = nil
    ) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(call.members.reduce(160) { $0 + $1.value.count })
        output.append(contentsOf: #"{"jsonrpc":"2.0","id":"#.utf8)
        JSONValue.integer(id).appendSerialized(to: &output)
        output.append(contentsOf: #","method":""#.utf8)
        output.append(contentsOf: call.method.rawValue.utf8)
        output.append(contentsOf: #"","params":{"#.utf8)
        var isFirst = true
        func add(_ key: String) {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONValue.string(key).appendSerialized(to: &output)
            output.append(UInt8(ascii: ":"))
        }
        for (key, value) in call.members {
            add(key)
            output.append(contentsOf: value)
        }
        var rest = retry?.members ?? []
        var meta = envelope?.meta ?? JSONObject()
        if wantsProgress { meta["progressToken"] = .integer(id) }
        if !meta.isEmpty { rest.append(("_meta", .object(meta))) }
        for (key, value) in rest {
            add(key)
            value.appendSerialized(to: &output)
        }
        output.append(contentsOf: "}}".utf8)
        return output
    }

    /// Asks a legacy server for log messages from this level up.
    package static func setLevel(id: Int64, _ level: LogLevel) -> [UInt8] {
        request(id: id, "logging/setLevel", ["level": .string(level.rawValue)])
    }

    package static func cancelled(id: Int64, reason: String) -> [UInt8] {
        JSONRPCWriter.notification(
            method: "notifications/cancelled",
            params: ["requestId": .integer(id), "reason": .string(reason)])
    }

    /// Returns the default response to a legacy server's request: `ping` is answered, a form is declined, and every
    /// other method is unknown.
    package static func answer(to request: JSONRPCRequest) -> [UInt8] {
        switch request.method {
        case "ping": JSONRPCWriter.result(id: request.id, GatewayIdentity.emptyResult)
        case InputRequest.Method.elicit.rawValue:
            JSONRPCWriter.result(id: request.id, InputResponse.declined)
        default: JSONRPCWriter.error(id: request.id, .unknownMethod(request.method))
        }
    }

    /// Returns the caller's response to a legacy server's request.
    package static func answer(to id: RequestID, _ answer: InputResponse) -> [UInt8] {
        switch answer {
        case .result(let result): JSONRPCWriter.result(id: id, result)
        case .refused(let error): JSONRPCWriter.error(id: id, error)
        }
    }

    static func clientInfo(_ clientVersion: String) -> JSONValue {
        ["name": .string(GatewayIdentity.name), "version": .string(clientVersion)]
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
