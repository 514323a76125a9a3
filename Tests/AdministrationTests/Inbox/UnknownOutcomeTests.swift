import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Calls whose outcome is unknown, and what people found about them.
struct UnknownOutcomeTests {
    private let li = People.all["li"]

    private func visibility(_ roles: Role..., own: String...) -> Visibility {
        Visibility(
            person: li.person, roles: Set(roles), own: Set(own.compactMap { AgentName($0) }))
    }

    private func service(
        _ bench: Bench, _ arguments: JSONValue? = ["id": 4, "text": "x"],
        fault: EvidenceRefusal? = nil
    ) -> UnknownOutcomeService {
        service(bench, LedgerLog(ledger: bench.ledger, arguments: arguments, fault: fault))
    }

    private func service(_ bench: Bench, _ log: LedgerLog) -> UnknownOutcomeService {
        UnknownOutcomeService(
            gateway: bench.gateway, log: log, people: bench.people,
            looks: LogAccessLimiter(clock: bench.clock))
    }

    /// Records a call of `clerk` that ended in this way, and returns the index of the record.
    @discardableResult
    private func call(
        _ bench: Bench, _ number: Int64 = 1, ofRun runNumber: Int64? = nil,
        ended: RecordType = .callUnknown
    ) async throws -> UInt64 {
        let id: CallID = Identifier(
            milliseconds: number, random: [UInt8](repeating: 9, count: 10))
        let run = RunContext(
            run: RunID(
                milliseconds: runNumber ?? number, random: [UInt8](repeating: 3, count: 10)),
            agent: try #require(AgentName("clerk")), subject: nil)
        let digest = MemoryLedger.hash(ofRecord: 0).base64
        let commitment: JSONValue = ["c": .string(digest), "n": 2]
        let intent = try await bench.ledger.append(
            RecordDraft(
                .callIntent, run: run,
                fields: [
                    "call": .string(id.text), "dec": "allow", "dl": "D1", "rule": "r",
                    "tool": "desk__note", "pol": .string(digest), "in": commitment,
                    "args": commitment,
                ]))
        var fields: JSONObject = [
            "call": .string(id.text), "intent": .string(intent.leafHash.base64),
        ]
        if ended == .callUnknown {
            fields["tool"] = "desk__note"
            (fields["why"], fields["last"]) = ("timeout", "intent")
        } else {
            (fields["st"], fields["code"], fields["dur"]) = ("ok", "0", 5)
        }
        return try await bench.ledger.append(RecordDraft(ended, run: run, fields: fields)).index
    }

    private func refusal(_ body: () async throws -> CheckedOutcome) async -> OutcomeRefusal? {
        await thrown { _ = try await body() }
    }

    private func checked(_ bench: Bench) -> [JSONObject] {
        bench.ledger.drafts(of: .outcomeChecked).map(\.fields)
    }

    @Test func `it waits for the owner and for security, with what it was about`() async throws {
        let bench = try Bench()
        let service = service(bench)
        let record = try await call(bench)
        try await call(bench, 2, ended: .callOutcome)
        #expect(service.unchecked(for: visibility(own: "clerk")).map(\.details) == [nil])
        service.sweep()
        #expect(await until { service.all.first?.details != nil })
        let found = service.unchecked(for: visibility(own: "clerk"))
        #expect(found.count == 1 && found.first?.isMine == true)
        #expect(found.first?.tool == ToolAddress(dotted: "desk.note"))
        #expect(found.first?.details?.record == record)
        #expect(found.first?.details?.cause == "timeout")
        #expect(service.unchecked(for: visibility(.security)).map(\.isMine) == [true])
        // Another role sees that it is there, and neither reads nor checks it.
        let other = service.unchecked(for: visibility(.kill))
        #expect(other.map(\.isMine) == [false] && other.map(\.details) == [nil])
        #expect(service.unchecked(for: visibility(own: "other")).isEmpty)
    }

    @Test func `an owner's finding is on record with the comment, and it waits no more`()
        async throws
    {
        let bench = try Bench()
        let service = service(bench)
        let record = try await call(bench)
        let owner = visibility(own: "clerk")
        let done = try await service.check(
            record, .ran, comment: "paid", by: li.pseudonym, with: owner)
        #expect(done.finding == .ran && done.record == record)
        #expect(service.unchecked(for: owner).isEmpty)
        let fields = try #require(checked(bench).first)
        #expect(fields["as"] == "ran" && fields["agent"] == "clerk")
        #expect(fields["by"]?.string == li.pseudonym.text)
        #expect(
            bench.ledger.drafts(of: .outcomeChecked).first?.payloads.map(\.field) == ["reason"])
    }

