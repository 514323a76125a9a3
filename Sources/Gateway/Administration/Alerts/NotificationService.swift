package import InterlockAlerts
package import InterlockApprovals
package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Brings what happens to the channels that hear of it. Whoever raises something never waits: it is handed
/// over in memory, and durable in the outbox moments later. What a crash takes in between about requests that
/// still wait for people is told by the next start.
package final class NotificationService: Sendable {
    enum Item: Sendable {
        case approval(ApprovalNotification.Kind, ApprovalRequest)
        case alarm(RaisedAlert)
        case undelivered(UndeliveredNotification)
    }

    let ports: NotificationPorts
    let routes: NotificationRoutes
    let outbox: Outbox
    private let items: AsyncStream<Item>
    private let feed: AsyncStream<Item>.Continuation
    private let work = Mutex<Task<Void, Never>?>(nil)
    /// When it was last looked for what nobody has looked at.
    let looked = Mutex<BootTime?>(nil)
    /// The week whose test is done.
    let tested = Mutex<Int64?>(nil)

    /// Handed over and not yet in the outbox.
    static let mostHanded = 10_000

    package init(
        _ channels: [any NotificationChannel], _ routes: NotificationRoutes,
        _ ports: NotificationPorts
    ) {
        self.ports = ports
        self.routes = routes
        let (items, feed) = AsyncStream.makeStream(
            of: Item.self, bufferingPolicy: .bufferingOldest(Self.mostHanded))
        self.items = items
        self.feed = feed
        outbox = Outbox(
            channels,
            OutboxTools(
                store: ports.outbox, clock: ports.clock, entropy: ports.entropy,
                undelivered: { found in
                    ports.record(found)
                    feed.yield(.undelivered(found))
                }, log: ports.log))
    }

    /// After a change of a request is in the log and in the store.
    package func tell(_ kind: ApprovalNotification.Kind, _ request: ApprovalRequest) {
        hand(.approval(kind, request))
    }

    /// After the alarm is noted for the log.
    package func tell(_ alarm: RaisedAlert) { hand(.alarm(alarm)) }

    private func hand(_ item: Item) {
        if case .dropped = feed.yield(item) {
            ports.log(
                LogLine(
                    "more happens than can be told: an alert was left out; it is in the log",
                    .warning, part: "alerts"))
        }
    }

    /// Takes up what waited, and tells of open requests that nobody was told of.
    ///
    /// - Parameter open: the requests that wait for people now.
    package func start(open: [ApprovalRequest]) async throws(StoreFailure) {
        try await outbox.start()
        for request in open where request.state == .pending {
            hand(.approval(.requested, request))
            let isEscalated = request.voters.contains { $0.seat == .escalated }
            if isEscalated { hand(.approval(.escalated, request)) }
        }
        let items = items
        let task = Task { for await item in items { await self.take(item) } }
        work.withLock { $0 = task }
    }

    /// Called every second.
    package func sweep() async {
        await outbox.tellHeld()
        await escalate()
        await testWeekly()
    }

    /// How each channel does.
    package func standings() async -> [ChannelStatus] { await outbox.standings() }

    package func stop() async {
        feed.finish()
        let task = work.withLock { work in
            defer { work = nil }
            return work
        }
        await task?.value
        await outbox.stop()
    }
}

/// What the desk needs from outside.
package struct NotificationPorts: Sendable {
    package let outbox: any NotificationStore
    package let notices: any NoticeStore
    /// nil where alarms are told and not kept.
    package let alarms: (any AlertStore)?
    /// Who answers for an agent.
    package let owner: @Sendable (AgentName) -> Person?
    package let ledger: any Ledger
    package let records: RecordWriter
    package let clock: any Clock
    package let entropy: any Entropy
    package let log: @Sendable (LogLine) -> Void

    package init(
        outbox: any NotificationStore, notices: any NoticeStore, alarms: (any AlertStore)? = nil,
        owner: @escaping @Sendable (AgentName) -> Person? = { _ in nil }, ledger: any Ledger,
        records: RecordWriter, clock: any Clock, entropy: any Entropy,
        log: @escaping @Sendable (LogLine) -> Void
    ) {
        self.outbox = outbox
        self.notices = notices
        self.alarms = alarms
        self.owner = owner
        self.ledger = ledger
        self.records = records
        self.clock = clock
        self.entropy = entropy
        self.log = log
    }

    func newID() -> AlertID {
        AlertID(milliseconds: clock.wall.milliseconds, random: entropy.bytes(10))
    }

    /// The record of what a channel will not have. The reason may be the other side's words: it is for
    /// operators alone.
    func record(_ found: UndeliveredNotification) {
        var fields: JSONObject = [
            "alert": .string(found.alert.id.text), "channel": .string(found.channel.text),
            "kind": .string(found.alert.kind), "code": .string(found.cause.rawValue),
        ]
        fields["appr"] = found.alert.request.map { .string($0.text) }
        ledger.note(records.record(.alertUndelivered, run: nil, fields: fields, sealing: []))
        log(
            LogLine(
                "alert \(found.alert.kind) not delivered by \(found.channel): \(found.reason)",
                .warning, part: "alerts"))
    }
}
