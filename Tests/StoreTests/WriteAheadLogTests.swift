import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockStore

@Suite struct WriteAheadLogTests {
    @Test func `a log begins with its genesis, and each start says so`() async throws {
        let test = try TestLog()
        try test.create()
        try test.open().close()
        try test.open().close()
        #expect(try test.types() == ["log.genesis", "log.started", "log.started"])
        let report = try test.verify()
        #expect(report.faults == [])
        #expect(report.size == 3)
        #expect(throws: LedgerFailure(.exists, "")) { try test.create() }
    }

    @Test func `a call's two records are durable, chained and readable at once`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        defer { log.close() }
        let intent = try await log.append(try Draft.intent(payload: 300))
        #expect(log.status.openIntents == 1)
        let outcome = try await log.append(try Draft.outcome(of: intent, payload: 500))
        #expect(log.status.openIntents == 0)
        #expect(outcome.index == intent.index + 1)
        // The records are read while the writer is running, by each of their names.
        let shown = try #require(try test.reader.show("\(outcome.index)").first)
        #expect(shown.leaf.hash == outcome.leafHash)
        #expect(shown.record?.digest("prev") == intent.leafHash)
        #expect(try test.reader.show(intent.leafHash.hex).first?.index == intent.index)
        let call = try #require(
            try test.reader.show(intent.leafHash.base64).first?.record?.text("call"))
        #expect(try test.reader.show("dec_" + call).map(\.index) == [intent.index, outcome.index])
        #expect(try test.reader.tail(2).map(\.index) == [intent.index, outcome.index])
        let stored = try #require(shown.record?.commitments.first?.commitment.stored)
        #expect(try test.reader.blob(stored)?.count == 561)
        #expect(try test.verify().faults == [])
    }

    @Test func `64 callers at once get dense indices and every run's chain is whole`() async throws
    {
        let test = try TestLog(segmentBytes: 4 << 20)
        try test.create()
        let log = try test.open()
        let first = log.status.size
        let receipts = try await withThrowingTaskGroup(of: [Receipt].self) { group in
            for caller in 0..<64 {
                group.addTask {
                    var receipts: [Receipt] = []
                    for _ in 0..<10 {
                        // Several callers share a run.
                        let intent = try await log.append(try Draft.intent(caller % 16))
                        receipts.append(intent)
                        receipts.append(
                            try await log.append(try Draft.outcome(of: intent, caller % 16)))
                    }
                    return receipts
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        log.close()
        #expect(Set(receipts.map(\.index)) == Set(first..<first + 1280))
        let report = try test.verify(minimumSize: first + 1280)
        #expect(report.faults == [])
        #expect(report.runs == 16)
        #expect(report.frames < 1280, "no commit was shared")
        for receipt in receipts.prefix(20) {
            #expect(
                try test.reader.show("\(receipt.index)").first?.leaf.hash == receipt.leafHash)
        }
    }

    @Test func `what a crash left open is closed at the next start, and only once`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        let sent = try await log.append(try Draft.intent(1))
        _ = try await log.append(try Draft.intent(2, dec: "approve"))
        let used = try await log.append(try Draft.intent(3, dec: "approve"))
        _ = try await log.append(try Draft.asked(3))
        let vote = try await log.append(try Draft.granted(3))
        _ = try await log.append(try Draft.used(used, 3, votes: [vote]))
        log.close()  // Closes no call: to the log this looks like a crash.
        let again = try test.open()
        #expect(again.status.openIntents == 0)
        #expect(
            try test.types().suffix(5).sorted() == [
                "call.denied", "call.unknown", "call.unknown", "log.recovered", "log.started",
            ])
        // The true end may be recorded late, once; another end may not.
        var late = try Draft.outcome(of: sent, 1)
        await #expect(throws: LedgerRefusal(code: "audit.bad_record", detail: "")) {
            try await again.append(try Draft.outcome(of: sent, 1))
        }
        late.fields["late"] = true
        _ = try await again.append(late)
        let second = late
        await #expect(throws: LedgerRefusal(code: "audit.bad_record", detail: "")) {
            try await again.append(second)
        }
        again.close()
        try test.open().close()
        #expect(try test.types().count { $0 == "call.unknown" } == 2)
        #expect(try test.verify().faults == [])
    }

    @Test
    func `a call of unknown outcome waits to be checked over restarts, with heads and without`()
        async throws
    {
        let test = try TestLog()
        try test.create()
        var log = try test.open()
        let intents = [
            try await log.append(try Draft.intent(1)), try await log.append(try Draft.intent(2)),
        ]
        #expect(log.uncheckedCalls.isEmpty)
        log.close()
        for keepsHeads in [true, false] {
            if !keepsHeads { try Folder.remove(test.configuration.headsFile) }
            log = try test.open()
            #expect(Set(log.uncheckedCalls.keys) == Set(intents.map(\.leafHash)))
            let call = try #require(log.uncheckedCalls[intents[0].leafHash])
            #expect(call.intent.run?.agent == (try Draft.run(1).agent))
            #expect(call.intent.tool == "tickets__close_ticket")
            log.close()
        }
        log = try test.open()
        let first = try Draft.checked(intents[0], 1)
        _ = try await log.append(first)
        // No finding follows a final one, also after a restart.
        await #expect(throws: LedgerRefusal(code: "audit.bad_record", detail: "")) {
            try await log.append(first)
        }
        #expect(Set(log.uncheckedCalls.keys) == [intents[1].leafHash])
        let ended = try await log.append(try Draft.intent(3))
        let finding = try Draft.checked(ended, 3)
        await #expect(throws: LedgerRefusal(code: "audit.bad_record", detail: "")) {
            try await log.append(finding)
        }
        _ = try await log.append(try Draft.outcome(of: ended, 3))
        await #expect(throws: LedgerRefusal(code: "audit.bad_record", detail: "")) {
            try await log.append(finding)
        }
        log.close()
        for keepsHeads in [true, false] {
            if !keepsHeads { try Folder.remove(test.configuration.headsFile) }
            log = try test.open()
            #expect(Set(log.uncheckedCalls.keys) == [intents[1].leafHash])
            await #expect(throws: LedgerRefusal(code: "audit.bad_record", detail: "")) {
                try await log.append(first)
            }
            log.close()
        }
        #expect(try test.verify().faults == [])
    }

    @Test func `a run's chain goes on after a restart`() async throws {
        let test = try TestLog()
        try test.create()
        for _ in 0..<3 {
            let log = try test.open()
            let intent = try await log.append(try Draft.intent(4))
            _ = try await log.append(try Draft.outcome(of: intent, 4))
            log.close()
        }
        #expect(try test.verify().faults == [])
        #expect(try test.verify().runs == 1)
    }

    @Test func `a second writer is refused while the first is there`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        #expect(throws: LedgerFailure(.locked, "")) { try test.open() }
        log.close()
        try test.open().close()
    }

    @Test func `payloads above 64 KiB go to a pack and are checked like the others`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        let intent = try await log.append(try Draft.intent(payload: 200_000))
        let outcome = try await log.append(try Draft.outcome(of: intent, payload: 90_000))
        log.close()
        let report = try test.verify()
        #expect(report.faults == [])
        #expect(report.payloads == 2)
        let record = try #require(try test.reader.show("\(outcome.index)").first?.record)
        let stored = try #require(record.commitments.first?.commitment.stored)
        #expect(try test.reader.blob(stored)?.count == 90_061)
        // A changed byte in a pack is detected.
        let day = try #require(try Folder.names(test.configuration.payloads).first)
        try edit("\(test.configuration.payloads)/\(day)/000001.pack", at: 5000)
        #expect(try !test.verify().faults.isEmpty)
    }

    @Test func `a denial is noted with its payload, however large`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        for size in [100, 60_000, 300_000] {
            var denied = try Draft.denied(1)
            denied.payloads = [Draft.payload("args", size)]
            log.note(denied)
        }
        log.close()
        let report = try test.verify()
        #expect(report.faults == [])
        #expect(report.payloads == 3)
    }

    @Test func `a note that is no record raises an alarm`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        var bad = try Draft.denied(1)
        bad.fields["x"] = .null
        log.note(bad)
        _ = try await eventually { try test.types().contains("alarm.raised") }
        log.close()
        let alarm = try #require(
            try test.reader.tail(3).first { $0.record?.type == "alarm.raised" }?.record)
        #expect(alarm.text("type") == "call.denied")
    }

    @Test func `records that are none are refused and leave the chain alone`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        var bad = try Draft.intent(6)
        bad.fields["x"] = .number(.init(text: "1.5", double: 1.5))
        let refused = bad
        await #expect(throws: LedgerRefusal(code: "audit.bad_record", detail: "")) {
            try await log.append(refused)
        }
        var large = try Draft.intent(6)
        large.fields["obl"] = .array(
            (0..<40).map { _ in .string(String(repeating: "a", count: 120)) })
        let tooLarge = large
        await #expect(throws: LedgerRefusal(code: "audit.too_large", detail: "")) {
            try await log.append(tooLarge)
        }
        _ = try await log.append(try Draft.intent(6))
        log.close()
        #expect(try test.verify().faults == [])
        await #expect(throws: LedgerRefusal(code: "audit.unavailable", detail: "")) {
            try await log.append(try Draft.intent(6))
        }
    }

    @Test func `a flood of denials is summarised, and every one is counted`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        for _ in 0..<500 { log.note(try Draft.denied(1)) }
        _ = try await eventually { try counted(test) >= 500 }
        log.close()
        #expect(try counted(test) == 500)
        #expect(try test.types().count { $0 == "call.denied" } < 100)
        #expect(try test.verify().faults == [])
    }

    private func counted(_ test: TestLog) throws -> Int {
        var count = 0
        try test.reader.scan { entry in
            if entry.record?.type == "call.denied" {
                count += Int(entry.record?["cnt"]?.integer ?? 0)
            }
            return true
        }
        return count
    }

    @Test func `segments follow one another while records flow`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        var written = 0
        var busy = 0
        while written < 60 {
            do {
                let intent = try await log.append(try Draft.intent(written, payload: 60_000))
                _ = try await log.append(try Draft.outcome(of: intent, written, payload: 60_000))
                written += 1
            } catch let error as LedgerRefusal where error.code == "audit.busy" {
                busy += 1
                #expect(busy < 1000)
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        log.close()
        // Published segments are reused.
        #expect(try Segment.names(in: test.configuration.wal).count <= Segment.usualCount + 1)
        try test.open().close()
        let report = try test.verify(minimumSize: 122)
        #expect(report.faults == [])
    }
}
