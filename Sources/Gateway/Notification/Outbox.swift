package import InterlockAlerts
import InterlockJSON
package import InterlockModel
package import InterlockPorts
import Synchronization

/// The dependencies that are injected into an outbox.
package struct OutboxTools: Sendable {
    package let store: any NotificationStore
    package let clock: any Clock
    package let entropy: any Entropy
    /// Receives each notification that a channel will never receive, to record it and notify the other channels.
    package let undelivered: @Sendable (UndeliveredNotification) -> Void
    package let log: @Sendable (LogLine) -> Void
    /// The ends of deliveries, for pages.
    let history = DeliveryHistory()

    /// Notes that a channel will not receive a notification, and passes it on.
    func giveUp(
        on alert: OutgoingNotification, in channel: ChannelName, _ cause: UndeliveredCause,
        _ reason: String
    ) {
        history.note(.givenUp(cause, clock.wall), of: alert, in: channel)
        undelivered(
            UndeliveredNotification(alert: alert, channel: channel, cause: cause, reason: reason))
    }

    func jitter() -> UInt64 { entropy.bytes(8).reduce(0) { $0 << 8 | UInt64($1) } }
}

/// A notification that a channel will not receive.
package struct UndeliveredNotification: Sendable {
    package let alert: OutgoingNotification
    package let channel: ChannelName
    package let cause: UndeliveredCause
    /// One line for operators; never part of a log record.
    package let reason: String
}

/// Delivers notifications (docs/specs/limits-and-monitoring.md, section 11). Each is durable before its first delivery,
/// is tried for a day, and delays its sender by no more than that one write.
///
/// INVARIANT: a request is in log and store before people are notified of it, whatever is killed when; a receiver
/// that fails changes no request. Kept by `NotificationServiceTests`, `OutboxTests`, `test_channels.py`.
package final class Outbox: Sendable {
    /// The scope of grouping: one person, or a channel as a whole.
    struct Address: Hashable, Sendable {
        let channel: ChannelName
        let recipient: MailAddress?
    }

    let tools: OutboxTools
    private let channels: [ChannelName: any NotificationChannel]
    private let runners = Mutex<[ChannelName: ChannelRunner]>([:])
    private let tasks = Mutex<[Task<Void, Never>]>([])
    let groupings = Mutex<[Address: NotificationGrouping]>([:])

    package init(_ channels: [any NotificationChannel], _ tools: OutboxTools) {
        self.tools = tools
        self.channels = Dictionary(channels.map { ($0.name, $0) }) { first, _ in first }
    }

    var names: Set<ChannelName> { Set(channels.keys) }

    /// Resumes the notifications that waited when the process ended. Those of a channel that is no longer configured
    /// are undelivered.
    package func start() async throws(StoreFailure) {
        var waiting: [ChannelName: [QueuedNotification]] = [:]
        for (channel, entry) in try await tools.store.waiting() {
            guard channels[channel] != nil else {
                tools.giveUp(
                    on: entry.alert, in: channel, .noChannel, "the channel is no longer configured")
                try await tools.store.settle(entry.alert.id, in: channel, as: nil)
                continue
            }
            waiting[channel, default: []].append(entry)
        }
        for (name, channel) in channels {
            let runner = ChannelRunner(channel, tools, waiting[name] ?? [])
            runners.withLock { $0[name] = runner }
            tasks.withLock { $0.append(Task { await runner.run() }) }
        }
    }

    /// Returns when the notification is durable, or counted with others of its key.
    ///
    /// - Parameter names: the channels; for one that is not configured, the notification is undelivered at once.
    /// - Throws: if the notification could not be stored for a channel. The channels after it in the order of names do
    ///   not receive it.
    package func tell(_ alert: OutgoingNotification, to names: Set<ChannelName>)
        async throws(StoreFailure)
    {
        let now = tools.clock.wall
        for name in names.sorted() {
            guard channels[name] != nil else {
                tools.giveUp(on: alert, in: name, .noChannel, "no such channel is configured")
                continue
            }
            let address = Address(channel: name, recipient: alert.recipient)
            let verdict = groupings.withLock {
                $0[address, default: NotificationGrouping()].take(alert, now: now)
            }
            switch verdict {
            case .hold: tools.history.note(.grouped, of: alert, in: name)
            case .summarize(let storm): await tell(storm, alert.id, address, now)
            case .tell(let held):
                do throws(StoreFailure) { try await keep(alert, held, for: name, now) } catch {
                    groupings.withLock { $0[address]?.forget(alert) }
                    throw error
                }
            }
        }
    }

    /// Stores a summary. If the store fails, the summary is due again a second later.
    func tell(_ storm: NotificationStorm, _ id: AlertID, _ address: Address, _ now: Timestamp) async
    {
        guard let alert = OutgoingNotification.storm(id, storm, at: now, to: address.recipient)
        else { return }
        do throws(StoreFailure) { try await keep(alert, 0, for: address.channel, now) } catch {
            groupings.withLock { $0[address, default: NotificationGrouping()].giveBack(storm) }
            tools.log(
                LogLine(
                    "the outbox cannot keep an alert: \(error.reason)", .warning, part: "alerts"))
        }
    }

    /// Stores a notification and appends it to the channel's queue. Durable on return, unless the queue is full: then
    /// it is undelivered.
    func keep(
        _ alert: OutgoingNotification, _ held: Int, for name: ChannelName, _ now: Timestamp
    ) async throws(StoreFailure) {
        guard let runner = runners.withLock({ $0[name] }),
            await runner.hasRoom(for: alert.severity)
        else {
            return tools.giveUp(on: alert, in: name, .full, "too many alerts wait for it")
        }
        let entry = QueuedNotification(alert, held: held, since: now, next: now)
        try await tools.store.keep(entry, for: name)
        await runner.add(entry)
    }

    /// Removes the waiting and the held notifications that fit, also before `start`. Durable on return.
    func remove(
        where fits: @escaping @Sendable (OutgoingNotification) -> Bool
    ) async throws(StoreFailure) {
        groupings.withLock { groupings in
            for address in groupings.keys { groupings[address]?.forget(where: fits) }
        }
        for runner in runners.withLock({ Array($0.values) }) { await runner.remove(where: fits) }
        for (channel, entry) in try await tools.store.waiting() where fits(entry.alert) {
            try await tools.store.settle(entry.alert.id, in: channel, as: nil)
        }
    }

    /// Returns the status of each channel, by name.
    package func statuses() async -> [ChannelStatus] {
        var statuses: [ChannelStatus] = []
        for (_, runner) in runners.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            statuses.append(await runner.status)
        }
        return statuses
    }

    /// Cancels the deliveries in progress; the next start resumes what waits.
    package func stop() async {
        for runner in runners.withLock({ Array($0.values) }) { await runner.stop() }
        let running = tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in running {
            task.cancel()
            await task.value
        }
    }
}

