import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The visibility of records and runs, and the record of each access.
@Suite struct EvidenceDeskTests {
    private static let run = RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
    private static let other = RunID(milliseconds: 2, random: [UInt8](repeating: 2, count: 10))
    private let bench: Bench
    private let log: MemoryLog
    private let records: RecordQueryService
    private let runs: RunQueryService

    init() throws {
        bench = try Bench()
        log = try MemoryLog([
            ["t": "policy.loaded", "by": "x"],
            ["t": "run.start", "agent": "clerk", "run": .string(Self.run.text)],
            ["t": "call.denied", "agent": "clerk", "run": .string(Self.run.text), "dec": "deny"],
            ["t": "call.intent", "agent": "clerk", "run": .string(Self.run.text), "dec": "allow"],
            ["t": "run.start", "agent": "other", "run": .string(Self.other.text)],
        ])
        let looks = LogAccessLimiter(clock: bench.clock)
        records = RecordQueryService(
            log: log, gateway: bench.gateway,
            pseudonyms: HMACPseudonyms(secret: [UInt8](repeating: 1, count: 32)), looks: looks)
        runs = RunQueryService(gateway: bench.gateway, records: log, log: log, looks: looks)
    }

    private func reader(
        _ roles: Set<Role> = [], own: String..., by pseudonym: String = "QLXTbNQ1YTnI03wFjLK7rw=="
    ) throws -> EvidenceReader {
        EvidenceReader(
            visibility: Visibility(
                person: try #require(Person("li@acme.example")), roles: roles,
                own: Set(own.compactMap { AgentName($0) })),
            pseudonym: Pseudonym(text: pseudonym))
    }

    private func indices(_ finding: RecordFinding) -> [UInt64] {
        finding.rows.compactMap { if case .proved(let record) = $0 { record.index } else { nil } }
    }

    private var exports: [JSONObject] { bench.ledger.drafts(of: .exportMade).map(\.fields) }

    private func refusal(_ body: () async throws -> Void) async -> EvidenceRefusal? {
        await thrown(body)
    }

    @Test func `security sees every record, an owner those of own agents, nobody else any`()
        async throws
    {
        func found(
            _ reader: EvidenceReader, _ query: RecordQuery = RecordQuery()
        ) async throws -> [UInt64] {
            indices(try await records.search(query, before: nil, limit: 50, for: reader))
        }
        #expect(try await found(reader([.security])) == [4, 3, 2, 1, 0])
        #expect(try await found(reader(own: "clerk")) == [3, 2, 1])
        #expect(try await found(reader()) == [])
        #expect(try await found(reader([.kill])) == [])
        // Records of refusals are visible to anyone who sees the agent.
        var refused = RecordQuery()
        refused.decision = "deny"
        #expect(try await found(reader([.kill]), refused) == [2])
        #expect(try await found(reader(own: "other"), refused) == [])
        var agent = RecordQuery()
        agent.agent = "clerk"
        #expect(try await found(reader(own: "other"), agent) == [])
    }

    @Test func `an archive has what a search shows and no more`() async throws {
        let log = try MemoryLog([
            ["t": "call.denied", "dec": "deny"],
            ["t": "call.denied", "agent": "clerk", "dec": "deny"],
        ])
        let service = RecordQueryService(
            log: log, gateway: bench.gateway,
            pseudonyms: HMACPseudonyms(secret: [UInt8](repeating: 1, count: 32)),
            looks: LogAccessLimiter(clock: bench.clock))
        var refused = RecordQuery()
        refused.decision = "deny"
        for (roles, count) in [(Set<Role>([.kill]), 1), ([.security], 2)] {
            let reader = try reader(roles)
            let shown = try await service.search(refused, before: nil, limit: 9, for: reader)
            #expect(indices(shown).count == count)
            #expect(try await service.proofs(of: refused, for: reader).count == count)
        }
    }

