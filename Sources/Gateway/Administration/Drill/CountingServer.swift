package import InterlockJSON
import InterlockMCP
package import InterlockModel
package import InterlockPorts
import Synchronization

/// The server that canaries call: its one tool reports when each call arrives. Over HTTP it runs in the gateway's own
/// process, over stdio as a child that is sandboxed like any other.
package struct CountingServer: Sendable {
    package static let tool = "count"
    /// The duration of a call, so that some calls are in flight when the order arrives.
    private static let work = Duration.milliseconds(30)
    private static let longest: Int64 = 10_000

    private let receipts: Receipts
    private let clock: any Clock

    package init(receipts: Receipts, clock: any Clock) {
        self.receipts = receipts
        self.clock = clock
    }

    /// - Parameter counted: called for each call as it arrives.
    /// - Returns: the response to a message, or nil if it is a notification.
    package static func answer(
        _ message: JSONValue, counted: (_ canary: String, _ number: Int64) -> Void
    ) async -> JSONValue? {
        guard let id = message["id"] else { return nil }
        let result: JSONValue
        switch message["method"]?.string {
        case "initialize":
            result = [
                "protocolVersion": "2025-06-18", "capabilities": ["tools": [:]],
                "serverInfo": ["name": "drill", "version": "1"],
            ]
        case "tools/list":
            result = [
                "tools": [
                    [
                        "name": .string(tool), "description": "counts a call of a canary",
                        "inputSchema": [
                            "type": "object",
                            "properties": [
                                "canary": ["type": "string"], "n": ["type": "integer"],
                                "ms": ["type": "integer"],
                            ],
                        ],
                    ]
                ]
            ]
        case "tools/call":
            let arguments = message["params"]?["arguments"] ?? [:]
            counted(arguments["canary"]?.string ?? "", arguments["n"]?.integer ?? 0)
            let wanted = arguments["ms"]?.integer.map { Duration.milliseconds(min($0, longest)) }
            try? await Task.sleep(for: wanted ?? work)
            result = ["content": [["type": "text", "text": "counted"]]]
        case "ping": result = [:]
        default:
            return [
                "jsonrpc": "2.0", "id": id, "error": ["code": -32601, "message": "no such method"],
            ]
        }
        return ["jsonrpc": "2.0", "id": id, "result": result]
    }
}

extension CountingServer: RequestHandler {
    package func judge(_ head: RequestHead) -> HeadDecision {
        head.method == "POST" ? .readBody(limitBytes: 64 << 10) : .refuse(.plain(405, "use POST"))
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        guard let message = try? JSONValue(parsing: body, limits: .agent) else {
            return exchange.respond(.plain(400, "no JSON"))
        }
        let answer = await Self.answer(message) { receipts.add($0, $1, at: clock.boot) }
        guard let answer else { return exchange.respond(HTTPResponse(status: 202)) }
        exchange.respond(.json(200, answer))
    }
}

/// The calls that reached the counting server, with their times.
package final class Receipts: Sendable {
    struct Arrival: Sendable {
        let pointClass: String
        /// The number that the canary gave the call.
        let number: Int64
        let at: BootTime
    }
    private let list = Mutex<[Arrival]>([])

    package init() {}

    package func add(_ pointClass: String, _ number: Int64, at: BootTime) {
        list.withLock { $0.append(Arrival(pointClass: pointClass, number: number, at: at)) }
    }

    func all(of pointClass: String) -> [Arrival] {
        list.withLock { $0.filter { $0.pointClass == pointClass } }
    }

    func count(of pointClass: String, after: BootTime? = nil) -> Int {
        all(of: pointClass).count { arrival in after.map { arrival.at > $0 } ?? true }
    }
}
