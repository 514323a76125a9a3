import InterlockCommandLine
import InterlockEgress
import InterlockPorts
import InterlockTransport
import Synchronization

/// Serves the proxy's own routes: `/mcp`, `/mcp/<server>` and `/hook/v1/event` are passed on to the gateway's agent plane
/// with the token of the run, which is not inside. Every other path but those of models is 404 (docs/specs/sandbox.md,
/// section 7).
struct OwnRoutes: RequestHandler {
    private let client: LocalClient
    private let token: String?
    /// The providers of `/model/<name>/`, which `RunRoutes` serves.
    let providers: [ModelProvider]

    private static let bodyLimitBytes = 4 << 20
    /// The bytes that an event of a hook may have on the wire (`HookLimits.wireBytes`).
    private static let hookLimitBytes = (8 << 20) + (512 << 10)

    /// - Parameters:
    ///   - socket: the gateway's socket for supervisors.
    ///   - token: nil if the run has none; then these paths are 404 too.
    ///   - patience: the longest time without a byte of a response; longer than any call takes.
    init(
        socket: String, token: String?, patience: Duration, providers: [ModelProvider] = []
    ) {
        self.providers = providers
        client = LocalClient(.unix(path: socket), patience: patience)
        self.token = token
    }

    func judge(_ head: RequestHead) -> HeadDecision {
        // A page inside whose name leads here has another Host.
        guard let host = head["host"], host.utf8.elementsEqual(OwnRoute.authority.utf8) else {
            return .refuse(.plain(421, "this Host is not served here"))
        }
        guard let token, !token.isEmpty, let limit = Self.bodyLimit(of: head) else {
            return .refuse(.plain(404, "no such path; agents speak to /mcp or /mcp/<server>"))
        }
        return .readBody(limitBytes: limit)
    }

    /// Returns nil for a path that is not served here.
    private static func bodyLimit(of head: RequestHead) -> Int? {
        switch OwnRoute(target: head.path + (head.query.map { "?" + $0 } ?? "")) {
        case .mcp: bodyLimitBytes
        case .hookEvent: hookLimitBytes
        case .model, nil: nil
        }
    }

    /// Each request waits on a thread of its own; the proxy bounds their number by that of connections.
    func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        let (client, headers) = (client, self.headers(of: head))
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            let isStarted = startThread { [method = head.method, path = head.path] in
                PassedRequest(exchange).pass(client, method, path, headers, body)
                done.resume()
            }
            if !isStarted {
                exchange.respond(.plain(503, "the gateway cannot be asked now"))
                done.resume()
            }
        }
    }

    /// The fields that are not of this connection, with the token of the run.
    private func headers(of head: RequestHead) -> [(name: String, value: String)] {
        head.headers.filter { !ConnectionFields.contains($0.name) && !Self.isIdentity($0.name) }
            + [("authorization", "Bearer \(token ?? "")")]
    }

    /// Fields by which the agent could claim another identity.
    private static func isIdentity(_ name: String) -> Bool {
        ["authorization", "cookie", "forwarded"].contains { name.utf8.elementsEqual($0.utf8) }
            || name.hasPrefix("x-forwarded-")
    }
}

/// One request on its way to the gateway, and its response on the way back.
private final class PassedRequest: Sendable {
    private struct State {
        var cancellation: LocalCancellation?
        var isGone = false
    }
    private let exchange: any Exchange
    private let state = Mutex(State())

    init(_ exchange: any Exchange) {
        self.exchange = exchange
        exchange.onClose { [weak self] in self?.cancel() }
    }

    /// Blocks until the response has passed.
    func pass(
        _ client: LocalClient, _ method: String, _ path: String,
        _ headers: [(name: String, value: String)], _ body: [UInt8]
    ) {
        do throws(LocalFailure) {
            let stream = try client.open(method, path, headers: headers, body: body) {
                self.opened($0)
            }
            let answered = stream.head.headers.filter { !ConnectionFields.contains($0.name) }
            guard stream.head["content-type"]?.hasPrefix("text/event-stream") == true else {
                let whole = try stream.rest()
                return exchange.respond(
                    HTTPResponse(status: stream.head.status, headers: answered, body: whole))
            }
            exchange.startEvents(headers: answered.filter { !ConnectionFields.isOfEvents($0.name) })
            try passEvents(stream)
            exchange.endEvents()
        } catch {
            // The client sees the end of a stream that has begun.
            exchange.respond(
                .plain(
                    502,
                    error.code == .unreachable
                        ? "the gateway cannot be reached"
                        : "the response is lost; whether the request took effect is not known"))
            exchange.endEvents()
        }
    }

    /// Passes on whole events; the gateway ends each with an empty line.
    private func passEvents(_ stream: LocalStream) throws(LocalFailure) {
        var held: [UInt8] = []
        while let part = try stream.next() {
            held += part
            guard let end = held.endOfLastEvent else {
                guard held.count <= LocalClient.answerLimitBytes else { return stream.cancel() }
                continue
            }
            exchange.send(event: Array(held[..<end]))
            held.removeFirst(end)
        }
    }

    private func opened(_ cancellation: LocalCancellation) {
        let isGone = state.withLock { state in
            state.cancellation = cancellation
            return state.isGone
        }
        if isGone { cancellation.cancel() }
    }

    private func cancel() {
        let cancellation = state.withLock { state in
            state.isGone = true
            return state.cancellation
        }
        cancellation?.cancel()
    }
}

extension [UInt8] {
    /// The index after the last empty line, or nil if there is none.
    fileprivate var endOfLastEvent: Int? {
        let newline = UInt8(ascii: "\n")
        var place = count - 1
        while place > 0 {
            if self[place] == newline, self[place - 1] == newline { return place + 1 }
            place -= 1
        }
        return nil
    }
}