extension OutgoingNotification {
    /// Creates the summary that replaces many notifications.
    fileprivate static func storm(
        _ id: AlertID, _ storm: NotificationStorm, at now: Timestamp, to recipient: MailAddress?
    ) -> OutgoingNotification? {
        var facts: JSONObject = [:]
        facts["agent"] = storm.source.agent.map { .string($0) }
        if !storm.requests.isEmpty {
            facts[requestsFact] = .string(storm.requests.joined(separator: " "))
        }
        facts[recipientFact] = recipient.map { .string($0.text) }
        let summary: NotificationText =
            if let agent = storm.source.agent {
                "\(storm.count) times within five minutes something about requests of \(agent); each is in the log"
            } else {
                "\(storm.count) alerts within five minutes: \(storm.kindsText); each is in the log"
            }
        return OutgoingNotification(
            id: id, dedupe: "alerts.storm", severity: storm.source.severity, kind: "alerts.storm",
            at: now, summary: summary, facts: facts)
    }
}

extension Outbox {
    /// Sends what was held back long enough, even if no other notification of its key follows. Called every second.
    package func tellHeld() async {
        let now = tools.clock.wall
        let found = groupings.withLock { groupings in
            groupings.keys.compactMap { address in
                let due = groupings[address]?.due(now: now)
                // Otherwise one grouping of each channel and person would stay forever.
                if groupings[address]?.isIdle == true { groupings[address] = nil }
                return due.map { (address, $0) }
            }
        }
        for (address, due) in found {
            for (alert, held) in due.alerts { await tellLate(alert, held, address, now) }
            for storm in due.storms {
                let id = AlertID(milliseconds: now.milliseconds, random: tools.entropy.bytes(10))
                await tell(storm, id, address, now)
            }
        }
    }

    private func tellLate(
        _ alert: OutgoingNotification, _ held: Int, _ address: Address, _ now: Timestamp
    ) async {
        do throws(StoreFailure) {
            try await keep(alert, held, for: address.channel, now)
        } catch {
            tools.giveUp(on: alert, in: address.channel, .unkept, error.reason)
        }
    }
}
