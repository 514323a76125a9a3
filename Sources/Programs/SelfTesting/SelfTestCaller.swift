import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockSelfTest
import InterlockTransport

/// A canary that calls one pipeline over HTTP on loopback.
struct SelfTestCaller: Sendable {
    private let credential: CanaryCredential
    private let clients: HTTPClients
    private let plane: HTTPServer

    /// The longest time of one call.
    private static let limit = Duration.seconds(20)

    /// - Throws: if there is no free port on loopback.
    init(
        _ pipeline: CallPipeline, _ credential: CanaryCredential, _ loops: LoopGroup
    ) throws(ListenFailure) {
        self.credential = credential
        clients = HTTPClients(loops: loops)
        plane = try HTTPServer.listen(
            .tcp(host: "127.0.0.1", port: 0), as: .agents,
            handler: CanaryPlane(pipeline, for: credential), loops: loops)
    }

    func close() async { await plane.drain(within: .seconds(1)) }

    func call(
        _ tool: String, act: SelfTestCase, note: String? = nil, amount: Int64? = nil
    ) async -> SelfTestAnswer {
        let name = "\(SelfTestPolicy.server)__\(tool)"
        let request = ClientRequest(
            url: "http://127.0.0.1:\(plane.port)/mcp",
            headers: [
                (name: "content-type", value: "application/json"),
                (name: "accept", value: StreamableHTTP.accept),
                (name: "authorization", value: "Bearer \(credential.bearer)"),
                (name: "mcp-protocol-version", value: ProtocolVersion.modern.rawValue),
                (name: "mcp-method", value: "tools/call"), (name: "mcp-name", value: name),
            ],
            body: Self.body(name, act, note, amount), idleLimit: Self.limit,
            hardLimit: Self.limit)
        switch await clients.onLoop({ await $0.send(request) }) {
        case .success(let response): return SelfTestAnswer(body: response.body)
        case .failure(let failure): return .other("no answer: \(failure.reason)")
        }
    }

    private static func body(
        _ name: String, _ act: SelfTestCase, _ note: String?, _ amount: Int64?
    ) -> [UInt8] {
        var arguments: JSONObject = ["act": .string(act.rawValue)]
        arguments["note"] = note.map { .string($0) }
        arguments["amount"] = amount.map { .integer($0) }
        let prefix = "io.modelcontextprotocol/"
        let message: JSONValue = [
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": [
                "name": .string(name), "arguments": .object(arguments),
                "_meta": .object([
                    prefix + "protocolVersion": .string(ProtocolVersion.modern.rawValue),
                    prefix + "clientInfo": ["name": "selftest", "version": "1"],
                    prefix + "clientCapabilities": [:],
                ]),
            ],
        ]
        return message.serialized()
    }
}
