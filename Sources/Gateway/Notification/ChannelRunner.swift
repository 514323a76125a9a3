import InterlockAlerts
import InterlockModel
import InterlockPorts

/// Delivers the due notifications of one channel, one after another, until it is stopped. A delivery whose result could
/// not be stored is repeated after a restart, so that none is lost.
actor ChannelRunner {
    private let channel: any NotificationChannel
    private let tools: OutboxTools
    private var queue: ChannelQueue
    private var counts: ChannelStatus
    private var nap: Task<Void, Never>?
    private var isStopped = false

    /// The longest sleep: the clock is read again after it, whatever the queue says.
    private static let longestNap: Duration = .seconds(30)

    init(_ channel: any NotificationChannel, _ tools: OutboxTools, _ waiting: [QueuedNotification])
    {
        self.channel = channel
        self.tools = tools
        queue = ChannelQueue(waiting)
        counts = ChannelStatus(channel: channel.name)
    }

    var status: ChannelStatus {
        var status = counts
        status.waiting = queue.count
        return status
    }

    func hasRoom(for severity: AlertSeverity) -> Bool { queue.hasRoom(for: severity) }

    func add(_ entry: QueuedNotification) {
        queue.add(entry)
        nap?.cancel()
    }

    /// Forgets the waiting notifications that fit. One that is being sent is not tried again.
    func remove(where fits: @Sendable (OutgoingNotification) -> Bool) { queue.remove(where: fits) }

    func stop() {
        isStopped = true
        nap?.cancel()
    }

    func run() async {
        while !isStopped {
            let now = tools.clock.wall
            switch queue.step(now: now) {
            case .send(let entry):
                let result = await channel.send(entry.alert, held: entry.held)
                await settle(entry, result)
            case .wait(let until): await rest(min(until - now, Self.longestNap))
            case .nothing: await rest(Self.longestNap)
            }
        }
    }

    private func rest(_ time: Duration) async {
        let nap = Task { _ = try? await Task.sleep(for: time) }
        self.nap = nap
        await nap.value
        self.nap = nil
    }

    private func settle(_ entry: QueuedNotification, _ result: DeliveryResult) async {
        let now = tools.clock.wall
        let after = queue.settle(entry.alert.id, result, now: now, jitter: tools.jitter())
        note(result, now)
        var again: QueuedNotification?
        switch after {
        case .again(let entry): again = entry
        case .undelivered(let cause, let reason):
            counts.undelivered += 1
            tools.giveUp(on: entry.alert, in: channel.name, cause, reason)
        case .delivered: tools.history.note(.sent(now), of: entry.alert, in: channel.name)
        case nil: break
        }
        do throws(StoreFailure) {
            try await tools.store.settle(entry.alert.id, in: channel.name, as: again)
        } catch {
            tools.log(
                LogLine("the outbox cannot note a try: \(error.reason)", .warning, part: "alerts"))
        }
    }

    private func note(_ result: DeliveryResult, _ now: Timestamp) {
        switch result {
        case .delivered:
            counts.delivered += 1
            counts.problem = nil
            counts.since = nil
        case .failed(let reason), .refused(let reason):
            if counts.problem == nil { counts.since = now }
            counts.problem = reason
        }
    }
}
