import InterlockAlerts
import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockNotification

/// Notifications on their way to the channels that receive them.
@Suite struct NotificationServiceTests {
    private let store = FakeNotificationStore()
    private let notices = MemoryNotices()

    private func channel(
        _ name: String, _ answer: @escaping @Sendable (Int) -> DeliveryResult? = { _ in .delivered }
    ) -> FakeChannel { FakeChannel(name, store, answer) }

    private func service(_ bench: Bench, _ channels: FakeChannel..., pages: String...)
        -> NotificationService
    {
        var routes = NotificationRoutes()
        routes.notify = Set(channels.map(\.name))
        routes.personal = Set(channels.map(\.name).filter { $0.text == "mail" })
        routes.ops = Set(channels.map(\.name).filter { $0.text == "ops" })
        routes.pages = Set(pages.compactMap { ChannelName($0) })
        routes.console = "https://interlock.example"
        return service(bench, channels, routes)
    }

    private func service(
        _ bench: Bench, _ channels: [FakeChannel], _ routes: NotificationRoutes
    ) -> NotificationService {
        NotificationService(
            channels, routes,
            NotificationPorts(
                outbox: store, notices: notices, ledger: bench.ledger,
                records: bench.gateway.records, clock: bench.clock,
                entropy: bench.gateway.ports.entropy,
                log: { _ in }))
    }

    @Test func `a request is told to each channel once, and to each person by mail`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay", ["n": 42])
        let request = try await bench.request()
        let (ops, mail) = (channel("ops"), channel("mail"))
        let service = service(bench, ops, mail)
        service.tell(.requested, request)
        service.tell(.requested, request)
        // A start that finds the request open sends only the notifications that were not sent before.
        try await service.start(open: bench.approvals.live)
        let voters = request.voters.map(\.person.address)
        try await mail.heard.count(voters.count)
        #expect(mail.people.all.sorted() == voters.sorted())
        #expect(notices.told == ["asked/\(request.id.text)/1"])

        try await bench.vote(.deny, on: request.id, by: "ines")
        check(await call.answer(), .refused(4031, "denied"))
        service.tell(.denied, request)
        // The agent's owner is notified of the denial, without being a voter.
        let readers = voters + ["li@acme.example"]
        try await mail.heard.count(voters.count + readers.count)
        #expect(mail.people.all.dropFirst(voters.count).sorted() == readers.sorted())
        try await ops.heard.count(2)
        #expect(
            ops.heard.all == [
                "approval.requested held 0, kept true", "approval.denied held 0, kept true",
            ])
        await service.stop()
    }

    @Test(.requirement("R050"))
    func `a person's refusal reaches the owner also by a channel that approvers do not have`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay", ["n": 42])
        let request = try await bench.request()
        let mail = channel("mail")
        var routes = NotificationRoutes()
        routes.personal = [mail.name]
        let service = service(bench, [mail], routes)
        try await service.start(open: [])
        service.tell(.requested, request)
        try await bench.vote(.deny, on: request.id, by: "ines")
        check(await call.answer(), .refused(4031, "denied"))
        service.tell(.denied, request)
        try await mail.heard.count(1)
        await service.stop()
        #expect(mail.people.all == ["li@acme.example"])
        #expect(mail.heard.all == ["approval.denied held 0, kept true"])
    }

    @Test func `an open request that nobody was told of is told at the start`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay", ["n": 42])
        let request = try await bench.request()
        let ops = channel("ops")
        let service = service(bench, ops)
        try await service.start(open: bench.approvals.live)
        try await ops.heard.count(1)
        await service.stop()
        try await bench.vote(.deny, on: request.id, by: "ines")
        _ = await call.answer()
    }

    @Test func `what one channel was not told is on record, and told by the others once`()
        async throws
    {
        let bench = try Bench()
        let ops = channel("ops")
        let gone = channel("gone") { _ in .refused("HTTP 410") }
        let service = service(bench, ops, gone, pages: "gone")
        try await service.start(open: [])
        service.tell(alarm: "kill.fault", subject: "state")
        try await ops.heard.count(2)
        #expect(
            ops.heard.all == [
                "kill.fault held 0, kept true", "alert.undelivered held 0, kept true",
            ])
        let records = bench.ledger.drafts(of: .alertUndelivered)
        #expect(records.map { $0.fields["channel"] } == ["gone"])
        #expect(records.map { $0.fields["code"] } == ["alert.refused"])
        #expect(gone.heard.all.count == 1)
        await service.stop()
    }

    @Test func `when every channel fails nothing goes round`() async throws {
        let bench = try Bench()
        let ops = channel("ops") { _ in .refused("HTTP 410") }
        let other = channel("other") { _ in .refused("HTTP 404") }
        let service = service(bench, ops, other, pages: "other")
        try await service.start(open: [])
        service.tell(alarm: "kill.fault", subject: "state")
        // Each channel receives the alert, and the notification that the other one failed.
        try await ops.heard.count(2)
        try await other.heard.count(2)
        await service.stop()
        #expect(bench.ledger.drafts(of: .alertUndelivered).count == 4)
    }

    @Test func `alarms go to the operators, grave ones to whoever is woken, told ones to nobody`()
        async throws
    {
        let bench = try Bench()
        let (ops, pager) = (channel("ops"), channel("pager"))
        let service = service(bench, ops, pager, pages: "pager")
        try await service.start(open: [])
        service.tell(alarm: "approval.rejected", subject: "x")
        service.tell(alarm: "pin.drift", subject: "billing")
        service.tell(alarm: "lock.refused", subject: "interlock.lock")
        try await ops.heard.count(2)
        try await pager.heard.count(1)
        #expect(
            ops.heard.all == ["pin.drift held 0, kept true", "lock.refused held 0, kept true"])
        #expect(pager.heard.all == ["lock.refused held 0, kept true"])
        await service.stop()
    }
}

extension NotificationService {
    /// Raises an alert as most components do: with a code and a subject.
    func tell(alarm code: String, subject: String) {
        tell(
            RaisedAlert(
                id: AlertID(milliseconds: 1, random: (0..<10).map { _ in .random(in: 0...255) }),
                code: code, subject: subject, at: Timestamp(microseconds: 1_795_169_731_500_000)))
    }
}
