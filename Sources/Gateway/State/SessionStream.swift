import InterlockMCP
import InterlockModel
import Synchronization

/// A legacy session's own stream, on which the gateway may speak by itself: open until its client leaves
/// or it is ended.
final class SessionStream: ChangeListener {
    let principal: Principal
    let server: ServerName?
    let lists = Set(ListKind.allCases)
    private let exchange: any Exchange
    /// nil where nobody can come back to it.
    private let events: SessionEvents?
    /// Of `events`, once it has begun.
    private let number = Mutex<Int?>(nil)
    private let life: StreamLife

    init(
        _ exchange: any Exchange, _ events: SessionEvents?, principal: Principal,
        server: ServerName?
    ) {
        self.exchange = exchange
        self.events = events
        self.principal = principal
        self.server = server
        life = StreamLife(of: exchange)
    }

    /// - Returns: its number among the session's streams.
    func start(primes: Bool) -> Int? {
        guard let events else {
            exchange.startEvents(headers: [])
            return nil
        }
        let begun = events.open(on: exchange, primes: primes)
        number.withLock { $0 = begun }
        return begun
    }

    /// - Returns: false when it cannot go on from there; nothing has begun then.
    func goOn(after id: EventID) -> Bool {
        guard case .goesOn? = events?.resume(id, on: exchange) else { return false }
        number.withLock { $0 = id.stream }
        return true
    }

    func changed(_ kind: ListKind) { send(GatewayIdentity.changed(kind)) }

    func send(_ message: [UInt8]) {
        if let events, let number = number.withLock({ $0 }) {
            events.send(message, on: number, isNeeded: false)
        } else {
            exchange.send(event: SSEEvent(data: message).encoded())
        }
    }

    func end() {
        exchange.endEvents()
        life.end()
    }

    func untilOver() async {
        await life.untilOver()
        if let number = number.withLock({ $0 }) { events?.left(number, exchange) }
        exchange.endEvents()
    }
}
