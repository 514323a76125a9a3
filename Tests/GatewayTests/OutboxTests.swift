import InterlockAlerts
import InterlockModel
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockGateway

/// Alerts on their way to people (specs of limits and monitoring, section 11).
@Suite struct OutboxTests {
    private let store = FakeAlertStore()
    private let clock = FakeClock()
    private let lost = Heard()

    private func outbox(_ channels: FakeChannel...) -> Outbox {
        Outbox(
            channels,
            OutboxTools(
                store: store, clock: clock, entropy: SeededEntropy(seed: 1),
                undelivered: { [lost] in lost.add("\($0.kind) \($1) \($2)") }, log: { _ in }))
    }

    private func alert(_ number: UInt8, _ severity: AlertSeverity = .high) throws -> Alert {
        try #require(
            Alert(
                id: AlertID(milliseconds: 1, random: Array(repeating: number, count: 10)),
                dedupe: "key-\(number)", severity: severity, kind: "kind-\(number)",
                at: clock.now.wall, summary: "said"))
    }

    private func name(_ text: String) throws -> ChannelName { try #require(ChannelName(text)) }

    @Test func `an alert is durable before it is sent, and gone when it was delivered`()
        async throws
    {
        let ops = FakeChannel("ops", store) { _ in .delivered }
        let outbox = outbox(ops)
        try await outbox.start()
        try await outbox.tell(alert(1), to: [name("ops")])
        try await ops.heard.count(1)
        try await store.settled.count(1)
        #expect(ops.heard.all == ["kind-1 held 0, kept true"])
        #expect(try await store.waiting().isEmpty)
        await outbox.stop()
    }

    @Test func `what could not be kept is not sent`() async throws {
        let ops = FakeChannel("ops", store) { _ in .delivered }
        let outbox = outbox(ops)
        try await outbox.start()
        store.isFailing.store(true, ordering: .releasing)
        let (alert, ops_) = (try alert(1), try name("ops"))
        await #expect(throws: StoreFailure.self) { try await outbox.tell(alert, to: [ops_]) }
        #expect(ops.heard.all.isEmpty)
        store.isFailing.store(false, ordering: .releasing)
        try await outbox.tell(alert, to: [ops_])
        try await ops.heard.count(1)
        await outbox.stop()
    }

    @Test func `a storm in one channel silences no other`() async throws {
        let ops = FakeChannel("ops", store) { _ in .delivered }
        let security = FakeChannel("security", store) { _ in .delivered }
        let outbox = outbox(ops, security)
        try await outbox.start()
        for number in 0..<40 { try await outbox.tell(alert(UInt8(number)), to: [name("ops")]) }
        try await outbox.tell(alert(99), to: [name("security")])
        try await security.heard.count(1)
        try await ops.heard.count(31)
        #expect(ops.heard.all.last?.hasPrefix("alerts.storm") == true)
        await outbox.stop()
    }

    @Test func `a channel that fails is tried again, and holds up no other`() async throws {
        let slow = FakeChannel("slow", store) { $0 == 1 ? .failed("nobody") : .delivered }
        let fast = FakeChannel("fast", store) { _ in .delivered }
        let outbox = outbox(slow, fast)
        try await outbox.start()
        clock.step(by: .seconds(1))
        try await outbox.tell(alert(1), to: [name("slow"), name("fast")])
        try await fast.heard.count(1)
        try await slow.heard.count(2)
        try await store.settled.count(3)
        #expect(lost.all.isEmpty)
        await outbox.stop()
    }

    @Test func `what is refused is said to be undelivered`() async throws {
        let ops = FakeChannel("ops", store) { _ in .refused("HTTP 410") }
        let outbox = outbox(ops)
        try await outbox.start()
        try await outbox.tell(alert(1), to: [name("ops"), name("gone")])
        try await store.settled.count(1)
        #expect(
            lost.all == [
                "kind-1 gone no such channel is configured", "kind-1 ops HTTP 410",
            ])
        await outbox.stop()
    }

    @Test func `a restart takes up what waited, and gives up what has no channel`() async throws {
        let now = clock.now.wall
        let (ops, gone) = (try name("ops"), try name("gone"))
        for channel in [gone, ops] {
            try await store.keep(
                WaitingAlert(alert(1), held: 3, tries: 2, since: now, next: now), for: channel)
        }
        let channel = FakeChannel("ops", store) { _ in .delivered }
        let outbox = outbox(channel)
        try await outbox.start()
        try await channel.heard.count(1)
        try await store.settled.count(2)
        #expect(channel.heard.all == ["kind-1 held 3, kept true"])
        #expect(lost.all == ["kind-1 gone the channel is no longer configured"])
        await outbox.stop()
    }

    @Test func `stopping ends a try that is under way`() async throws {
        let hanging = FakeChannel("ops", store) { _ in nil }
        let outbox = outbox(hanging)
        try await outbox.start()
        try await outbox.tell(alert(1), to: [name("ops")])
        try await hanging.heard.count(1)
        await outbox.stop()
        #expect(try await store.waiting().count == 1)
    }
}

/// Lines that others wait for.
private final class Heard: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }

    /// - Throws: when there are not so many within five seconds.
    func count(_ wanted: Int) async throws {
        for _ in 0..<5000 {
            if all.count >= wanted { return }
            try await Task.sleep(for: .milliseconds(1))
        }
        throw StoreFailure(reason: "heard \(all), not \(wanted)")
    }
}

private final class FakeChannel: AlertChannel {
    let name: ChannelName
    let heard = Heard()
    private let store: FakeAlertStore
    private let answer: @Sendable (Int) -> DeliveryResult?

    /// - Parameter answer: by the number of the try; nil never comes.
    init(
        _ name: String, _ store: FakeAlertStore,
        _ answer: @escaping @Sendable (Int) -> DeliveryResult?
    ) {
        guard let name = ChannelName(name) else { preconditionFailure("no name") }
        self.name = name
        self.store = store
        self.answer = answer
    }

    func send(_ alert: Alert, held: Int) async -> DeliveryResult {
        heard.add("\(alert.kind) held \(held), kept \(store.has(alert.id, name))")
        if let answer = answer(heard.all.count) { return answer }
        try? await Task.sleep(for: .seconds(600))
        return .failed("cancelled")
    }
}

private final class FakeAlertStore: AlertStore {
    let isFailing = Atomic(false)
    let settled = Heard()
    private let rows = Mutex<[(channel: ChannelName, entry: WaitingAlert)]>([])

    func has(_ id: AlertID, _ channel: ChannelName) -> Bool {
        rows.withLock { $0.contains { $0.entry.alert.id == id && $0.channel == channel } }
    }

    func keep(_ entry: WaitingAlert, for channel: ChannelName) async throws(StoreFailure) {
        if isFailing.load(ordering: .acquiring) { throw StoreFailure(reason: "full") }
        rows.withLock { $0.append((channel, entry)) }
    }

    func waiting() async throws(StoreFailure) -> [(channel: ChannelName, entry: WaitingAlert)] {
        rows.withLock { $0 }
    }

    func settle(
        _ id: AlertID, in channel: ChannelName, as entry: WaitingAlert?
    ) async throws(StoreFailure) {
        rows.withLock { rows in
            let place = rows.firstIndex { $0.entry.alert.id == id && $0.channel == channel }
            guard let place else { return }
            if let entry { rows[place].entry = entry } else { rows.remove(at: place) }
        }
        settled.add("\(id) \(channel)")
    }
}
