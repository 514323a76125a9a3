import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// The event streams of one legacy session. A stream outlives its connection: messages in the meantime are stored, and
/// sent when the client resumes the stream.
final class SessionEvents: Sendable {
    /// The time that a client should wait before it reconnects.
    private static let retryMilliseconds = 1000

    private struct Outlet {
        let exchange: any Exchange
        /// Ended when the stream is over.
        let life: StreamLife?
    }
    private struct State {
        var log = EventLog()
        /// The outlets by stream, without an entry while the client is absent.
        var outlets: [Int: Outlet] = [:]
    }
    private let state = Mutex(State())
    private let clock: any Clock

    init(clock: any Clock) { self.clock = clock }

    /// Begins a stream as the response of this exchange.
    ///
    /// - Parameters:
    ///   - scopes: the scopes of the caller's credential; a credential with fewer scopes cannot resume the stream.
    /// - primes: whether the stream begins with an event without data, so that a client can resume it from the start
    ///   (2025-11-25).
    func open(on exchange: any Exchange, for scopes: ScopeSet?, primes: Bool) -> Int {
        let stream = state.withLock { state in
            let stream = state.log.open(for: scopes)
            state.outlets[stream] = Outlet(exchange: exchange, life: nil)
            // Sent inside the lock, here and below, so that the order is kept.
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

    func send(_ message: StreamMessage, on stream: Int) {
        send(message.bytes, on: stream, isNeeded: message.isNeeded)
    }

    /// - Parameter isNeeded: true for a response or a request, false for a notification.
    private func send(_ message: [UInt8], on stream: Int, isNeeded: Bool) {
        let now = clock.boot
        state.withLock { state in
            guard let id = state.log.append(message, to: stream, isNeeded: isNeeded, now: now)
            else { return }
            state.outlets[stream]?.exchange.send(
                event: SSEEvent(id: id.description, data: message).encoded())
        }
    }

    /// Sends the response, which ends the stream.
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
        /// All remaining events were sent, and the stream is over.
        case over
        /// The stream continues on this exchange until it is over or its client leaves.
        case goesOn(StreamLife)
    }

    /// Sends the events after the given one. An earlier connection that still seems open is closed, because its client
    /// reports that it has lost it.
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

    /// Ends a stream and discards its events.
    func forget(_ stream: Int) {
        let outlet = state.withLock { state in
            state.log.forget(stream)
            return state.outlets.removeValue(forKey: stream)
        }
        outlet?.exchange.endEvents()
        outlet?.life?.end()
    }

    /// Discards the events that were stored for too long.
    func expire() {
        let now = clock.boot
        state.withLock { $0.log.expire(now: now) }
    }

    /// Marks the client as absent; the stream continues without it.
    func left(_ stream: Int, _ exchange: any Exchange) {
        state.withLock { state in
            if state.outlets[stream]?.exchange === exchange { state.outlets[stream] = nil }
        }
    }
}
