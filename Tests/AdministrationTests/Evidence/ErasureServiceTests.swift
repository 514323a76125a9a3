import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// An erasure is recorded before the keys are destroyed, and repeated at a start if it was not completed.
@Suite struct ErasureServiceTests {
    private let bench: Bench
    private let sources = FakeSources()
    private let person = Pseudonym(text: "qAtvNSliVAlAcLHGLhmnpA==")

    init() throws { bench = try Bench() }

    private var service: ErasureService {
        ErasureService(
            ledger: bench.ledger, keys: bench.keys, sources: sources, approvals: bench.approvals,
            notifications: nil, clock: bench.clock, alarm: { _, _ in })
    }

    private func order(_ fields: JSONObject) throws -> ErasureOrder {
        var fields = fields
        if fields["reason"] == nil { fields["reason"] = "erasure.request" }
        return try ErasureOrder(.object(fields), pseudonyms: PlainPseudonyms())
    }

    private func runs(_ count: Int) -> [RunID] {
        (0..<count).map {
            RunID(milliseconds: 1_795_169_731_500, random: [UInt8](repeating: UInt8($0), count: 10))
        }
    }

    @Test func `a subject's runs are recorded, a hundred to a record, before their keys go`()
        async throws
    {
        let runs = runs(150)
        sources.set(runs: Set(runs))
        let report = try await service.erase(
            order(["subject": "dana@acme.example", "confirm": "dana@acme.example", "ticket": "T-1"]
            ),
            by: person)
        let drafts = bench.ledger.drafts(of: .payloadErased)
        #expect(drafts.map { $0.fields["runs"]?.array?.count } == [100, 50])
        #expect(drafts.allSatisfy { $0.fields["by"]?.string == person.text })
        #expect(drafts.allSatisfy { $0.fields["ticket"]?.string == "T-1" })
        #expect(bench.keys.erased.map(\.runs) == [Set(runs)])
        #expect(report.receipts.count == 2)
    }

