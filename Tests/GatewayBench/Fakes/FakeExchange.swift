import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockPorts
import Synchronization

/// Stores the gateway's response.
final class FakeExchange: Exchange {
    struct Seen: Sendable {
        var response: HTTPResponse?
        var events: [[UInt8]] = []
        var isStream = false
        var isEnded = false
        /// The stream continues without its handler.
        var outlivesHandler = false
        /// A second response, or an event outside the stream.
        var faults: [String] = []
        var isAnswered: Bool { response != nil || isEnded }
    }
    private struct State {
        var seen = Seen()
        var closers: [@Sendable () -> Void] = []
        var isClosed = false
        var held: (closers: Int, waiting: CheckedContinuation<Void, Never>)?
    }
    private let state = Mutex(State())
    private let onStart: @Sendable () -> Void

    /// - Parameter onStart: called when a stream begins.
    init(onStart: @escaping @Sendable () -> Void = {}) { self.onStart = onStart }

    var now: Seen { state.withLock { $0.seen } }
    var isClosed: Bool { state.withLock { $0.isClosed } }
    /// The bytes of the events, then those of the response.
    var text: String {
        now.events.map { String(decoding: $0, as: UTF8.self) }.joined()
            + String(decoding: now.response?.body ?? [], as: UTF8.self)
    }

    func respond(_ response: HTTPResponse) {
        state.withLock { state in
            if state.seen.response != nil || state.seen.isStream {
                state.seen.faults.append("answered twice")
            }
            state.seen.response = response
        }
    }
    func startEvents(headers: [(name: String, value: String)]) {
        state.withLock { state in
            if state.seen.isStream || state.seen.response != nil {
                state.seen.faults.append("began twice")
            }
            state.seen.isStream = true
        }
        onStart()
    }
    func send(event: [UInt8]) {
        state.withLock { state in
            if !state.seen.isStream || state.seen.isEnded {
                state.seen.faults.append("an event outside the stream")
            }
            state.seen.events.append(event)
        }
    }
    func endEvents() { state.withLock { $0.seen.isEnded = true } }
    func outlive() { state.withLock { $0.seen.outlivesHandler = $0.seen.isStream } }

    func onClose(_ handler: @escaping @Sendable () -> Void) {
        let (isClosed, held) = state.withLock { state in
            if !state.isClosed { state.closers.append(handler) }
            guard let held = state.held, state.closers.count >= held.closers else {
                return (state.isClosed, CheckedContinuation<Void, Never>?.none)
            }
            state.held = nil
            return (state.isClosed, held.waiting)
        }
        if isClosed { handler() }
        held?.resume()
    }

    /// Returns once `count` handlers wait for the client's disconnect: in the legacy eras first that of the retained
    /// stream, then that of the call that waits for people. At most one task may wait.
    func isWatched(by count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                let isThere = state.closers.count >= count
                if !isThere { state.held = (count, continuation) }
                return isThere
            }
            if isThere { continuation.resume() }
        }
    }

    /// Simulates the client's disconnect.
    func close() {
        let closers = state.withLock { state in
            state.isClosed = true
            defer { state.closers = [] }
            return state.closers
        }
        for closer in closers { closer() }
    }

    /// The messages of the stream, in order.
    var messages: [JSONValue] { now.events.compactMap(Self.message) }

    /// The JSON-RPC message of the response, or of the stream's last event.
    var message: JSONValue? {
        let now = now
        guard let response = now.response else { return now.events.last.flatMap(Self.message) }
        return try? JSONValue(parsing: response.body, limits: .upstream)
    }

    private static func message(of event: [UInt8]) -> JSONValue? {
        let lines = String(decoding: event, as: UTF8.self).split(separator: "\n")
        let data = lines.filter { $0.hasPrefix("data: ") }.map { $0.dropFirst(6) }
        return try? JSONValue(
            parsing: Array(data.joined(separator: "\n").utf8), limits: .upstream)
    }
}