    @Test func `a restart finds it again, and what is checked stays checked`() async throws {
        let bench = try Bench()
        let first = try await call(bench)
        try await call(bench, 2)
        _ = try await service(bench).check(
            first, .notRun, comment: "", by: li.pseudonym, with: visibility(.security))
        let again = service(bench)
        #expect(again.all.count == 1)
        let second = await refusal {
            try await again.check(
                first, .ran, comment: "", by: li.pseudonym, with: visibility(.security))
        }
        #expect(second == .checkedAlready(.notRun))
    }

    @Test func `the same finding again changes nothing, another one is refused and on record`()
        async throws
    {
        let bench = try Bench()
        let service = service(bench)
        let record = try await call(bench)
        let owner = visibility(own: "clerk")
        for _ in 0..<2 {
            _ = try await service.check(record, .ran, comment: "", by: li.pseudonym, with: owner)
        }
        #expect(checked(bench).count == 1)
        let other = await refusal {
            try await service.check(record, .undone, comment: "", by: li.pseudonym, with: owner)
        }
        #expect(other == .checkedAlready(.ran))
        let alarm = bench.ledger.drafts(of: .alarmRaised).last
        #expect(alarm?.fields["code"] == "outcome.refused")
        #expect(checked(bench).count == 1)
    }

    @Test func `still unknown needs a comment, and another finding may follow`() async throws {
        let bench = try Bench()
        let service = service(bench)
        let record = try await call(bench)
        let owner = visibility(own: "clerk")
        for comment in ["", " \n", String(repeating: "x", count: 501)] {
            let refused = await refusal {
                try await service.check(
                    record, .stillUnknown, comment: comment, by: li.pseudonym, with: owner)
            }
            #expect(refused == .comment)
        }
        _ = try await service.check(
            record, .stillUnknown, comment: "asked the bank", by: li.pseudonym, with: owner)
        #expect(service.unchecked(for: owner).isEmpty)
        _ = try await service.check(
            record, .undone, comment: "", by: People.all["eve"].pseudonym,
            with: visibility(.security))
        #expect(checked(bench).map { $0["as"]?.string } == ["still_unknown", "undone"])
    }

    @Test func `two people at once make one finding`() async throws {
        let bench = try Bench()
        let service = service(bench)
        let record = try await call(bench)
        let owner = visibility(own: "clerk")
        await withTaskGroup(of: Void.self) { group in
            for (name, finding) in [("li", OutcomeFinding.ran), ("eve", .notRun)] {
                group.addTask {
                    _ = try? await service.check(
                        record, finding, comment: "", by: People.all[name].pseudonym, with: owner)
                }
            }
        }
        #expect(checked(bench).count == 1)
    }

    @Test func `what is known, unseen or unreadable is not checked`() async throws {
        let bench = try Bench()
        let service = service(bench)
        let record = try await call(bench)
        let known = try await call(bench, 2, ended: .callOutcome)
        func tried(_ index: UInt64, _ visibility: Visibility) async -> OutcomeRefusal? {
            await refusal {
                try await service.check(
                    index, .ran, comment: "", by: li.pseudonym, with: visibility)
            }
        }
        #expect(await tried(known, visibility(own: "clerk")) == .known)
        let alarm = bench.ledger.drafts(of: .alarmRaised).last
        #expect(alarm?.fields["code"] == "outcome.refused")
        #expect(await tried(record, visibility(own: "other")) == .missing)
        #expect(await tried(record, visibility(.kill, .resume)) == .missing)
        #expect(await tried(9999, visibility(.security)) == .missing)
        let down = self.service(bench, fault: .unreadable("the disk"))
        let unread = await refusal {
            try await down.check(
                record, .ran, comment: "", by: li.pseudonym, with: visibility(.security))
        }
        #expect(unread == .notRead(.unreadable("the disk")))
        bench.ledger.refuse(.outcomeChecked)
        #expect(await tried(record, visibility(.security)) == .notRecorded("audit.full"))
        #expect(service.all.count == 1)
        bench.ledger.accept()
        bench.ledger.refuse(
            .outcomeChecked, by: LedgerRefusal(code: "audit.bad_record", detail: ""))
        #expect(await tried(record, visibility(.security)) == .known)
    }

