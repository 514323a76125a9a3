import InterlockAdministration
import InterlockGovernor
import InterlockPorts
import InterlockTransport
import Synchronization

/// A handler made of two closures.
struct TestHandler: RequestHandler {
    var judgement: @Sendable (RequestHead) -> HeadDecision = { _ in
        .readBody(limitBytes: 1024 * 1024)
    }
    var answer: @Sendable (RequestHead, [UInt8], any Exchange) async -> Void = {
        head, body, exchange in
        exchange.respond(
            HTTPResponse(
                status: 200, headers: [("Content-Type", "text/plain")],
                body: Array("\(head.method) \(head.path) ".utf8) + body))
    }

    func judge(_ head: RequestHead) -> HeadDecision { judgement(head) }
    func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        await answer(head, body, exchange)
    }
}

/// Runs `body` with a server on a free port, and stops both server and loops afterwards.
func withServer(
    _ handler: TestHandler = TestHandler(), limits: ServerLimits = ServerLimits(),
    endpoint: Endpoint = .tcp(host: "127.0.0.1", port: 0), loops count: Int = 2,
    _ body: (HTTPServer, LoopGroup) async throws -> Void
) async throws {
    let loops = LoopGroup(count: count)
    let server = try HTTPServer.listen(
        endpoint, as: .agents, handler: handler, loops: loops, limits: limits)
    do {
        try await body(server, loops)
    } catch {
        await server.drain(within: .zero)
        loops.stop()
        throw error
    }
    await server.drain(within: .zero)
    loops.stop()
}

/// A value set once from any thread and awaited.
final class Signal: Sendable {
    private struct State {
        var isSet = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    func set() {
        let waiters = state.withLock { state in
            state.isSet = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                if !state.isSet { state.waiters.append(continuation) }
                return state.isSet
            }
            if ready { continuation.resume() }
        }
    }
}
