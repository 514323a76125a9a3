import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// The event streams of one legacy session. A stream outlives its connection: what is said meanwhile is
/// kept, and goes on where the client says that it was.
final class SessionEvents: Sendable {
    /// How long a client should wait before it comes back.
    private static let retryMilliseconds = 1000

    private struct Outlet {
        let exchange: any Exchange
        /// Told when the stream is over.
        let life: StreamLife?
    }
    private struct State {
        var log = EventLog()
        /// By stream; none while its client is away.
        var outlets: [Int: Outlet] = [:]
    }
    private let state = Mutex(State())
    private let clock: any Clock

    init(clock: any Clock) { self.clock = clock }

    /// Begins a stream as the answer of this exchange.
    ///
    /// - Parameters:
    ///   - scopes: of the caller's credential; nobody comes back with one for less.
    ///   - primes: whether it begins with an event that has no data, so that a client can come back to it
    ///     from the start (2025-11-25).
    func open(on exchange: any Exchange, for scopes: ScopeSet?, primes: Bool) -> Int {
        let stream = state.withLock { state in
            let stream = state.log.open(for: scopes)
            state.outlets[stream] = Outlet(exchange: exchange, life: nil)
            // Inside the lock, here and below: what is told keeps its order.
            exchange.startEvents(headers: [])
            if primes, let id = state.log.mark(stream) {
                exchange.send(
                    event: SSEEvent.priming(id, retryMilliseconds: Self.retryMilliseconds))
            }
            return stream
        }
        exchange.onClose { [weak self] in self?.left(stream, exchange) }
        return stream
    }

    /// - Parameter isNeeded: an answer or a request; not a notification.
    func send(_ message: [UInt8], on stream: Int, isNeeded: Bool) {
        let now = clock.boot
        state.withLock { state in
            guard
                let id = state.log.append(message, to: stream, isNeeded: isNeeded, now: now)
            else { return }
            state.outlets[stream]?.exchange.send(
                event: SSEEvent(id: id.description, data: message).encoded())
        }
    }

    /// The answer, and with it the end of the stream.
    func finish(_ message: [UInt8], on stream: Int) {
        send(message, on: stream, isNeeded: true)
        let now = clock.boot
        let outlet = state.withLock { state in
            state.log.end(stream, now: now)
            return state.outlets.removeValue(forKey: stream)
        }
        outlet?.exchange.endEvents()
        outlet?.life?.end()
    }

    enum Resumption {
        case unknown, lost
        /// All that was left has been told, and the stream is at its end.
        case over
        /// Goes on at this exchange until the stream is over or its client leaves.
        case goesOn(StreamLife)
    }

    /// Tells what came after that event. A connection that still seems to be there gives way: its client
    /// says that it has lost it.
    func resume(_ id: EventID, on exchange: any Exchange, for scopes: ScopeSet?) -> Resumption {
        let life = StreamLife(of: exchange)
        let (resumption, before): (Resumption, Outlet?) = state.withLock { state in
            switch state.log.goOn(after: id, for: scopes) {
            case .unknown: return (.unknown, nil)
            case .lost: return (.lost, nil)
            case .events(let events, let isOver):
                exchange.startEvents(headers: [])
                for event in events {
                    exchange.send(
                        event: SSEEvent(id: event.id.description, data: event.data).encoded())
                }
                if isOver { return (.over, nil) }
                let before = state.outlets[id.stream]
                state.outlets[id.stream] = Outlet(exchange: exchange, life: life)
                return (.goesOn(life), before)
            }
        }
        before?.exchange.endEvents()
        before?.life?.end()
        switch resumption {
        case .over: exchange.endEvents()
        case .goesOn: exchange.onClose { [weak self] in self?.left(id.stream, exchange) }
        case .unknown, .lost: break
        }
        return resumption
    }

    /// Nothing more is said on it, and nobody comes back to it.
    func forget(_ stream: Int) {
        let outlet = state.withLock { state in
            state.log.forget(stream)
            return state.outlets.removeValue(forKey: stream)
        }
        outlet?.exchange.endEvents()
        outlet?.life?.end()
    }

    /// What has been kept for too long is dropped.
    func expire() {
        let now = clock.boot
        state.withLock { $0.log.expire(now: now) }
    }

    /// The client is away; the stream goes on without it.
    func left(_ stream: Int, _ exchange: any Exchange) {
        state.withLock { state in
            if state.outlets[stream]?.exchange === exchange { state.outlets[stream] = nil }
        }
    }
}
