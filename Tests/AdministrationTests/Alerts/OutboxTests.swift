import InterlockAlerts
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockNotification

/// The delivery of notifications to people (docs/specs/limits-and-monitoring.md, section 11).
@Suite struct OutboxTests {
    private let store = FakeNotificationStore()
    private let clock = FakeClock()
    private let lost = Heard()

    private func outbox(_ channels: FakeChannel...) -> Outbox {
        Outbox(
            channels,
            OutboxTools(
                store: store, clock: clock, entropy: SeededEntropy(seed: 1),
                undelivered: { [lost] in lost.add("\($0.alert.kind) \($0.channel) \($0.reason)") },
                log: { _ in }))
    }

    private func alert(_ number: UInt8, _ severity: AlertSeverity = .high) throws
        -> OutgoingNotification
    {
        try #require(
            OutgoingNotification(
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

    @Test func `a summary that could not be kept comes with the next look`() async throws {
        let ops = FakeChannel("ops", store) { _ in .delivered }
        let outbox = outbox(ops)
        try await outbox.start()
        for number in 0..<30 { try await outbox.tell(alert(UInt8(number)), to: [name("ops")]) }
        try await ops.heard.count(30)
        store.isFailing.store(true, ordering: .releasing)
        try await outbox.tell(alert(30), to: [name("ops")])
        await outbox.tellHeld()
        store.isFailing.store(false, ordering: .releasing)
        await outbox.tellHeld()
        try await ops.heard.count(31)
        #expect(ops.heard.all.last == "alerts.storm held 0, kept true")
        #expect(lost.all.isEmpty)
        await outbox.stop()
    }

    @Test func `of what is told and over nothing is remembered`() async throws {
        let ops = FakeChannel("ops", store) { _ in .delivered }
        let outbox = outbox(ops)
        try await outbox.start()
        for number in 0..<20 {
            let to: JSONValue = .string("p\(number)@acme.example")
            try await outbox.tell(
                alert(UInt8(number)).with(OutgoingNotification.recipientFact, to), to: [name("ops")]
            )
        }
        #expect(outbox.groupings.withLock { $0.count } == 20)
        clock.advance(NotificationGrouping.window)
        await outbox.tellHeld()
        #expect(outbox.groupings.withLock { $0.isEmpty })
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

    @Test func `what is removed is sent no more, held or waiting, also before the start`()
        async throws
    {
        let down = FakeChannel("ops", store) { _ in .failed("nobody") }
        let before = outbox(down)
        try await before.start()
        for number in UInt8(1)...3 { try await before.tell(alert(number), to: [name("ops")]) }
        try await before.tell(alert(1), to: [name("ops")])
        try await down.heard.count(3)
        try await before.remove { $0.kind == "kind-1" }
        clock.advance(NotificationGrouping.window)
        await before.tellHeld()
        #expect(try await store.waiting().map(\.entry.alert.kind) == ["kind-2", "kind-3"])
        await before.stop()

        let after = outbox(FakeChannel("ops", store) { _ in .delivered })
        try await after.remove { $0.kind == "kind-2" }
        #expect(try await store.waiting().map(\.entry.alert.kind) == ["kind-3"])
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
                QueuedNotification(alert(1), held: 3, tries: 2, since: now, next: now), for: channel
            )
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

    @Test func `what is held back is told after its ten minutes, also when nothing follows`()
        async throws
    {
        let ops = FakeChannel("ops", store) { _ in .delivered }
        let outbox = outbox(ops)
        try await outbox.start()
        for id in [1, 2, 3] as [UInt8] {
            let said = try #require(
                OutgoingNotification(
                    id: AlertID(milliseconds: 1, random: Array(repeating: id, count: 10)),
                    dedupe: "one", severity: .high, kind: "kind-\(id)", at: clock.now.wall,
                    summary: "said"))
            try await outbox.tell(said, to: [name("ops")])
        }
        try await ops.heard.count(1)
        await outbox.tellHeld()
        clock.advance(NotificationGrouping.window)
        await outbox.tellHeld()
        try await ops.heard.count(2)
        #expect(ops.heard.all == ["kind-1 held 0, kept true", "kind-3 held 1, kept true"])
        clock.advance(NotificationGrouping.window)
        await outbox.tellHeld()
        #expect(ops.heard.all.count == 2)
        await outbox.stop()
    }

    @Test func `a channel that nobody empties takes no more than its bound`() async throws {
        let hanging = FakeChannel("ops", store) { _ in nil }
        let outbox = outbox(hanging)
        try await outbox.start()
        var told = 0
        while lost.all.isEmpty, told < 2 * ChannelQueue.most {
            clock.advance(NotificationGrouping.stormWindow)
            let id = AlertID(
                milliseconds: Int64(told), random: Array(repeating: 1, count: 10))
            let said = try #require(
                OutgoingNotification(
                    id: id, dedupe: "key-\(told)", severity: .high, kind: "k",
                    at: clock.now.wall, summary: "said"))
            try await outbox.tell(said, to: [name("ops")])
            told += 1
        }
        #expect(told == ChannelQueue.most + 1)
        #expect(lost.all == ["k ops too many alerts wait for it"])
        try await outbox.tell(alert(9, .page), to: [name("ops")])
        #expect(lost.all.count == 1, "what is to wake somebody has room")
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
