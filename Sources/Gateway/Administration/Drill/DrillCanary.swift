package import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// A test agent that only calls the counting server, through one class of enforcement points.
package protocol DrillCanary: Sendable {
    /// The class: `http`, `stdio` or `relay`.
    var pointClass: String { get }
    /// Makes one call and returns its result when it has ended.
    ///
    /// - Parameter number: the number that the call carries to the counting server.
    func call(_ number: Int64) async -> CanaryResponse
    /// Begins a new run with a new credential, because a release ends runs.
    func beginRun()
}

extension DrillCanary {
    package func beginRun() {}
}

/// The credential of a canary, replaced with each run.
package final class CanaryCredential: Sendable {
    private let issue: @Sendable () -> String
    private let current: Mutex<String>

    package init(_ issue: @escaping @Sendable () -> String) {
        self.issue = issue
        current = Mutex(issue())
    }

    package var bearer: String { current.withLock { $0 } }
    package func renew() { current.withLock { $0 = issue() } }
}

package enum CanaryResponse: Sendable, Equatable {
    case counted
    case halted
    case other(String)

    /// Classifies the text of the gateway's response.
    package init(_ text: String) {
        self =
            text.contains("4230")
            ? .halted : text.contains("\"counted\"") ? .counted : .other(String(text.prefix(200)))
    }
}

/// Makes calls through the whole pipeline of the agent plane, from the request's head on.
package struct PipelineCanary: DrillCanary {
    package let pointClass: String
    let server: String
    let credential: CanaryCredential
    let pipeline: CallPipeline
    let milliseconds: Int64?

    /// - Parameter milliseconds: the duration of one call; if nil, the server's default applies.
    package init(
        _ pointClass: String, at server: String, _ credential: CanaryCredential,
        through pipeline: CallPipeline, milliseconds: Int64? = nil
    ) {
        self.pointClass = pointClass
        self.server = server
        self.credential = credential
        self.pipeline = pipeline
        self.milliseconds = milliseconds
    }

    package func beginRun() { credential.renew() }

    package func call(_ number: Int64) async -> CanaryResponse {
        let name = "\(server)__\(CountingServer.tool)"
        var arguments: JSONObject = ["canary": .string(pointClass), "n": .integer(number)]
        arguments["ms"] = milliseconds.map(JSONValue.integer)
        let prefix = "io.modelcontextprotocol/"
        let body: JSONValue = [
            "jsonrpc": "2.0", "id": .integer(number), "method": "tools/call",
            "params": [
                "name": .string(name), "arguments": .object(arguments),
                "_meta": .object([
                    prefix + "protocolVersion": .string(ProtocolVersion.modern.rawValue),
                    prefix + "clientInfo": ["name": "canary", "version": "1"],
                    prefix + "clientCapabilities": [:],
                ]),
            ],
        ]
        let exchange = CanaryExchange()
        let head = RequestHead(
            listener: .agents, method: "POST", path: "/mcp", query: nil,
            headers: [
                ("host", pipeline.gateway.settings.servedHost),
                ("content-type", "application/json"),
                ("accept", StreamableHTTP.accept),
                ("authorization", "Bearer \(credential.bearer)"),
                ("mcp-protocol-version", ProtocolVersion.modern.rawValue),
                ("mcp-method", "tools/call"), ("mcp-name", name),
            ].map { (name: $0.0, value: $0.1) }, contentLength: nil)
        await pipeline.run(head, body: body.serialized(), exchange)
        return CanaryResponse(exchange.text)
    }
}

/// Collects the gateway's response in memory.
private final class CanaryExchange: Exchange {
    private let bytes = Mutex<[UInt8]>([])
    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    func respond(_ response: HTTPResponse) { bytes.withLock { $0 += response.body } }
    func startEvents(headers: [(name: String, value: String)]) {}
    func send(event: [UInt8]) { bytes.withLock { $0 += event } }
    func endEvents() {}
    func outlive() {}
    func onClose(_ handler: @escaping @Sendable () -> Void) {}
}