    @Test func `without a record no key is destroyed`() async throws {
        sources.set(runs: Set(runs(1)))
        bench.ledger.refuse(.payloadErased)
        await #expect(throws: ErasureRefusal.notRecorded("audit.full")) {
            _ = try await service.erase(
                order(["subject": "dana@acme.example", "confirm": "dana@acme.example"]), by: person)
        }
        #expect(bench.keys.erased.isEmpty)
    }

    @Test func `the requests of an erased run go with its keys, open ones and ended ones`()
        async throws
    {
        let client = try await Client.open(bench)
        let denied = client.begin("note", ["text": "x"])
        let first = try await bench.request().id
        try await bench.vote(.deny, on: first, by: "ines")
        _ = await denied.answer()
        let pending = client.begin("pay", ["n": 42])
        let second = try await bench.request().id
        let run = try #require(bench.approvals[second]).review.call.run
        sources.set(runs: [run])
        let subject = try order(["subject": "dana@acme.example", "confirm": "dana@acme.example"])
        bench.store.fail(.remove)
        await #expect(throws: ErasureRefusal.notDone("disk")) {
            _ = try await service.erase(subject, by: person)
        }
        bench.store.mend()
        _ = try await service.erase(subject, by: person)
        _ = await pending.answer()
        #expect(bench.store.count == 0)
        #expect(bench.approvals[first] == nil)
        #expect(bench.approvals[second] == nil)
        #expect(bench.ledger.drafts(of: .approvalVoid).last?.fields["code"] == "approval.erased")
    }

    @Test func `a key that could not be destroyed is told, and destroyed at the next start`()
        async throws
    {
        let runs = Set(runs(2))
        sources.set(runs: runs)
        bench.keys.refuse("the disk is full")
        await #expect(throws: ErasureRefusal.notDone("the disk is full")) {
            _ = try await service.erase(
                order(["subject": "dana@acme.example", "confirm": "dana@acme.example"]), by: person)
        }
        #expect(bench.ledger.drafts(of: .payloadErased).count == 1)
        bench.keys.refuse(nil)
        sources.set(erasures: Erasure(runs: runs))
        try await service.finish()
        #expect(bench.keys.erased.map(\.runs) == [runs])
    }

    @Test func `a date erases the buckets before it, and none of a day that goes on`() async throws
    {
        let today = CivilDate(daysSince1970: bench.clock.now.wall.seconds / 86_400)
        let days = (0..<4).map { CivilDate(daysSince1970: today.daysSince1970 - $0) }
        bench.keys.set(days: days.reversed())
        _ = try await service.erase(
            order(["before": .string(days[1].text), "confirm": .string(days[1].text)]), by: person)
        #expect(bench.keys.erased.map(\.days) == [[days[2], days[3]]])
        let tomorrow = CivilDate(daysSince1970: today.daysSince1970 + 1).text
        await #expect(throws: ErasureRefusal.notPast) {
            _ = try await service.erase(
                order(["before": .string(tomorrow), "confirm": .string(tomorrow)]), by: person)
        }
    }

    @Test func `payloads past their time go with bucket and packs, for the reason retention`()
        async throws
    {
        let today = bench.clock.now.wall.seconds / 86_400
        let days = [today, today - 90, today - 91, today - 92].map(CivilDate.init(daysSince1970:))
        bench.keys.set(days: days)
        try await service.expire(after: 90)
        #expect(bench.keys.erased.map(\.days) == [[days[2], days[3]]])
        #expect(sources.removed == [days[2]])
        let drafts = bench.ledger.drafts(of: .payloadErased)
        #expect(drafts.map { $0.fields["bucket"]?.string } == [days[3].text, days[2].text])
        #expect(drafts.allSatisfy { $0.fields["why"]?.string == "retention" })
        #expect(drafts.allSatisfy { $0.fields["by"] == nil })
    }

    @Test(arguments: [
        ["run": "01kag0q9v4x2m7c8d3e5f6g7h8", "confirm": "01kag0q9v4x2m7c8d3e5f6g7h9"],
        ["run": "all", "confirm": "all"],
        ["confirm": "x"],
        ["before": "2026-02-30", "confirm": "2026-02-30"],
        ["subject": "somebody", "confirm": "somebody"],
        ["run": "01kag0q9v4x2m7c8d3e5f6g7h8", "before": "2026-02-03", "confirm": "2026-02-03"],
        [
            "run": "01kag0q9v4x2m7c8d3e5f6g7h8", "confirm": "01kag0q9v4x2m7c8d3e5f6g7h8",
            "reason": "because I say so",
        ],
    ])
    func `an order that names nothing, two things, or confirms another is refused`(
        fields: [String: String]
    ) {
        var object = JSONObject()
        for (key, value) in fields { object[key] = .string(value) }
        #expect(throws: FormError.self) { _ = try order(object) }
    }

    @Test func `a run that the log does not know is not found`() async throws {
        let run = runs(1)[0].text
        await #expect(throws: ErasureRefusal.nothingFound) {
            _ = try await service.erase(
                order(["run": .string(run), "confirm": .string(run)]), by: person)
        }
        #expect(bench.ledger.drafts(of: .payloadErased).isEmpty)
    }

    @Test func `an erasure is read back from its records`() throws {
        var erasure = Erasure()
        let run = runs(1)[0]
        for text in [
            #"{"node":"gw1","runs":["\#(run.text)"],"t":"payload.erased","ts":1,"v":1,"why":"x"}"#,
            #"{"bucket":"2026-11-20","node":"gw1","t":"payload.erased","ts":1,"v":1,"why":"x"}"#,
            #"{"bucket":"2026-11-21","node":"gw1","t":"log.tick","ts":1,"v":1}"#,
        ] {
            erasure.add(try StoredRecord(parsing: Array(text.utf8)))
        }
        #expect(erasure.runs == [run])
        #expect(erasure.days.map(\.text) == ["2026-11-20"])
    }
}

private final class FakeSources: ErasureSources {
    private struct State {
        var runs: Set<RunID> = []
        var erasures = Erasure()
        var removed: [CivilDate] = []
    }
    private let state = Mutex(State())

    func set(runs: Set<RunID>) { state.withLock { $0.runs = runs } }
    func set(erasures: Erasure) { state.withLock { $0.erasures = erasures } }
    var removed: [CivilDate] { state.withLock { $0.removed } }

    func runs(of subject: Pseudonym) async throws(StoreFailure) -> Set<RunID> {
        state.withLock { $0.runs }
    }
    func erasures() async throws(StoreFailure) -> Erasure { state.withLock { $0.erasures } }
    func removePacks(through day: CivilDate) async throws(StoreFailure) {
        state.withLock { $0.removed.append(day) }
    }
}
