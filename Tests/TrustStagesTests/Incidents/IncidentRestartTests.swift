import InterlockAlerts
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockIncidents
@testable import InterlockTrust
@testable import InterlockTrustStages

/// Incidents and their demotions after a process that ended in the middle (docs/specs/trust-and-review.md, section 6).
@Suite(.requirement("R123", "R127")) struct IncidentRestartTests {
    private let store = MemoryIncidents()
    private let rui = People.all["rui"].pseudonym

    private func incident(
        _ severity: Int, at time: Timestamp, _ agent: AgentName? = StageBench.clerk
    ) throws -> Incident {
        try #require(
            Incident(
                id: IncidentID(
                    milliseconds: time.milliseconds, random: Array(repeating: 7, count: 10)),
                severity: severity, agent: agent,
                origin: .person(rui, reason: "it paid a wrong account"), opened: time))
    }

    /// The start of another process on the same stores, with what the log has of incidents.
    private func restarted(
        _ staged: StageBench, _ logged: [StoredRecord] = []
    ) async throws -> StageBench {
        let next = try await StageBench(log: staged.log, clock: staged.bench.clock)
        var incidents = LoggedIncidents()
        for record in logged {
            let isRead = incidents.add(record)
            #expect(isRead)
        }
        try await incidents.restore(in: store)
        next.registry.restore(open: try await store.openIncidents())
        return next
    }

    private func record(
        _ type: RecordType, _ fields: JSONObject, at time: Timestamp
    ) throws -> StoredRecord {
        var fields = fields
        fields["v"] = 1
        fields["t"] = .string(type.rawValue)
        fields["ts"] = .integer(time.microseconds)
        fields["node"] = "gw1"
        return try StoredRecord(parsing: try JSONValue.object(fields).canonical())
    }

    @Test(arguments: [(1, 0), (2, 1), (3, 3)])
    func `an open incident demotes at the next start, once, from its opening on`(
        _ severity: Int, _ stage: Int
    ) async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .full)
        let opened = staged.bench.clock.now.wall
        try await store.keep(incident(severity, at: opened))
        staged.bench.clock.advance(StageBench.day)
        let next = try await restarted(staged)
        #expect(next.stage == stage)
        let end = next.registry.status(of: StageBench.clerk).cooldownEnd
        var expected: Timestamp?
        if severity < 3 { expected = opened + StageBench.criteria.cooldownAfterIncident }
        #expect(end == expected)
        await next.service.sweep()
        #expect(next.demotions.count == (severity < 3 ? 1 : 0))
        let third = try await restarted(next)
        await third.service.sweep()
        #expect(third.stage == stage && third.demotions.isEmpty && third.alerts.isEmpty)
    }

    @Test func `an open incident from before the last promotion takes nothing`() async throws {
        let staged = try await StageBench()
        let opened = staged.bench.clock.now.wall
        try await staged.rise(to: .bounded)
        try await store.keep(incident(1, at: opened))
        let next = try await restarted(staged)
        #expect(next.stage == 2 && next.demotions.isEmpty)
    }

    @Test func `an incident that only the log has demotes, and can be closed`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .full)
        store.fail(true)
        let security = Visibility(
            person: People.all["rui"].person, roles: [.security], own: [])
        _ = try? await IncidentService(gateway: staged.bench.gateway, store: store).open(
            IncidentDraft(severity: 1, agent: StageBench.clerk, run: nil, reason: "it paid"),
            by: rui, with: security)
        let draft = try #require(staged.bench.ledger.drafts(of: .incidentOpened).first)
        store.fail(false)
        // Another bench, since the first one has demoted.
        let fresh = try await StageBench()
        try await fresh.rise(to: .full)
        let now = fresh.bench.clock.now.wall
        let opened = try record(.incidentOpened, draft.fields, at: now)
        let next = try await restarted(fresh, [opened])
        #expect(next.stage == 0)
        let kept = try #require(store.all.first)
        #expect(kept.severity == 1 && kept.agent == StageBench.clerk && kept.opened == now)
        #expect(kept.origin == .person(rui, reason: ""))
        let closed = try await IncidentService(gateway: next.bench.gateway, store: store).close(
            kept.id, cause: .fault, reason: "a stale list", by: rui, with: security)
        #expect(!closed.isOpen)
        // The row holds, not the record.
        _ = try await restarted(next, [opened])
        #expect(store.all == [closed])
    }

    @Test func `an incident that the log closes is not kept again`() async throws {
        let staged = try await StageBench()
        let now = staged.bench.clock.now.wall
        let id = try incident(1, at: now).id.text
        let records = [
            try record(
                .incidentOpened, ["inc": .string(id), "sev": 1, "agent": "clerk"], at: now),
            try record(.trustDemoted, ["agent": "clerk"], at: now),
            try record(.incidentClosed, ["inc": .string(id), "as": "fault"], at: now),
        ]
        _ = try await restarted(staged, records)
        #expect(store.all.isEmpty)
    }

    private static let unreadable: [JSONObject] = [
        ["sev": 1], ["inc": "x", "sev": 1],
        ["inc": "01ja0000000000000000000000", "sev": 0], ["inc": "01ja0000000000000000000000"],
        ["inc": "01ja0000000000000000000000", "sev": 1, "agent": "Not A Name"],
        ["inc": "01ja0000000000000000000000", "sev": 1, "code": "other"],
    ]

    @Test(arguments: unreadable)
    func `a record that cannot be read is not passed over`(_ fields: JSONObject) throws {
        var incidents = LoggedIncidents()
        let time = Timestamp(microseconds: 1)
        let isRead = incidents.add(try record(.incidentOpened, fields, at: time))
        #expect(!isRead && incidents.open.isEmpty)
        let isEndRead = incidents.add(try record(.incidentClosed, ["inc": "x"], at: time))
        #expect(!isEndRead)
    }
}
