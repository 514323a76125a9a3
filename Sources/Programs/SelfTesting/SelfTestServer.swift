import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSelfTest
import Synchronization

/// The fake server of a self-test, in this process: it counts the calls of each act.
final class SelfTestServer: RequestHandler {
    private let counts = Mutex<[SelfTestCase: Int]>([:])

    /// The number of calls of an act that arrived.
    func arrivals(of test: SelfTestCase) -> Int { counts.withLock { $0[test] ?? 0 } }

    func judge(_ head: RequestHead) -> HeadDecision {
        head.method == "POST" ? .readBody(limitBytes: 64 << 10) : .refuse(.plain(405, "use POST"))
    }

    func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        guard let message = try? JSONValue(parsing: body, limits: .agent) else {
            return exchange.respond(.plain(400, "no JSON"))
        }
        guard let answer = answer(to: message) else {
            return exchange.respond(HTTPResponse(status: 202))
        }
        exchange.respond(.json(200, answer))
    }

    /// Returns nil for a notification.
    private func answer(to message: JSONValue) -> JSONValue? {
        guard let id = message["id"] else { return nil }
        let result: JSONValue
        switch message["method"]?.string {
        case "initialize":
            result = [
                "protocolVersion": "2025-06-18", "capabilities": ["tools": [:]],
                "serverInfo": ["name": "selftest", "version": "1"],
            ]
        case "tools/list": result = ["tools": .array(Self.tools)]
        case "tools/call":
            let test = message["params"]?["arguments"]?["act"]?.string
            count(test.flatMap { SelfTestCase(rawValue: $0) })
            result = ["content": [["type": "text", "text": .string(SelfTestAnswer.counted)]]]
        case "ping": result = [:]
        default:
            return [
                "jsonrpc": "2.0", "id": id, "error": ["code": -32601, "message": "no such method"],
            ]
        }
        return ["jsonrpc": "2.0", "id": id, "result": result]
    }

    private func count(_ test: SelfTestCase?) {
        guard let test else { return }
        counts.withLock { $0[test, default: 0] += 1 }
    }

    private static let tools: [JSONValue] = [
        SelfTestPolicy.look, SelfTestPolicy.page, SelfTestPolicy.change, SelfTestPolicy.pay,
        SelfTestPolicy.absent,
    ].map { name -> JSONValue in
        [
            "name": .string(name), "description": "counts a call of a self-test",
            "inputSchema": [
                "type": "object",
                "properties": [
                    "act": ["type": "string"], "note": ["type": "string"],
                    "amount": ["type": "integer"],
                ],
            ],
        ]
    }
}
