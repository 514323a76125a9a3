package import InterlockAlerts
package import InterlockApprovals
package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Delivers events to the channels configured for them. The caller never waits: an event is handed over in memory and
/// becomes durable in the outbox moments later. A crash in between may lose it; the next start repeats the
/// notifications of requests that are still open.
package final class NotificationService: Sendable {
    enum Item: Sendable {
        case approval(ApprovalNotification.Kind, ApprovalRequest)
        case alarm(RaisedAlert)
        case undelivered(UndeliveredNotification)
    }

    let ports: NotificationPorts
    package let routes: NotificationRoutes
    package let outbox: Outbox
    private let items: AsyncStream<Item>
    private let feed: AsyncStream<Item>.Continuation
    private let work = Mutex<Task<Void, Never>?>(nil)
    /// The time of the last search for alerts without a disposition.
    let looked = Mutex<BootTime?>(nil)
    /// The last week whose test was handled.
    let tested = Mutex<Int64?>(nil)

    /// The most events that are handed over and not yet in the outbox; further ones are dropped and logged.
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

    /// Must be called after the change of the request is durable in the log and in the store.
    package func tell(_ kind: ApprovalNotification.Kind, _ request: ApprovalRequest) {
        hand(.approval(kind, request))
    }

    /// Must be called after the alert was handed to the log.
    package func tell(_ alarm: RaisedAlert) { hand(.alarm(alarm)) }

    private func hand(_ item: Item) {
        if case .dropped = feed.yield(item) {
            ports.warn("more happens than can be told: an alert was left out; it is in the log")
        }
    }

    /// Starts the delivery of notifications that waited in the outbox, and of open requests that people were not
    /// notified of.
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

    /// Sends held notifications, escalates alerts and tests channels as they are due. Called every second.
    package func sweep() async {
        await outbox.tellHeld()
        await escalate()
        await testWeekly()
    }

    /// Returns the delivery status of each channel, by name.
    package func statuses() async -> [ChannelStatus] { await outbox.statuses() }

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

/// The dependencies that are injected into the service.
package struct NotificationPorts: Sendable {
    package let outbox: any NotificationStore
    package let notices: any NoticeStore
    /// Is nil if alerts are delivered but not stored.
    package let alarms: (any AlertStore)?
    /// Returns an agent's owner.
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

    func warn(_ message: String) { log(LogLine(message, .warning, part: "alerts")) }

    func newID() -> AlertID {
        AlertID(milliseconds: clock.wall.milliseconds, random: entropy.bytes(10))
    }

    /// Records that a channel will not receive a notification. The reason may contain text of the channel's server, so
    /// it is written only to the operators' log.
    func record(_ found: UndeliveredNotification) {
        var fields: JSONObject = [
            "alert": .string(found.alert.id.text), "channel": .string(found.channel.text),
            "kind": .string(found.alert.kind), "code": .string(found.cause.rawValue),
        ]
        fields["appr"] = found.alert.request.map { .string($0.text) }
        ledger.note(records.record(.alertUndelivered, run: nil, fields: fields, sealing: []))
        warn("alert \(found.alert.kind) not delivered by \(found.channel): \(found.reason)")
    }
}
