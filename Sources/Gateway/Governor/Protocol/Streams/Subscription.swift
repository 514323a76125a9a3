import InterlockJSON
import InterlockMCP
import InterlockModel
import Synchronization

/// A `subscriptions/listen` of the modern era, for as long as its response is open.
final class Subscription: ChangeListener {
    let principal: Principal
    var credential: StreamCredential { caller.credential }
    let server: ServerName?
    let lists: Set<ListKind>
    private enum Phase {
        /// Not acknowledged yet; updates in the meantime are sent after the acknowledgement.
        case deciding(early: Set<ExactText>)
        case acknowledged
    }
    private let phase = Mutex(Phase.deciding(early: []))
    private let messages: SubscriptionMessages
    private let caller: Caller
    private let life: StreamLife

    init(
        _ id: RequestID, lists: Set<ListKind>, principal: Principal, server: ServerName?,
        caller: Caller
    ) {
        self.lists = lists
        self.principal = principal
        self.server = server
        self.caller = caller
        messages = SubscriptionMessages(id: id)
        life = StreamLife(of: caller.exchange)
    }

    /// - Parameter resources: the resources whose updates it will receive, as the client wrote them.
    func acknowledge(resources: [String]) {
        caller.startStream()
        // Sent inside the lock, here and below, so that the order is kept.
        phase.withLock { phase in
            caller.send(.acknowledged(lists, resources, of: messages))
            guard case .deciding(let early) = phase else { return }
            phase = .acknowledged
            let own = early.intersection(Set(texts: resources))
            for uri in own.sorted().texts { caller.send(.updated(uri, of: messages)) }
        }
    }

    /// - Parameter uri: the URI as the client wrote it.
    func updated(_ uri: String) {
        phase.withLock { phase in
            guard case .deciding(var early) = phase else {
                return caller.send(.updated(uri, of: messages))
            }
            early.insert(uri)
            phase = .deciding(early: early)
        }
    }

    func changed(_ kind: ListKind) { caller.send(.changed(kind, of: messages)) }
    func end() { life.end() }
    func untilOver() async { await life.untilOver() }

    func ended(serverVersion: String) -> [UInt8] { messages.ended(serverVersion: serverVersion) }
}

extension CallPipeline {
    /// Holds the subscription open: the allowed part is acknowledged first, and its result is its end.
    func listen(
        _ wanted: SubscriptionFilter, _ id: RequestID, _ body: ParsedBody, _ caller: Caller,
        _ wire: inout Wire
    ) async -> [UInt8] {
        let offered = gateway.capabilities(of: body.principal, at: body.server)
        let subscription = Subscription(
            id, lists: wanted.lists.filter { offered.has($0) }, principal: body.principal,
            server: body.server, caller: caller)
        // The views of now; a later change is sent after the acknowledgement.
        let views = gateway.views(of: body.principal, at: body.server, subscription.lists)
        guard gateway.listChanges.room(for: body.principal) else {
            return refuse(id, .tooManyStreams, caller, &wire)
        }
        defer { gateway.unfollow(.stream(subscription), of: body.principal.agent) }
        subscription.acknowledge(
            resources: await follow(wanted.resources, id, body, subscription, caller))
        guard gateway.listChanges.add(subscription, views) else {
            return subscription.ended(serverVersion: gateway.settings.version)
        }
        gateway.settle(subscription)
        await subscription.untilOver()
        gateway.listChanges.remove(subscription)
        return subscription.ended(serverVersion: gateway.settings.version)
    }
}

extension JSONRPCError {
    static let tooManyStreams = JSONRPCError(
        code: 4290, message: "too many streams of this run are open; end another one")
}
