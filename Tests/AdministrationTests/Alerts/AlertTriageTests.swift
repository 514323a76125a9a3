import InterlockAlerts
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockNotification

/// Alerts as people on the people plane see them.
@Suite struct `Reading alarms` {
    private let alarms = MemoryAlerts()
    private let session = PersonSession(
        person: People.all["li"].person,
        pseudonym: Pseudonym(text: String(repeating: "A", count: 22) + "=="), formToken: "x")

    private func service(_ bench: Bench) -> AlertTriageService {
        let policy = bench.gateway.policy
        return AlertTriageService(
            gateway: bench.gateway,
            alarms: AlertDispositionService(gateway: bench.gateway, store: alarms),
            alerts: NotificationService(
                [], NotificationRoutes(),
                NotificationPorts(
                    outbox: FakeNotificationStore(), notices: MemoryNotices(), alarms: alarms,
                    owner: { policy.snapshot.agents[$0]?.owner }, ledger: bench.ledger,
                    records: bench.gateway.records, clock: bench.clock,
                    entropy: bench.gateway.ports.entropy, log: { _ in })), people: bench.people)
    }

    private func keep(_ bench: Bench, _ code: String, agent: String?) async throws -> AlertID {
        var alarm = bench.gateway.records.alarm(code, subject: agent ?? "house")
        alarm.agent = agent.flatMap { AgentName($0) }
        alarm.severity = .high
        try await alarms.keep(alarm)
        return alarm.id
    }

    private func visibility(_ roles: Set<Role> = [], own: [String] = []) -> Visibility {
        Visibility(
            person: session.person, roles: roles, own: Set(own.compactMap { AgentName($0) }))
    }

    private func refusal(
        _ body: () async throws(AlertTriageRefusal) -> Void
    ) async -> AlertTriageRefusal? {
        do throws(AlertTriageRefusal) {
            try await body()
            return nil
        } catch { return error }
    }

    @Test func `an owner sees what is about their agents, a role everything`() async throws {
        let bench = try Bench()
        let service = service(bench)
        let (own, foreign, house) = (
            try await keep(bench, "detector.calls", agent: "clerk"),
            try await keep(bench, "pin.drift", agent: "other"),
            try await keep(bench, "ledger.still", agent: nil)
        )
        let owner = visibility(own: ["clerk"])
        let seen = try await service.alarms(AlertFilter(), page: 1, for: owner)
        #expect(seen.alarms.map(\.id) == [own] && seen.count == 1 && seen.incidents.isEmpty)
        #expect(
            try await service.alarms(AlertFilter(), page: 1, for: visibility([.resume])).count == 3)
        let coded = try await service.alarms(
            AlertFilter(code: "pin.drift"), page: 1, for: visibility([.kill]))
        #expect(coded.alarms.map(\.id) == [foreign])
        #expect(
            try await service.alarms(AlertFilter(), page: 2, for: visibility([.kill])).alarms
                .isEmpty)
        for hidden in [foreign, house] {
            #expect(
                await refusal { () async throws(AlertTriageRefusal) in
                    _ = try await service.alarm(hidden, for: owner)
                } == .missing)
        }
    }

    @Test func `alerts are put in the order that is asked for before a page is cut`() async throws {
        let bench = try Bench()
        let service = service(bench)
        for number in 0..<60 {
            _ = try await keep(
                bench, number % 2 == 0 ? "detector.calls" : "pin.drift",
                agent: number == 7 ? nil : "clerk")
        }
        func codes(_ order: String) async throws -> [String] {
            var found: [String] = []
            for page in 1...2 {
                found += try await service.alarms(
                    AlertFilter(order: AlertFilter.Sorting(order)), page: page,
                    for: visibility([.kill])
                ).alarms.map(\.code)
            }
            return found
        }
        let sorted = try await codes("code")
        #expect(sorted.count == 60 && sorted == sorted.sorted() && Set(sorted).count == 2)
        for order in ["agent", "-agent"] {
            let second = try await service.alarms(
                AlertFilter(order: AlertFilter.Sorting(order)), page: 2, for: visibility([.kill]))
            #expect(second.alarms.last?.agent == nil && second.alarms.first?.agent != nil)
        }
    }

    @Test func `the owner of its agent and security say what it was; nobody else does`()
        async throws
    {
        let bench = try Bench()
        let service = service(bench)
        let first = try await keep(bench, "detector.calls", agent: "clerk")
        let second = try await keep(bench, "ledger.still", agent: nil)
        func dispose(_ id: AlertID, _ visibility: Visibility) async -> AlertTriageRefusal? {
            await refusal { () async throws(AlertTriageRefusal) in
                try await service.dispose(
                    of: id, as: .fault, reason: "a release", .none, by: session.pseudonym,
                    with: visibility)
            }
        }
        #expect(await dispose(first, visibility([.kill])) == .notTheirs)
        #expect(await dispose(first, visibility(own: ["other"])) == .missing)
        #expect(bench.ledger.drafts(of: .alarmDisposed).isEmpty)
        #expect(await dispose(first, visibility(own: ["clerk"])) == nil)
        #expect(await dispose(second, visibility([.security])) == nil)
        let records = bench.ledger.drafts(of: .alarmDisposed)
        #expect(
            records.map { $0.fields["by"]?.string } == [
                session.pseudonym.text, session.pseudonym.text,
            ])
        let story = try await service.alarm(first, for: visibility(own: ["clerk"]))
        #expect(story.alarm.finding?.disposition == .fault && story.mayDispose)
        #expect(!(try await service.alarm(first, for: visibility([.kill]))).mayDispose)
    }
}
