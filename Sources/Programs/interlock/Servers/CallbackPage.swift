import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockPorts
import Synchronization

/// The only page that a browser returns to after a person agreed: `/callback` on loopback, once, with the `state` of
/// this sign-in. The query is passed on, and the page contains nothing of it.
final class CallbackPage: RequestHandler {
    private struct State {
        /// Is nil before the sign-in begins.
        var expected: [UInt8]?
        var isTaken = false
        var result: Result<Void, Failure>?
        var waiting: CheckedContinuation<Result<Void, Failure>, Never>?
    }
    private let state = Mutex(State())
    private let answer: @Sendable (String) throws(Failure) -> Void

    /// - Parameter answer: receives the query; its errors are shown only on the terminal.
    init(answer: @escaping @Sendable (String) throws(Failure) -> Void) { self.answer = answer }

    /// Serves the page from now on, only for this `state`.
    func expect(_ word: String) { state.withLock { $0.expected = Array(word.utf8) } }

    func judge(_ head: RequestHead) -> HeadDecision {
        // A different name in `Host` indicates a DNS rebinding attempt.
        guard head.method == "GET", head.path == "/callback",
            head["host"]?.hasPrefix("127.0.0.1:") == true, isExpected(head.query ?? "")
        else { return .refuse(Self.page(404, "There is nothing here.")) }
        return .readBody(limitBytes: 0)
    }

    /// Returns true if the query has the expected `state`. A request without it does not use up the page.
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

    /// Waits for the result; a failure if no browser returns in time.
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