    @Test func `one person's agents are those of today's policy`() async throws {
        var query = RecordQuery()
        query.owner = Person("li@acme.example")
        query.since = Timestamp(microseconds: 0)
        let found = try await records.search(
            query, before: nil, limit: 50, for: reader([.security]))
        #expect(indices(found) == [3, 2, 1])
        #expect(log.filters.withLock { $0.last?.agents?.contains("clerk") } == true)
        query.owner = Person("nobody@acme.example")
        let none = try await records.search(query, before: nil, limit: 9, for: reader([.security]))
        #expect(none.rows.isEmpty)
    }

    @Test func `payloads are opened for whoever may read the agent alone`() async throws {
        let read = try await records.record(at: 2, for: reader(own: "clerk"))
        #expect(read.payloads?.count == 1 && read.others.map(\.index) == [1, 3])
        let seen = try await records.record(at: 2, for: reader([.kill]))
        #expect(seen.payloads == nil && seen.others.isEmpty)
        #expect(log.opened.withLock { $0 } == [true, false])
        for (index, reader) in [
            (0, try reader([.kill])), (3, try reader([.kill])), (3, try reader(own: "other")),
            (0, try reader(own: "clerk")), (99, try reader([.security])),
        ] {
            let said = await refusal {
                _ = try await records.record(at: UInt64(index), for: reader)
            }
            #expect(said == .noSuchRecord)
        }
    }

