import InterlockAlerts
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockMonitoring
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockNotification

/// The life of alerts: they are stored, delivered to the people concerned, disposed of and escalated.
@Suite struct AlertDispositionServiceTests {
    private let store = FakeNotificationStore()
    private let alarms = MemoryAlerts()

    private func service(_ bench: Bench, _ channels: FakeChannel...) -> NotificationService {
        var routes = NotificationRoutes()
        routes.personal = Set(channels.map(\.name).filter { $0.text == "mail" })
        routes.ops = Set(channels.map(\.name).filter { $0.text == "ops" })
        routes.pages = Set(channels.map(\.name).filter { $0.text == "pager" })
        let policy = bench.gateway.policy
        return NotificationService(
            channels, routes,
            NotificationPorts(
                outbox: store, notices: MemoryNotices(), alarms: alarms,
                owner: { policy.snapshot.agents[$0]?.owner }, ledger: bench.ledger,
                records: bench.gateway.records, clock: bench.clock,
                entropy: bench.gateway.ports.entropy,
                log: { _ in }))
    }

    private func alarm(
        _ bench: Bench, _ code: String = "detector.calls",
        _ change: (inout RaisedAlert) -> Void = { _ in }
    ) throws -> RaisedAlert {
        var alarm = bench.gateway.records.alarm(code, subject: "clerk")
        alarm.agent = AgentName("clerk")
        alarm.series = "calls"
        alarm.severity = .high
        alarm.detectors = ["ewma"]
        change(&alarm)
        return alarm
    }

    private let somebody = Pseudonym(text: String(repeating: "A", count: 22) + "==")

    @Test(.requirement("R050")) func `an agent's owner hears of what is noticed of it`()
        async throws
    {
        let bench = try Bench()
        let ops = FakeChannel("ops", store) { _ in .delivered }
        let mail = FakeChannel("mail", store) { _ in .delivered }
        let service = service(bench, ops, mail)
        try await service.start(open: [])
        service.tell(try alarm(bench))
        try await ops.heard.count(1)
        try await mail.heard.count(1)
        #expect(mail.people.all == ["li@acme.example"])
        #expect(alarms.all.map(\.code) == ["detector.calls"])
        // This alert is only recorded: it is stored and not delivered, unlike the one after it.
        service.tell(try alarm(bench, "signal.first_tool") { $0.isTold = false })
        service.tell(try alarm(bench, "pin.drift"))
        #expect(await until { alarms.all.count == 3 })
        try await mail.heard.count(2)
        await service.stop()
        #expect(ops.heard.all.count == 2 && mail.heard.all.count == 2)
    }

    @Test func `what nobody has looked at for a day wakes somebody, once`() async throws {
        let bench = try Bench()
        let pager = FakeChannel("pager", store) { _ in .delivered }
        let service = service(bench, pager)
        try await service.start(open: [])
        let (grave, seen, low) = (
            try alarm(bench), try alarm(bench, "pin.drift") { _ in },
            try alarm(bench, "call.blocked") { $0.severity = .low }
        )
        for one in [grave, seen, low] { service.tell(one) }
        #expect(await until { alarms.all.count == 3 })
        let judge = AlertDispositionService(gateway: bench.gateway, store: alarms)
        _ = try await judge.dispose(
            of: seen.id, as: .fault, by: somebody, reason: "a bad release", .none)
        await service.sweep()
        #expect(pager.heard.all.isEmpty)
        bench.clock.advance(.seconds(86_400))
        await service.sweep()
        bench.clock.advance(.seconds(120))
        await service.sweep()
        try await pager.heard.count(1)
        #expect(pager.heard.all == ["alarm.overdue held 0, kept true"])
        await service.stop()
    }

