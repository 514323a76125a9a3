import InterlockDoctor
import InterlockJSON
import InterlockPorts
import InterlockTransport
import Synchronization

/// The scripted model of one session, on a port of 127.0.0.1 that the kernel chooses. It serves `POST /v1/messages` to the
/// host that has its key, and notes what that host sends; any other client is refused and not heard.
final class ProbeModelServer: RequestHandler {
    private static let limits = JSONLimits(bytes: bodyBytes, largeIntegers: .keep)
    /// The largest request of a host, in bytes; one with the canary files has about 50 kB.
    private static let bodyBytes = 8 << 20
    /// A session needs about five requests. A host that continues after that is not answered.
    private static let mostRequests = 64
    private static let path = "/v1/messages"

    private let script: ProbeScript
    private let key: String
    private let heard = Mutex(ProbeTranscript())

    /// - Parameter key: the secret that the host gets as the key of its model.
    init(_ script: ProbeScript, key: String) {
        self.script = script
        self.key = key
    }

    /// Everything that the host has sent so far.
    var transcript: ProbeTranscript { heard.withLock { $0 } }

    /// Serves while the body runs, which gets the base URL of the model. Returns once no connection is left.
    ///
    /// - Throws: a failure if there is no port.
    func whileServing<Value>(_ body: (String) -> Value) throws(ListenFailure) -> Value {
        let loops = LoopGroup(count: 1, name: "probe-model")
        defer { loops.stop() }
        var limits = ServerLimits()
        limits.connections = 64
        limits.bodyBytes = 4 * Self.bodyBytes
        let server = try HTTPServer.listen(
            .tcp(host: "127.0.0.1", port: 0), as: .agents, handler: self, loops: loops,
            limits: limits)
        let value = body("http://127.0.0.1:\(server.port)")
        loops.blocking { await server.drain(within: .seconds(1)) }
        return value
    }

    func judge(_ head: RequestHead) -> HeadDecision {
        guard head.method == "POST",
            sameBytes(head.path, Self.path) || sameBytes(head.path, Self.path + "/count_tokens")
        else { return .refuse(.plain(404, "no such path")) }
        guard let key = head["x-api-key"], sameBytes(key, self.key) else {
            return .refuse(.plain(401, "not the key of the probe"))
        }
        return .readBody(limitBytes: Self.bodyBytes)
    }

    func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        let request = try? JSONValue(parsing: body, limits: Self.limits)
        let count = heard.withLock { transcript in
            transcript.hear(body, request, of: script)
            return transcript.requests
        }
        guard let request, count <= Self.mostRequests else {
            return exchange.respond(.plain(400, "the probe is over, or this is not JSON"))
        }
        guard sameBytes(head.path, Self.path) else {
            return exchange.respond(.json(200, ["input_tokens": 1]))
        }
        let message = script.answer(request)
        guard message.isStreamed else { return exchange.respond(.json(200, message.whole)) }
        exchange.startEvents(headers: [])
        for event in message.events { exchange.send(event: event) }
        exchange.endEvents()
    }
}
