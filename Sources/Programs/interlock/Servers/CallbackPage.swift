import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockKeys
import InterlockMCP
import InterlockPorts
import Synchronization

/// The one page that a browser comes back to after somebody has agreed: `/callback` on loopback, once, with
/// the `state` of this sign-in. What it brings is handed on, and nothing of it is in the page.
final class CallbackPage: RequestHandler {
    private struct State {
        /// nil before the sign-in has begun.
        var expected: [UInt8]?
        var isTaken = false
        var result: Result<Void, Failure>?
        var waiting: CheckedContinuation<Result<Void, Failure>, Never>?
    }
    private let state = Mutex(State())
    private let answer: @Sendable (String) throws(Failure) -> Void

    /// - Parameter answer: what to do with the query; what it throws is told to the terminal alone.
    init(answer: @escaping @Sendable (String) throws(Failure) -> Void) { self.answer = answer }

    /// From now on the page is there, for this `state` alone.
    func expect(_ word: String) { state.withLock { $0.expected = Array(word.utf8) } }

    func judge(_ head: RequestHead) -> HeadDecision {
        // Another name in `Host` is another page's way to loopback.
        guard head.method == "GET", head.path == "/callback",
            head["host"]?.hasPrefix("127.0.0.1:") == true, isExpected(head.query ?? "")
        else { return .refuse(Self.page(404, "There is nothing here.")) }
        return .readBody(limitBytes: 0)
    }

    /// Whoever does not know the `state` uses up nothing.
    private func isExpected(_ query: String) -> Bool {
        guard let expected = state.withLock({ $0.expected }),
            let brought = FormFields.parse(query)?["state"]
        else { return false }
        return constantTimeEqual(Array(brought.utf8), expected)
    }

    func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        let isFirst = state.withLock { state in
            defer { state.isTaken = true }
            return !state.isTaken
        }
        guard isFirst else {
            return exchange.respond(Self.page(409, "This page was used already."))
        }
        do throws(Failure) {
            try answer(head.query ?? "")
            exchange.respond(Self.page(200, "Signed in. You can close this page."))
            end(.success(()))
        } catch {
            exchange.respond(Self.page(400, "Not signed in. The terminal says why."))
            end(.failure(error))
        }
    }

    /// What came of it; a failure where no browser came in time.
    func result(within time: Duration) async -> Result<Void, Failure> {
        let timer = Task {
            try? await Task.sleep(for: time)
            guard !Task.isCancelled else { return }
            let isLate = self.state.withLock { state in
                defer { state.isTaken = true }
                return !state.isTaken
            }
            if isLate {
                self.end(
                    .failure(
                        Failure(
                            .tryAgain, "no browser came back in \(time.components.seconds) s",
                            help: "begin anew")))
            }
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            let known = state.withLock { state in
                if state.result == nil { state.waiting = continuation }
                return state.result
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    private func end(_ result: Result<Void, Failure>) {
        let waiting = state.withLock { state in
            state.result = result
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: result)
    }

    private static func page(_ status: Int, _ sentence: String) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [
                ("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store"),
                ("referrer-policy", "no-referrer"), ("x-content-type-options", "nosniff"),
                ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ],
            body: Array(
                "<!doctype html><title>Interlock</title><p>\(sentence)</p>\n".utf8))
    }
}
