import InterlockPorts
import Synchronization

/// The response to a forwarded request, marked as that of the gateway: without the mark it would be a refusal of the
/// channel. It ends its place among the requests of the peer once it is over.
final class ForwardedExchange: Exchange {
    private struct State {
        var outlives = false
        var isOver = false
        var hasReturned = false
        var ended: (@Sendable () -> Void)?
    }
    private let state: Mutex<State>
    private let exchange: any Exchange

    init(_ exchange: any Exchange, ended: @escaping @Sendable () -> Void) {
        self.exchange = exchange
        state = Mutex(State(ended: ended))
    }

    func respond(_ response: HTTPResponse) {
        var marked = response
        if !marked.headers.contains(where: { $0.name == HTTPResponse.forwardedHeader }) {
            marked.headers.append((HTTPResponse.forwardedHeader, "answer"))
        }
        exchange.respond(marked)
    }

    func startEvents(headers: [(name: String, value: String)]) {
        exchange.startEvents(headers: headers + [(HTTPResponse.forwardedHeader, "answer")])
    }

    func send(event: [UInt8]) { exchange.send(event: event) }

    func endEvents() {
        exchange.endEvents()
        end { $0.isOver = true }
    }

    func outlive() {
        state.withLock { $0.outlives = true }
        exchange.outlive()
    }

    func onClose(_ handler: @escaping @Sendable () -> Void) { exchange.onClose(handler) }

    /// The handler has returned: without a stream that outlives it the request is over.
    func handlerReturned() { end { $0.hasReturned = true } }

    private func end(_ change: (inout State) -> Void) {
        let ended = state.withLock { state -> (@Sendable () -> Void)? in
            change(&state)
            guard state.hasReturned, !state.outlives || state.isOver else { return nil }
            defer { state.ended = nil }
            return state.ended
        }
        ended?()
    }
}