    @Test func `nothing is read for a person who checks no call, or who reads too much`()
        async throws
    {
        let bench = try Bench()
        let log = LedgerLog(ledger: bench.ledger)
        let service = service(bench, log)
        let record = try await call(bench)
        func tried(_ visibility: Visibility) async -> OutcomeRefusal? {
            await refusal {
                try await service.check(
                    record, .stillUnknown, comment: "", by: li.pseudonym, with: visibility)
            }
        }
        #expect(await tried(visibility()) == .missing)
        #expect(await tried(visibility(.kill, .resume, .breakGlass)) == .missing)
        #expect(log.reads.count == 0)
        for _ in 0..<LogAccessLimiter.burst {
            #expect(await tried(visibility(own: "clerk")) == .comment)
        }
        let reads = log.reads.count
        guard case .notRead(.tooMany) = await tried(visibility(own: "clerk")) else {
            Issue.record("the access was not refused")
            return
        }
        #expect(log.reads.count == reads)
    }

    @Test func `the record of each call is found, however many calls the run has`() async throws {
        let bench = try Bench()
        let log = LedgerLog(ledger: bench.ledger)
        let service = service(bench, log)
        let calls = 2 * UnknownOutcomeService.pageSize + 1
        for number in 1...calls { try await call(bench, Int64(number), ofRun: 1) }
        #expect(
            await until {
                service.sweep()
                return service.all.allSatisfy { $0.details != nil }
            })
        #expect(service.all.count == calls && log.reads.count == 3)
        #expect(Set(service.all.compactMap { $0.details?.record }).count == calls)
    }

    @Test func `a search for a record that the log has not is bounded`() async throws {
        let bench = try Bench()
        try await call(bench)
        let calls = bench.ledger.uncheckedCalls
        let none = RecordFinding(rows: [], next: nil, fault: nil, unsearched: nil)
        func pages(_ found: RecordFinding?, sweeps: Int) -> Int {
            var search = UnknownRecordSearch()
            search.follow(calls)
            return (0..<sweeps).reduce(0) { count, _ in
                let pages = search.sweep()
                for page in pages { search.apply(found, of: page) }
                return count + pages.count
            }
        }
        #expect(pages(none, sweeps: 5_000) == UnknownRecordSearch.mostFailures)
        // A search that does not cover all records is repeated without end, every 512 sweeps.
        #expect(pages(nil, sweeps: 1_023) == 10)
        #expect(pages(nil, sweeps: 1_023 + 10 * 513) == 20)
    }

    @Test func `a search continues while new calls come, and begins again for them`() async throws {
        let bench = try Bench()
        try await call(bench, 1)
        var search = UnknownRecordSearch()
        search.follow(bench.ledger.uncheckedCalls)
        let first = try #require(search.sweep().first)
        search.apply(RecordFinding(rows: [], next: 7, fault: nil, unsearched: nil), of: first)
        try await call(bench, 2, ofRun: 1)
        search.follow(bench.ledger.uncheckedCalls)
        let second = try #require(search.sweep().first)
        #expect(second.before == 7 && second.run == first.run)
        let none = RecordFinding(rows: [], next: nil, fault: nil, unsearched: nil)
        search.apply(none, of: second)
        for _ in 0..<5_000 {
            for page in search.sweep() { search.apply(none, of: page) }
        }
        #expect(search.sweep().isEmpty)
        try await call(bench, 3, ofRun: 1)
        search.follow(bench.ledger.uncheckedCalls)
        #expect(search.sweep().map(\.before) == [nil])
        for number in 10..<30 { try await call(bench, Int64(number)) }
        search.follow(bench.ledger.uncheckedCalls)
        #expect(search.sweep().count == UnknownRecordSearch.runsAtOnce)
    }

    @Test func `a line without arguments is a line, also while the log cannot be read`()
        async throws
    {
        let bench = try Bench()
        try await call(bench)
        let erased = service(bench, nil)
        erased.sweep()
        #expect(await until { erased.all.first?.details != nil })
        let down = service(bench, fault: .busy)
        down.sweep()
        #expect(down.all.count == 1)
    }

    @Test func `it is a task of those who may check it, due within a day`() async throws {
        let bench = try Bench()
        try await call(bench)
        var facts = InboxFacts()
        facts.outcomes = service(bench).all
        func tasks(_ visibility: Visibility) -> [InboxTask] {
            facts.tasks(
                for: InboxViewer(
                    person: li.person, pseudonym: li.pseudonym, visibility: visibility),
                owners: [], at: Timestamp(microseconds: 0))
        }
        let task = try #require(tasks(visibility(own: "clerk")).first)
        #expect(task.isMine && task.kind == .outcome)
        #expect(task.due == task.since + .seconds(86_400))
        #expect(tasks(visibility(.security)).count == 1)
        #expect(tasks(visibility(.kill, .resume, .breakGlass)).isEmpty)
        #expect(tasks(visibility(own: "other")).isEmpty)
    }
}