    @Test func `each look is on record with who looked, and at how much`() async throws {
        let reader = try reader([.security])
        _ = try await records.search(RecordQuery(), before: nil, limit: 50, for: reader)
        _ = try await records.record(at: 2, for: reader)
        _ = try await records.proof(of: 2, .proof, for: reader)
        _ = try await records.proof(of: 2, .leaf, for: reader)
        _ = try await records.proofs(of: RecordQuery(), for: reader)
        _ = try await runs.runs(RunQuery(), before: nil, limit: 50, for: reader)
        _ = try await runs.story(of: Self.run, from: 0, limit: 50, for: reader)
        _ = try await runs.replay(Self.run, .timeline, for: reader)
        _ = try await runs.bundle(of: Self.run, for: reader)
        #expect(
            exports.map { $0["kind"]?.string } == [
                "query", "show", "prove", "show", "prove", "query", "show", "replay", "bundle",
            ])
        #expect(
            exports.allSatisfy { .person(Pseudonym(text: $0["by"]?.string ?? "")) == reader.name })
        #expect(exports[0]["n"]?.integer == 6 && exports[8]["n"]?.integer == 4)
    }

    @Test func `a tail is on record once, and counts its own query alone`() async throws {
        let reader = try reader([.security])
        let other = try self.reader(own: "clerk", by: "AAAAAAAAAAAAAAAAAAAAAA==")
        let query = RecordQuery()
        var narrow = query
        narrow.agent = "clerk"
        #expect(
            await refusal { _ = try await records.newer(than: 2, query, for: reader) }
                == .noSuchRecord)
        _ = try await records.follow(query, limit: 50, for: reader)
        // The records 3 and 4, and the row that the index names and the log does not confirm.
        #expect(try await records.newer(than: 2, query, for: reader) == 3)
        for refused in [
            await refusal { _ = try await records.newer(than: 2, narrow, for: reader) },
            await refusal { _ = try await records.newer(than: 2, query, for: other) },
        ] { #expect(refused == .noSuchRecord) }
        #expect(exports.map { $0["kind"]?.string } == ["tail"])
    }

    @Test func `views and words are left to the log`() async throws {
        var query = RecordQuery()
        query.words = ["no_grant"]
        query.hidesViews = true
        _ = try await records.search(
            query, before: nil, limit: 50, for: try reader([.security]))
        let filter = log.filters.withLock { $0.last }
        #expect(filter?.words == ["no_grant"])
        #expect(filter?.hidden == ["export.made", "log.tick"])
    }

    @Test func `what a service reads is on record under its name, as its role sees it`()
        async throws
    {
        let name = try #require(ServiceAccountName("siem"))
        let id = OrderID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
        let reader = EvidenceReader(ServiceAccount(id: id, name: name, role: .security))
        let all = try await records.search(RecordQuery(), before: nil, limit: 50, for: reader)
        let same = try await records.search(
            RecordQuery(), before: nil, limit: 50, for: self.reader([.security]))
        #expect(indices(all) == indices(same))
        let export = try #require(exports.first)
        #expect(export["svc"] == "siem" && export["by"] == nil)
        let halting = EvidenceReader(ServiceAccount(id: id, name: name, role: .kill))
        let refusal = await refusal {
            _ = try await records.proofs(of: RecordQuery(), for: halting)
        }
        #expect(refusal == .noSuchRecord)
    }

    @Test func `what cannot be recorded is not shown`() async throws {
        bench.ledger.refuse(.exportMade)
        let reader = try reader([.security])
        let looks: [() async throws -> Void] = [
            { _ = try await records.search(RecordQuery(), before: nil, limit: 1, for: reader) },
            { _ = try await records.record(at: 2, for: reader) },
            { _ = try await records.proof(of: 2, .proof, for: reader) },
            { _ = try await records.proofs(of: RecordQuery(), for: reader) },
            { _ = try await runs.runs(RunQuery(), before: nil, limit: 1, for: reader) },
            { _ = try await runs.story(of: Self.run, from: 0, limit: 1, for: reader) },
            { _ = try await runs.replay(Self.run, .decisions, for: reader) },
            { _ = try await runs.bundle(of: Self.run, for: reader) },
        ]
        for look in looks {
            guard case .notRecorded? = await refusal(look) else {
                Issue.record("something was shown")
                continue
            }
        }
    }

    @Test func `a run is for whoever sees its agent, its payloads for whoever reads it`()
        async throws
    {
        let read = try await runs.story(of: Self.run, from: 0, limit: 9, for: reader(own: "clerk"))
        #expect(read.reads && read.steps.steps.map(\.index) == [1, 2, 3])
        #expect(read.line.owner == Person("li@acme.example") && read.line.state == .open)
        let seen = try await runs.story(of: Self.run, from: 0, limit: 9, for: reader([.kill]))
        #expect(!seen.reads && log.opened.withLock { $0 } == [true, false])
        for reader in [try reader(), try reader(own: "other")] {
            let said = await refusal {
                _ = try await runs.story(of: Self.run, from: 0, limit: 9, for: reader)
            }
            #expect(said == .noSuchRun)
        }
        let kept = await refusal { _ = try await runs.bundle(of: Self.run, for: reader([.kill])) }
        #expect(kept == .noSuchRun)
        let replayed = await refusal {
            _ = try await runs.replay(Self.run, .decisions, for: reader([.kill]))
        }
        #expect(replayed == .noSuchRun)
    }

    @Test func `policies leave with a run for whoever reads all of them alone`() async throws {
        func hasPolicies(_ reader: EvidenceReader) async throws -> Bool {
            try await runs.bundle(of: Self.run, for: reader).bytes == [1]
        }
        #expect(try await hasPolicies(reader([.security])))
        #expect(try await hasPolicies(reader([.kill], own: "clerk")))
        #expect(try await !hasPolicies(reader(own: "clerk")))
    }

    @Test func `one person's looks are bounded, also those that find nothing; others' are not`()
        async throws
    {
        let (eager, other) = (
            try reader([.security]), try reader([.kill], by: "AAXTbNQ1YTnI03wFjLK7rw==")
        )
        for number in 0..<LogAccessLimiter.burst {
            _ = await refusal {
                _ = try await records.record(at: UInt64(number % 9), for: eager)
            }
        }
        let before = exports.count
        let refused = await refusal {
            _ = try await runs.runs(RunQuery(), before: nil, limit: 1, for: eager)
        }
        guard case .tooMany(let wait)? = refused else {
            Issue.record("nobody looks as often as they like")
            return
        }
        #expect(wait > .zero && wait <= .seconds(1) && exports.count == before)
        _ = try await records.search(RecordQuery(), before: nil, limit: 1, for: other)
        bench.clock.advance(.seconds(1))
        _ = try await records.search(RecordQuery(), before: nil, limit: 1, for: eager)
    }

    @Test func `a download waits for the person's own last one, and for nobody else's`()
        async throws
    {
        let looks = LogAccessLimiter(clock: bench.clock)
        let (one, other) = (try reader(), try reader(by: "other"))
        func looked(_ kind: LogAccessLimiter.Kind, by reader: EvidenceReader) async
            -> EvidenceRefusal?
        {
            await refusal { try looks.begin(kind, by: reader).end() }
        }
        let look = try looks.begin(.file, by: one)
        let found = [
            await looked(.file, by: one), await looked(.page, by: one),
            await looked(.file, by: other),
        ]
        look.end()
        #expect(found == [.tooMany(.seconds(1)), nil, nil])
        #expect(await looked(.file, by: one) == nil)
    }

    @Test func `runs that are open are known without the log, all others by it`() async throws {
        _ = try await Client.open(bench).call("look", ["text": "x"])
        var query = RunQuery()
        query.isOpen = true
        let open = try await runs.runs(query, before: nil, limit: 50, for: reader([.kill]))
        #expect(open.runs.count == 1 && open.runs[0].agent.text == "clerk")
        #expect(open.runs[0].state == .open && log.filters.withLock { $0.isEmpty })
        #expect(try await runs.runs(query, before: nil, limit: 9, for: reader()).runs.isEmpty)
        query.isOpen = false
        let all = try await runs.runs(query, before: nil, limit: 50, for: reader([.kill]))
        #expect(all.runs.map(\.run) == [Self.other, Self.run] && all.unproved == [99])
        let own = try await runs.runs(query, before: nil, limit: 50, for: reader(own: "clerk"))
        #expect(own.runs.map(\.run) == [Self.run])
    }

    @Test func `open runs are put in the order that is asked for before they are cut`() async throws
    {
        for run in ["clerk", "reader", "clerk#2", "reader#2", "clerk#3"] {
            _ = try await Client.open(bench, as: run).call("look", ["text": "x"])
        }
        let reader = try reader([.kill])
        func all(_ order: String?, limit: Int) async throws -> [RunSummary] {
            var query = RunQuery()
            query.isOpen = true
            query.order = order.flatMap { RunQuery.Sorting($0) }
            var (found, next): ([RunSummary], String?) = ([], nil)
            repeat {
                let page = try await runs.runs(query, before: next, limit: limit, for: reader)
                #expect(page.runs.count <= limit)
                found += page.runs
                next = page.next
            } while next != nil
            return found
        }
        let newest = try await all(nil, limit: 2).map(\.run)
        #expect(Set(newest).count == 5 && newest.count == 5)
        // Each page is a look of one reader, who may have 60 at once.
        for order in RunQuery.Sorting.texts {
            #expect(try await Set(all(order, limit: 2).map(\.run)) == Set(newest), "\(order)")
        }
        for limit in [1, 50] {
            let agents = try await all("-agent", limit: limit)
            #expect(agents.map(\.agent) == agents.map(\.agent).sorted(by: >))
            #expect(agents.first?.agent.text == "reader" && agents.last?.agent.text == "clerk")
            #expect(
                try await all("since", limit: limit).map(\.since) == agents.map(\.since).sorted())
        }
        let halted = try #require(AgentName("reader"))
        try await bench.halt(.agent(halted), by: "kim")
        #expect(try await all("-state", limit: 1).first?.agent == halted)
        #expect(try await all("state", limit: 50).last?.agent == halted)
        #expect(log.filters.withLock { $0.isEmpty }, "the log was not searched")
        var query = RunQuery()
        query.isOpen = true
        query.order = RunQuery.Sorting(.agent)
        for beyond in ["999", "\(UInt64.max)"] {
            let page = try await runs.runs(query, before: beyond, limit: 50, for: reader)
            #expect(page.runs.isEmpty && page.next == nil)
        }
    }
}
