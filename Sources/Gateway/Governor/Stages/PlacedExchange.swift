import InterlockPorts
import Synchronization

/// The exchange of a request on one of many nodes. It ends the use of the run once nothing of the request needs it: its
/// handler, a stream that outlives the handler, and calls that continue while their requests come and go.
final class PlacedExchange: Exchange {
    private struct State {
        var stay: RunStay?
        /// The handler, the stream and the calls that are not over.
        var uses = 1
        /// True from the head of a stream to its end.
        var isStreaming = false
        var outlives = false
    }
    private let state = Mutex(State())
    private let exchange: any Exchange
    let placement: any RunPlacement

    init(_ exchange: any Exchange, _ placement: any RunPlacement) {
        self.exchange = exchange
        self.placement = placement
    }

    /// The run is served here.
    func begin(_ stay: RunStay) { state.withLock { $0.stay = stay } }

    /// True if the run is served here.
    var isServed: Bool { state.withLock { $0.stay != nil } }

    /// Needs the run until `release`.
    func retain() { state.withLock { $0.uses += 1 } }

    func release() {
        let stay = state.withLock { state -> RunStay? in
            state.uses -= 1
            guard state.uses == 0 else { return nil }
            defer { state.stay = nil }
            return state.stay
        }
        if let stay { placement.end(stay) }
    }

    func respond(_ response: HTTPResponse) { exchange.respond(response) }

    func startEvents(headers: [(name: String, value: String)]) {
        state.withLock { $0.isStreaming = true }
        exchange.startEvents(headers: headers)
    }

    func send(event: [UInt8]) { exchange.send(event: event) }

    func endEvents() {
        exchange.endEvents()
        let outlived = state.withLock { state in
            defer { (state.isStreaming, state.outlives) = (false, false) }
            return state.outlives
        }
        if outlived { release() }
    }

    func outlive() {
        // Noted first: the stream may end at once.
        state.withLock { state in
            guard state.isStreaming, !state.outlives else { return }
            state.outlives = true
            state.uses += 1
        }
        exchange.outlive()
    }

    func onClose(_ handler: @escaping @Sendable () -> Void) { exchange.onClose(handler) }

    func keepPlace(for holder: String?) { exchange.keepPlace(for: holder) }
}

extension Caller {
    /// Is nil on a node that is alone.
    var placed: PlacedExchange? { exchange as? PlacedExchange }
}
