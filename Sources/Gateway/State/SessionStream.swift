import InterlockMCP
import InterlockModel

/// A legacy session's own stream, on which the gateway may speak by itself: open until its client leaves
/// or it is ended.
final class SessionStream: ChangeListener {
    let principal: Principal
    let server: ServerName?
    let lists = Set(ListKind.allCases)
    private let exchange: any Exchange
    private let life: StreamLife

    init(_ exchange: any Exchange, principal: Principal, server: ServerName?) {
        self.exchange = exchange
        self.principal = principal
        self.server = server
        life = StreamLife(of: exchange)
    }

    func changed(_ kind: ListKind) {
        exchange.send(event: SSEEvent(data: GatewayIdentity.changed(kind)).encoded())
    }

    func end() {
        exchange.endEvents()
        life.end()
    }

    func start() { exchange.startEvents(headers: []) }

    func untilOver() async {
        await life.untilOver()
        exchange.endEvents()
    }
}
