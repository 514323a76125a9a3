import InterlockAlerts
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization

@testable import InterlockAdministration
@testable import InterlockGovernor

/// Collected lines for which a test can wait.
final class Heard: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }

    /// - Throws: if there are not `wanted` lines in time.
    func count(_ wanted: Int) async throws {
        guard await eventually({ all.count >= wanted }) else {
            throw StoreFailure(reason: "heard \(all), not \(wanted)")
        }
    }
}

final class FakeChannel: NotificationChannel {
    let name: ChannelName
    let heard = Heard()
    /// The recipients' addresses, in order; an empty text for a notification without a recipient.
    let people = Heard()
    private let store: FakeNotificationStore
    private let answer: @Sendable (Int) -> DeliveryResult?

    /// - Parameter answer: the result of the n-th attempt, counted from 1; nil lets it hang until it is cancelled.
    init(
        _ name: String, _ store: FakeNotificationStore,
        _ answer: @escaping @Sendable (Int) -> DeliveryResult?
    ) {
        guard let name = ChannelName(name) else { preconditionFailure("no name") }
        self.name = name
        self.store = store
        self.answer = answer
    }

    func send(_ alert: OutgoingNotification, held: Int) async -> DeliveryResult {
        people.add(alert.recipient?.text ?? "")
        heard.add("\(alert.kind) held \(held), kept \(store.has(alert.id, name))")
        if let answer = answer(heard.all.count) { return answer }
        try? await Task.sleep(for: .seconds(600))
        return .failed("cancelled")
    }
}

final class FakeNotificationStore: NotificationStore {
    let isFailing = Atomic(false)
    let settled = Heard()
    private let rows = Mutex<[(channel: ChannelName, entry: QueuedNotification)]>([])

    func has(_ id: AlertID, _ channel: ChannelName) -> Bool {
        rows.withLock { $0.contains { $0.entry.alert.id == id && $0.channel == channel } }
    }

    func keep(_ entry: QueuedNotification, for channel: ChannelName) async throws(StoreFailure) {
        if isFailing.load(ordering: .acquiring) { throw StoreFailure(reason: "full") }
        rows.withLock { $0.append((channel, entry)) }
    }

    func waiting() async throws(StoreFailure) -> [(channel: ChannelName, entry: QueuedNotification)]
    {
        rows.withLock { $0 }
    }

    func settle(
        _ id: AlertID, in channel: ChannelName, as entry: QueuedNotification?
    ) async throws(StoreFailure) {
        rows.withLock { rows in
            let place = rows.firstIndex { $0.entry.alert.id == id && $0.channel == channel }
            guard let place else { return }
            if let entry { rows[place].entry = entry } else { rows.remove(at: place) }
        }
        settled.add("\(id) \(channel)")
    }
}
