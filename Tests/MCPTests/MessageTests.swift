import InterlockJSON
import Testing

@testable import InterlockMCP

func json(_ text: String) throws -> JSONValue {
    try JSONValue(parsing: Array(text.utf8), limits: .upstream)
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite struct `JSON-RPC messages` {
    @Test(arguments: [
        (#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, "request 1 ping {}"),
        (#"{"jsonrpc":"2.0","id":"a","method":"x","params":{"k":1}}"#, #"request a x {"k":1}"#),
        (
            #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            "notification notifications/initialized {}"
        ),
        (#"{"jsonrpc":"2.0","id":3,"result":{}}"#, "result 3 {}"),
        (#"{"jsonrpc":"2.0","id":3,"error":{"code":-1,"message":"no"}}"#, "error 3 -1 no"),
        (#"{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"no"}}"#, "error nil -1 no"),
    ])
    func `a message is told by its members`(wire: String, shown: String) throws {
        #expect(describe(try JSONRPCMessage(try json(wire))) == shown)
    }

    @Test(
        arguments: [
            ("[]", nil), ("7", nil), ("{}", nil), (#"{"jsonrpc":"1.0","id":1,"method":"x"}"#, 1),
            (#"{"jsonrpc":"2.0","id":null,"method":"x"}"#, nil),
            (#"{"jsonrpc":"2.0","id":1.5,"method":"x"}"#, nil),
            (#"{"jsonrpc":"2.0","id":{},"method":"x"}"#, nil),
            (#"{"jsonrpc":"2.0","id":[1],"method":"x"}"#, nil),
            (#"{"jsonrpc":"2.0","id":18446744073709551616,"method":"x"}"#, nil),
            (#"{"jsonrpc":"2.0","id":2,"method":7}"#, 2),
            (#"{"jsonrpc":"2.0","id":2,"method":""}"#, 2),
            (#"{"jsonrpc":"2.0","id":2,"method":"x","params":[1]}"#, 2),
            (#"{"jsonrpc":"2.0","id":2,"method":"x","params":null}"#, 2),
            (#"{"jsonrpc":"2.0","id":2,"method":"x","params":{"_meta":7}}"#, 2),
            (#"{"jsonrpc":"2.0","id":2,"method":"x","result":{}}"#, 2),
            (#"{"jsonrpc":"2.0","id":2,"result":7}"#, 2), (#"{"jsonrpc":"2.0","result":{}}"#, nil),
            (#"{"jsonrpc":"2.0","id":2,"result":{},"error":{"code":1,"message":""}}"#, 2),
            (#"{"jsonrpc":"2.0","id":2,"error":{"message":""}}"#, 2),
            (#"{"jsonrpc":"2.0","id":2}"#, 2),
        ] as [(String, Int64?)])
    func `what is no message is refused with the id that could be read`(wire: String, id: Int64?)
        throws
    {
        let value = try json(wire)
        let error = #expect(throws: InvalidMessage.self) { try JSONRPCMessage(value) }
        #expect(error?.id == id.map(RequestID.integer))
        #expect(error?.error.code == -32600)
        #expect(error?.error.httpStatus(in: .newest) == 400)
    }

    private func describe(_ message: JSONRPCMessage) -> String {
        switch message {
        case .request(let request):
            "request \(request.id) \(request.method) \(text(request.params.serialized()))"
        case .notification(let method, let params):
            "notification \(method) \(text(params.serialized()))"
        case .result(let id, let result): "result \(id) \(text(result.serialized()))"
        case .error(let id, let error):
            "error \(id.map(\.description) ?? "nil") \(error.code) \(error.message)"
        }
    }

    @Test func `batches exist in 2025-03-26 alone`() throws {
        for version in ProtocolVersion.allCases {
            #expect(version.allowsBatches == (version.rawValue == "2025-03-26"))
        }
        let batch = try json(#"[{"jsonrpc":"2.0","id":1,"method":"ping"},7]"#)
        #expect(throws: InvalidMessage.self) { try ClientBody(batch, allowsBatches: false) }
        guard case .batch(let elements) = try ClientBody(batch, allowsBatches: true),
            case .message(.request) = elements[0], case .invalid(let fault) = elements[1]
        else {
            Issue.record("no batch")
            return
        }
        #expect(fault.error.code == -32600)
    }

    @Test(arguments: [
        "[]", #"[{"jsonrpc":"2.0","id":1,"method":"initialize"}]"#,
        #"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
        "[" + Array(repeating: #"{"jsonrpc":"2.0","method":"x"}"#, count: 51).joined(separator: ",")
            + "]",
    ])
    func `a batch as a whole may be at fault`(wire: String) throws {
        let value = try json(wire)
        #expect(throws: InvalidMessage.self) { try ClientBody(value, allowsBatches: true) }
    }

    @Test func `a version is echoed when it is known`() {
        #expect(ProtocolVersion.negotiate(requested: "2025-03-26") == .v2025_03_26)
        #expect(ProtocolVersion.negotiate(requested: "2025-06-18") == .v2025_06_18)
        #expect(ProtocolVersion.negotiate(requested: "1.0") == .v2025_11_25)
        #expect(ProtocolVersion.negotiate(requested: "2026-07-28") == .v2025_11_25)
        #expect(ProtocolVersion.v2025_03_26 < .v2025_06_18)
    }

    @Test func `answers are one line each`() throws {
        #expect(
            text(JSONRPCWriter.result(id: .string("a\n"), ["x": 1]))
                == #"{"jsonrpc":"2.0","id":"a\n","result":{"x":1}}"#)
        #expect(
            text(JSONRPCWriter.error(id: nil, JSONRPCError(code: -32600, message: "no")))
                == #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no"}}"#)
        #expect(text(JSONRPCWriter.batch([Array("1".utf8), Array("2".utf8)])) == "[1,2]")
        #expect(
            text(GatewayIdentity.changed(.tools))
                == #"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#)
        #expect(
            text(
                GatewayIdentity.initializeResult(version: .v2025_06_18, serverVersion: "0.1")
                    .serialized())
                == #"{"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true},"logging":{}},"serverInfo":{"name":"interlock","version":"0.1"}}"#
        )
    }

    @Test func `progress goes on under the caller's token`() throws {
        let params = try #require(
            try json(#"{"progressToken":9,"progress":0.5,"total":1,"message":"m","x":1}"#).object)
        let notice = try #require(ProgressNotification(params))
        #expect(
            text(notice.notification(token: .string("t"), version: .v2025_03_26))
                == #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"t","progress":0.5,"total":1,"message":"m"}}"#
        )
        #expect(
            !text(notice.notification(token: .string("t"), version: .v2024_11_05))
                .contains("message"))
    }
}

@Suite struct `What agents ask` {
    private func request(_ method: String, _ params: String) throws -> ClientRequest {
        let object = try #require(try json(params).object)
        return try ClientRequest(JSONRPCRequest(id: .integer(1), method: method, params: object))
    }

    @Test func `the offered methods are read with their parameters`() throws {
        guard
            case .call(let call) = try request(
                "tools/call",
                #"{"name":"crm__get","arguments":{"id":7},"_meta":{"progressToken":"p"}}"#),
            case .list(.tools, "c") = try request("tools/list", #"{"cursor":"c"}"#),
            case .list(.tools, nil) = try request("tools/list", "{}"),
            case .ping = try request("ping", "{}"),
            case .initialize(let opening) = try request(
                "initialize",
                #"{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x"}}"#)
        else {
            Issue.record("another request")
            return
        }
        #expect(call.name == "crm__get")
        #expect(call.arguments == ["id": 7])
        #expect(call.progressToken == .string("p"))
        #expect(opening.protocolVersion == "2025-06-18")
    }

    @Test(
        arguments: [
            ("resources/subscribe", "{}", -32602), ("resources/unsubscribe", #"{"uri":7}"#, -32602),
            ("resources/subscribe", #"{"uri":"a:b","extra":1}"#, -32602),
            ("tools/Call", "{}", -32601),
            ("server/discover", "{}", -32601),
            ("tools/call", #"{"name":"x","task":{}}"#, -32601),
            ("tools/call", "{}", -32602), ("tools/call", #"{"name":7}"#, -32602),
            ("tools/call", #"{"name":""}"#, -32602),
            ("tools/call", #"{"name":"x","arguments":[]}"#, -32602),
            ("tools/call", #"{"name":"x","arguments":null}"#, -32602),
            ("tools/call", #"{"name":"x","extra":1}"#, -32602),
            ("tools/call", #"{"name":"x","_meta":{"progressToken":1.5}}"#, -32602),
            ("tools/list", #"{"cursor":7}"#, -32602), ("initialize", "{}", -32602),
            ("initialize", #"{"protocolVersion":1,"capabilities":{},"clientInfo":{}}"#, -32602),
        ] as [(String, String, Int64)])
    func `everything else is an error`(method: String, params: String, code: Int64) throws {
        let error = #expect(throws: JSONRPCError.self) { try request(method, params) }
        #expect(error?.code == code)
        #expect(error?.httpStatus(in: .newest) == 200)
    }

    @Test func `a cancellation names its request`() {
        #expect(
            ClientNotification(
                method: "notifications/cancelled", params: ["requestId": 4, "reason": "r"])
                == .cancelled(request: .integer(4), reason: "r"))
        #expect(
            ClientNotification(method: "notifications/cancelled", params: [:])
                == .other(method: "notifications/cancelled"))
        #expect(
            ClientNotification(method: "notifications/initialized", params: [:]) == .initialized)
    }

    @Test func `unknown tools are answered with one text`() {
        #expect(JSONRPCError.unknownTool("crm__x").message == "unknown tool: crm__x")
        #expect(JSONRPCError.unknownTool("crm__x").code == -32602)
    }
}
