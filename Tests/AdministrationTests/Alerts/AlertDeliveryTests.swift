import InterlockAlerts
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockNotification

/// The states of deliveries, which pages of alerts show.
@Suite struct AlertDeliveryTests {
    private let store = FakeNotificationStore()

    private func service(_ bench: Bench, _ channels: FakeChannel...) -> NotificationService {
        var routes = NotificationRoutes()
        routes.ops = Set(channels.map(\.name))
        return NotificationService(
            channels, routes,
            NotificationPorts(
                outbox: store, notices: MemoryNotices(), ledger: bench.ledger,
                records: bench.gateway.records, clock: bench.clock,
                entropy: bench.gateway.ports.entropy, log: { _ in }))
    }

    private func channel(_ name: String, _ result: DeliveryResult) -> FakeChannel {
        FakeChannel(name, store) { _ in result }
    }

    private func alarm(_ bench: Bench, _ subject: String = "desk") -> RaisedAlert {
        var alarm = bench.gateway.records.alarm("pin.drift", subject: subject)
        alarm.severity = .high
        return alarm
    }

    /// The states by channel, such as `bad: given up`.
    private func states(
        _ service: NotificationService, _ alarm: RaisedAlert
    ) async throws -> [String] {
        try await service.deliveries(of: [alarm])[alarm.id, default: []].map { delivery in
            let state =
                switch delivery.state {
                case .sent: "sent"
                case .waiting(let waiting): "waiting after \(waiting.tries)"
                case .grouped: "grouped"
                case .givenUp(let cause, _): cause.rawValue
                case .unknown: "unknown"
                }
            return "\(delivery.channel): \(state)"
        }
    }

    @Test func `each channel has its own state, and after a restart only what waits is known`()
        async throws
    {
        let bench = try Bench()
        let channels = [
            channel("bad", .refused("HTTP 410")), channel("good", .delivered),
            channel("slow", .failed("no answer")),
        ]
        let service = service(bench, channels[0], channels[1], channels[2])
        let alarm = alarm(bench)
        #expect(
            try await states(service, alarm) == ["bad: unknown", "good: unknown", "slow: unknown"])
        try await service.start(open: [])
        service.tell(alarm)
        // Three deliveries of the alert, and two of the notice that one of them was given up.
        try await store.settled.count(5)
        #expect(
            try await states(service, alarm) == [
                "bad: alert.refused", "good: sent", "slow: waiting after 1",
            ])
        await service.stop()

        let next = self.service(bench, channels[0], channels[1], channels[2])
        #expect(
            try await states(next, alarm) == [
                "bad: unknown", "good: unknown", "slow: waiting after 1",
            ])
    }

    @Test func `an alert that is counted with others of its key is grouped`() async throws {
        let bench = try Bench()
        let ops = channel("ops", .delivered)
        let service = service(bench, ops)
        try await service.start(open: [])
        let (first, second) = (alarm(bench), alarm(bench))
        for alarm in [first, second, alarm(bench, "other")] { service.tell(alarm) }
        // Alerts are handled in order, so the second was handled before the third was sent.
        try await ops.heard.count(2)
        try await store.settled.count(2)
        #expect(try await states(service, first) == ["ops: sent"])
        #expect(try await states(service, second) == ["ops: grouped"])
        await service.stop()
    }

    @Test func `an alert of a kind that is not sent has no delivery`() async throws {
        let bench = try Bench()
        var alarm = alarm(bench)
        alarm.isTold = false
        #expect(try await service(bench, channel("ops", .delivered)).deliveries(of: [alarm]) == [:])
    }

    @Test func `the oldest result is forgotten, and what was given up is hidden by no other`()
        throws
    {
        let history = DeliveryHistory()
        let ops = try #require(ChannelName("ops"))
        let ids = (0...DeliveryHistory.most).map {
            AlertID(milliseconds: Int64($0), random: Array(repeating: 1, count: 10))
        }
        let time = Timestamp(microseconds: 0)
        for id in ids {
            let notification = try #require(
                OutgoingNotification(
                    id: id, dedupe: "key", severity: .high, kind: "k", at: time, summary: "said"))
            history.note(.givenUp(.full, time), of: notification, in: ops)
            history.note(.sent(time), of: notification, in: ops)
        }
        #expect(history.states(of: ids[0]).isEmpty)
        #expect(history.states(of: ids[1]) == [ops: .givenUp(.full, time)])
        #expect(history.states(of: ids[DeliveryHistory.most]) == [ops: .givenUp(.full, time)])
    }
}
