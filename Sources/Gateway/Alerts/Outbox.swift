package import InterlockAlerts
package import InterlockModel
import Synchronization

/// What an outbox works with.
package struct OutboxTools: Sendable {
    package let store: any AlertStore
    package let clock: any Clock
    package let entropy: any Entropy
    /// Hears of what a channel was not told and will not be: for the record, and the other channels.
    package let undelivered: @Sendable (Alert, ChannelName, String) -> Void
    package let log: @Sendable (String) -> Void

    package init(
        store: any AlertStore, clock: any Clock, entropy: any Entropy,
        undelivered: @escaping @Sendable (Alert, ChannelName, String) -> Void,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.clock = clock
        self.entropy = entropy
        self.undelivered = undelivered
        self.log = log
    }

    func jitter() -> UInt64 { entropy.bytes(8).reduce(0) { $0 << 8 | UInt64($1) } }
}

/// Tells people (specs of limits and monitoring, section 11): an alert is durable before its first try, is tried
/// for a day, and never holds up whoever raised it beyond that one write.
package final class Outbox: Sendable {
    private let tools: OutboxTools
    private let channels: [ChannelName: any AlertChannel]
    private let runners = Mutex<[ChannelName: ChannelRunner]>([:])
    private let tasks = Mutex<[Task<Void, Never>]>([])
    private let groupings = Mutex<[ChannelName: AlertGrouping]>([:])

    package init(_ channels: [any AlertChannel], _ tools: OutboxTools) {
        self.tools = tools
        self.channels = Dictionary(channels.map { ($0.name, $0) }) { first, _ in first }
    }

    /// Takes up what waited when the process ended. What waits for a channel that is no longer there is
    /// undelivered.
    package func start() async throws(StoreFailure) {
        var waiting: [ChannelName: [WaitingAlert]] = [:]
        for (channel, entry) in try await tools.store.waiting() {
            guard channels[channel] != nil else {
                tools.undelivered(entry.alert, channel, "the channel is no longer configured")
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

    /// Returns when the alert is durable, or counted with others of its key.
    ///
    /// - Parameter names: of channels; one that is not configured is undelivered at once.
    /// - Throws: when it could not be kept for a channel: the channels behind it by name are not told.
    package func tell(_ alert: Alert, to names: Set<ChannelName>) async throws(StoreFailure) {
        let now = tools.clock.now.wall
        for name in names.sorted() {
            guard channels[name] != nil else {
                tools.undelivered(alert, name, "no such channel is configured")
                continue
            }
            let (told, held) = groupings.withLock {
                $0[name, default: AlertGrouping()].alert(insteadOf: alert, now: now)
            }
            guard let told else { continue }
            let entry = WaitingAlert(told, held: held, since: now, next: now)
            do throws(StoreFailure) { try await tools.store.keep(entry, for: name) } catch {
                groupings.withLock { $0[name]?.forget(told) }
                throw error
            }
            await runners.withLock { $0[name] }?.add(entry)
        }
    }

    /// Alerts that some channel has not had yet.
    package func waiting() async -> [ChannelName: Int] {
        var counts: [ChannelName: Int] = [:]
        for (name, runner) in runners.withLock({ $0 }) { counts[name] = await runner.count }
        return counts
    }

    /// Ends the tries that are under way; what waits is taken up by the next start.
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

extension AlertGrouping {
    /// What is told in place of an alert, and how many of its key were held back before it; nil for nothing.
    fileprivate mutating func alert(insteadOf alert: Alert, now: Timestamp) -> (Alert?, Int) {
        switch take(alert, now: now) {
        case .tell(let held): return (alert, held)
        case .hold: return (nil, 0)
        case .summarize(let count):
            let storm = Alert(
                id: alert.id, dedupe: "alerts.storm", severity: .high, kind: "alerts.storm",
                at: now,
                summary: "\(count) alerts within five minutes; each is in the log")
            return (storm, 0)
        }
    }
}