    @Test func `what an alarm was is said once, on record first`() async throws {
        let bench = try Bench()
        let service = AlertDispositionService(gateway: bench.gateway, store: alarms)
        let alarm = try alarm(bench)
        try await alarms.keep(alarm)
        let opened = try await service.dispose(
            of: alarm.id, as: .attack, by: somebody, reason: "exfiltration", .open(severity: 1))
        #expect(opened?.severity == 1 && opened?.closed == nil)
        #expect(bench.ledger.drafts(of: .alarmDisposed).map { $0.fields["as"] } == ["attack"])
        #expect(bench.ledger.drafts(of: .incidentOpened).count == 1)
        await #expect(throws: AlertTriageRefusal.disposedAlready(.attack)) {
            try await service.dispose(
                of: alarm.id, as: .false, by: somebody, reason: "no", .none)
        }
        let closed = try await service.dispose(
            of: alarm.id, as: nil, by: somebody, reason: "contained", .close)
        #expect(closed?.closed != nil)
        #expect(bench.ledger.drafts(of: .incidentClosed).count == 1)
        await #expect(throws: AlertTriageRefusal.noOpenIncident) {
            try await service.dispose(
                of: alarm.id, as: nil, by: somebody, reason: "again", .close)
        }
        await #expect(throws: AlertTriageRefusal.missing) {
            try await service.dispose(
                of: AlertID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10)), as: .fault,
                by: somebody, reason: "none", .none)
        }
        let found = try await service.precisions(since: Timestamp(microseconds: 0))
        #expect(found["ewma"] == Precision(alarms: 1, judged: 1, real: 1))
    }

    @Test func `each week every channel is tested, and one that fails wakes the others`()
        async throws
    {
        let bench = try Bench()
        let ops = FakeChannel("ops", store) { _ in .delivered }
        let pager = FakeChannel("pager", store) { _ in .refused("HTTP 404") }
        let service = service(bench, ops, pager)
        try await service.start(open: [])
        await service.sweep()
        // The first week begins without a test message.
        #expect(ops.heard.all.isEmpty)
        bench.clock.advance(.seconds(7 * 86_400))
        await service.sweep()
        await service.sweep()
        try await ops.heard.count(2)
        #expect(
            ops.heard.all == [
                "alerts.test held 0, kept true", "alert.undelivered held 0, kept true",
            ])
        await service.stop()
    }

    @Test func `a log that does not grow for three beats permits nothing, until it does`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        check(await client.call("look"), .text("done"))
        for _ in 0..<31 {
            bench.clock.advance(.seconds(1))
            bench.gateway.watchLog()
        }
        #expect(bench.gateway.monitors.log.isStill)
        let codes = bench.ledger.drafts(of: .alarmRaised).map { $0.fields["code"] }
        #expect(codes.filter { $0 == "ledger.still" }.count == 1)
        check(await client.call("look"), .refused(4030, "unavailable"))
        // The alert itself is a record, and so makes the log grow.
        bench.clock.advance(.seconds(1))
        bench.gateway.watchLog()
        #expect(!bench.gateway.monitors.log.isStill)
        check(await client.call("look"), .text("done"))
    }
}

final class MemoryAlerts: AlertStore {
    private let kept = Mutex<(alarms: [AlertID: RaisedAlert], incidents: [IncidentID: Incident])>(
        ([:], [:]))
    var all: [RaisedAlert] { kept.withLock { $0.alarms.values.sorted { $0.at < $1.at } } }

    func keep(_ alarm: RaisedAlert) async throws(StoreFailure) {
        kept.withLock { $0.alarms[alarm.id] = alarm }
    }
    func alarms(since time: Timestamp, most: Int) async throws(StoreFailure) -> [RaisedAlert] {
        Array(all.reversed().filter { $0.at >= time }.prefix(most))
    }
    func alarm(_ id: AlertID) async throws(StoreFailure) -> RaisedAlert? {
        kept.withLock { $0.alarms[id] }
    }
    func keep(_ incident: Incident) async throws(StoreFailure) {
        kept.withLock { $0.incidents[incident.id] = incident }
    }
    func incident(_ id: IncidentID) async throws(StoreFailure) -> Incident? {
        kept.withLock { $0.incidents[id] }
    }
    func openIncidents() async throws(StoreFailure) -> [Incident] {
        kept.withLock { $0.incidents.values.filter(\.isOpen).sorted { $1.id.text < $0.id.text } }
    }
    func incidents(most: Int) async throws(StoreFailure) -> [Incident] {
        kept.withLock { Array($0.incidents.values.prefix(most)) }
    }
}
