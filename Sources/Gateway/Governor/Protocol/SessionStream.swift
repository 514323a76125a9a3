import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// A legacy session's own stream, on which the gateway may send messages of its own: open until its client leaves or it
/// is ended.
final class SessionStream: ChangeListener {
    let principal: Principal
    let credential: StreamCredential
    let server: ServerName?
    let lists = Set(ListKind.allCases)
    private let exchange: any Exchange
    /// The stored events, or nil if the stream cannot be resumed.
    private let events: SessionEvents?
    /// The stream's number in `events`, once it has begun.
    private let number = Mutex<Int?>(nil)
    private let life: StreamLife

    init(_ caller: Caller, principal: Principal, server: ServerName?) {
        exchange = caller.exchange
        events = caller.events
        credential = caller.credential
        self.principal = principal
        self.server = server
        life = StreamLife(of: exchange)
    }

    /// - Returns: its number among the session's streams, or nil if it cannot be resumed.
    func start(primes: Bool) -> Int? {
        guard let events else {
            exchange.startEvents(headers: [])
            return nil
        }
        let begun = events.open(on: exchange, for: principal.scopes, primes: primes)
        number.withLock { $0 = begun }
        return begun
    }

    /// - Returns: false if it cannot be resumed from that event; then nothing has begun.
    func resume(after id: EventID) -> Bool {
        guard case .goesOn? = events?.resume(id, on: exchange, for: principal.scopes)
        else { return false }
        number.withLock { $0 = id.stream }
        return true
    }

    func changed(_ kind: ListKind) { send(.changed(kind)) }

    func send(_ message: StreamMessage) {
        if let events, let number = number.withLock({ $0 }) {
            events.send(message, on: number)
        } else {
            exchange.send(event: SSEEvent(data: message.bytes).encoded())
        }
    }

    /// Sends nothing more, also if the handler has not returned yet.
    func end() {
        life.end()
        exchange.endEvents()
    }

    /// Leaves the stream open when the handler of its request returns.
    ///
    /// - Parameter ended: runs once, when its client has left or it was ended, before the response ends: the next request
    ///   of the connection finds the session without a stream.
    func outliveHandler(ended: @escaping @Sendable () -> Void) {
        exchange.outlive()
        life.whenOver { [self] in
            if let number = number.withLock({ $0 }) { events?.left(number, exchange) }
            ended()
            exchange.endEvents()
        }
    }
}
