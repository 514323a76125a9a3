import InterlockMCP
import InterlockModel

/// A `subscriptions/listen` of the modern era, for as long as its response is open.
final class Subscription: ChangeListener {
    let principal: Principal
    let server: ServerName?
    /// What was acknowledged.
    let filter: SubscriptionFilter
    private let messages: SubscriptionMessages
    private let caller: Caller
    private let life: StreamLife

    init(
        _ id: RequestID, _ filter: SubscriptionFilter, principal: Principal, server: ServerName?,
        caller: Caller
    ) {
        self.filter = filter
        self.principal = principal
        self.server = server
        self.caller = caller
        messages = SubscriptionMessages(id: id)
        life = StreamLife(of: caller.exchange)
    }

    var lists: Set<ListKind> { filter.lists }

    func acknowledge() {
        caller.startStream()
        caller.send(messages.acknowledged(filter))
    }

    func changed(_ kind: ListKind) { caller.send(messages.changed(kind)) }
    func end() { life.end() }
    func untilOver() async { await life.untilOver() }

    func ended(serverVersion: String) -> [UInt8] { messages.ended(serverVersion: serverVersion) }
}

extension CallPipeline {
    /// Holds the subscription open: what is allowed of it is acknowledged first, its result is its end.
    func listen(
        _ wanted: SubscriptionFilter, _ id: RequestID, _ body: ParsedBody, _ caller: Caller,
        _ wire: inout Wire
    ) async -> [UInt8] {
        let subscription = Subscription(
            id, gateway.allowed(wanted, for: body.principal, at: body.server),
            principal: body.principal, server: body.server,
            caller: caller)
        // What is seen now; a change from here on is told after the acknowledgement.
        let views = gateway.views(of: body.principal, at: body.server, subscription.lists)
        guard gateway.watch.room(for: body.principal) else {
            return refuse(id, .tooManyStreams, caller, &wire)
        }
        subscription.acknowledge()
        guard gateway.watch.add(subscription, views) else {
            return subscription.ended(serverVersion: gateway.settings.version)
        }
        gateway.settle(subscription)
        await subscription.untilOver()
        gateway.watch.remove(subscription)
        return subscription.ended(serverVersion: gateway.settings.version)
    }
}

extension Gateway {
    /// What of a filter can be heard here. Of single resources nobody is told yet.
    func allowed(
        _ wanted: SubscriptionFilter, for principal: Principal, at server: ServerName?
    ) -> SubscriptionFilter {
        let offered = capabilities(of: principal, at: server)
        return SubscriptionFilter(lists: wanted.lists.filter { offered.has($0) })
    }
}

extension JSONRPCError {
    static let tooManyStreams = JSONRPCError(
        code: 4290, message: "too many streams of this run are open; end another one")
}
