import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockStore

/// The file that spares a start from reading the history: whatever is wrong with it, the log is the same.
@Suite struct HeadsTests {
    /// A closed log with open calls, an unknown one and an ended run, and its heads.
    private func prepared() async throws -> (TestLog, LogHeads) {
        let test = try TestLog()
        try test.create()
        var log = try test.open()
        _ = try await log.append(try Draft.intent(1, dec: "approve"))
        log.close()
        log = try test.open()
        for run in 2..<6 { _ = try await log.append(try Draft.intent(run)) }
        for run in [2, 7, 9] { _ = try await log.append(token(run, until: (1 << 52) + Int64(run))) }
        _ = try await log.append(end(9))
        log.close()
        return (test, try heads(test))
    }

    @Test func `of runs that ended, the newest are remembered, as many as there is room for`()
        throws
    {
        var ended = EndedRuns(limit: 3)
        let runs = try (1...9).map { try Draft.run($0).run }
        for run in runs { ended.insert(run) }
        #expect(runs.filter(ended.contains) == Array(runs[6...]))
        #expect(ended.count == 9)
    }

    private func end(_ run: Int) throws -> RecordDraft {
        RecordDraft(.runEnd, run: try Draft.run(run), fields: ["code": "done"])
    }

    private func token(_ run: Int, until end: Int64) throws -> RecordDraft {
        let run = try Draft.run(run)
        return RecordDraft(
            .tokenIssued, run: nil,
            fields: [
                "agent": .string(run.agent.text), "jti": "j", "exp": .integer(end),
                "trun": .string(run.run.text),
            ])
    }

    private func heads(_ test: TestLog) throws -> LogHeads {
        let file = try #require(
            try Folder.contents(test.configuration.headsFile, limit: 1 << 20))
        let signed = try SignedHeads(
            parsing: file, keys: [test.key], verifier: test.tools.verifier, hashing: TestLog.hashing
        )
        #expect(signed.size == (try test.published()).size)
        return signed.heads
    }

    @Test func `the heads are those that the records give`() async throws {
        let (test, heads) = try await prepared()
        var checker = LogChecker(LogHeads())
        try test.reader.scan { entry in
            guard let record = entry.record else { return false }
            return (try? checker.add(record, hash: entry.leaf.hash)) != nil
        }
        #expect(checker.heads == heads)
        #expect(heads.calls.open.count == 4)
        #expect(heads.ended.contains(try Draft.run(9).run))
        #expect(heads.runs[try Draft.run(9).run] == nil)
        #expect(heads.terms.count == heads.runs.count)
        #expect(heads.issued.keys.map(\.self) == [try Draft.run(7).run])
    }

    @Test func `a start finds the runs that have not ended, and until when each can act`()
        async throws
    {
        let test = try TestLog()
        try test.create()
        let far = Int64(1) << 52
        let log = try test.open()
        for run in 1..<4 { _ = try await log.append(try token(run, until: far + Int64(run))) }
        _ = try await log.append(token(1, until: far))
        let intent = try await log.append(try Draft.intent(1))
        _ = try await log.append(try Draft.outcome(of: intent, 1))
        _ = try await log.append(end(2))
        let before = test.tools.clock.now.wall
        _ = try await log.append(try Draft.intent(5))
        log.close()
        for isTold in [true, false] {
            if !isTold { try Folder.remove(test.configuration.headsFile) }
            let again = try test.open()
            var found = again.takeOpenRuns()
            #expect(again.takeOpenRuns().isEmpty)
            again.close()
            let lone = found.removeValue(forKey: try Draft.run(5).run)
            let unknown = try #require(lone)
            #expect(unknown.agent == (try Draft.run(5).agent))
            // A run without a recorded token may have one of the longest lifetime, issued just before.
            #expect(unknown.until >= before + TokenLife.bounds.upperBound)
            for run in [1, 3] {
                let run = try Draft.run(run)
                let told = found.removeValue(forKey: run.run)
                let term = try #require(told)
                #expect(term.agent == run.agent)
                #expect(term.until.microseconds - far == run.run.milliseconds)
            }
            #expect(found.isEmpty)
        }
    }

    @Test func `what nobody used before it lapsed is forgotten`() async throws {
        var heads = LogHeads()
        let agent = try Draft.run(1).agent
        func issue(_ run: Int, until end: Int64, at now: Int64) throws {
            heads.apply(
                HeadMove(
                    leaf: TestLog.hashing.sha256([]), run: nil, agent: nil,
                    at: Timestamp(microseconds: now),
                    effect: .issuesToken(
                        try Draft.run(run).run,
                        RunExpiry(agent: agent, until: Timestamp(microseconds: end)))))
        }
        try issue(1, until: 10, at: 0)
        try issue(2, until: 10, at: 10)
        #expect(heads.issued.count == 2)
        try issue(3, until: 90_000_000, at: 10 + TokenLife.leeway.microseconds)
        #expect(heads.issued.keys.map(\.self) == [try Draft.run(3).run])
    }

    @Test func `a run ends when its calls have`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        let intent = try await log.append(try Draft.intent(1))
        _ = try await log.append(try Draft.intent(2))
        let refusal = LedgerRefusal(code: "audit.busy", detail: "")
        await #expect(throws: refusal) { try await log.append(end(1)) }
        #expect(!log.hasEnded(run: try Draft.run(1).run))
        _ = try await log.append(try Draft.outcome(of: intent, 1))
        _ = try await log.append(end(1))
        #expect(log.hasEnded(run: try Draft.run(1).run))
        log.close()
        #expect(try test.verify().faults == [])
    }

    @Test func `without the file, or with one that is not believed, they are made again`()
        async throws
    {
        let (test, heads) = try await prepared()
        let path = test.configuration.headsFile
        let good = try #require(try Folder.contents(path, limit: 1 << 20))
        var edited = good
        edited[good.count / 2] ^= 1
        let other = try #require(
            VerifierKey(
                name: TestLog.origin, publicKey: .init(repeating: 9, count: 32),
                hashing: TestLog.hashing))
        var foreign = Array(other.description.utf8)
        foreign.insert(0, at: 0)
        let older = SignedHeads(
            size: 2, root: TestLog.hashing.sha256([]), heads: LogHeads()
        ).signed(id: test.key.id, by: test.tools.signer, hashing: TestLog.hashing)
        for file in [nil, edited, foreign, [], Array(good.dropLast()), older] {
            let copy = try test.copy()
            try Folder.remove(copy.configuration.headsFile)
            if let file { try Folder.replace(copy.configuration.headsFile, with: file) }
            let said = Atomic(0)
            var configuration = copy.configuration
            configuration.warn = { _ in said.add(1, ordering: .relaxed) }
            let recovery = try LogRecovery(
                configuration,
                Segment.names(in: configuration.wal).map {
                    try Segment(opening: $0, in: configuration.wal, writable: false)
                }, published: try copy.published(), guarded: nil, copy.tools)
            #expect(recovery.checker.heads == heads)
            #expect((recovery.baseline.warning == nil) == (file == nil))
            let log = try WriteAheadLog.open(configuration, copy.tools)
            #expect(said.load(ordering: .relaxed) == (file == nil ? 0 : 1))
            #expect(log.status.openIntents == 0)
            log.close()
            #expect(try copy.types().count { $0 == "call.unknown" } == 4)
            try copy.checkWhole()
        }
    }

    @Test func `heads of an earlier size are carried on from the bundles`() async throws {
        let test = try await TestLog.make(size: 300)
        let early = try #require(
            try Folder.contents(test.configuration.headsFile, limit: 1 << 20))
        let again = try test.open()
        for run in 1..<4 { _ = try await again.append(try Draft.intent(run)) }
        again.close()
        let heads = try heads(test)
        try Folder.replace(test.configuration.headsFile, with: early)
        // No earlier bundle is needed any more, so none is read.
        try Folder.remove(test.configuration.log + "/tile/entries/000")
        let next = try test.open()
        next.close()
        #expect(heads.calls.open.count == 3)
        #expect(try self.heads(test).calls.unknown.count == 3)
    }

    @Test func `heads can never be taken for a checkpoint`() async throws {
        let (test, _) = try await prepared()
        let file = try #require(
            try Folder.contents(test.configuration.headsFile, limit: 1 << 20))
        let length = file.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        let note = try SignedNote(parsing: Array(file[4..<4 + length]))
        try note.verify([test.key], test.tools.verifier)
        #expect(throws: NoteError.badCheckpoint) { try Checkpoint(text: note.text) }
    }

    @Test func `nothing is appended to a run that ended, also after a restart`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        let intent = try await log.append(try Draft.intent(1))
        _ = try await log.append(try Draft.outcome(of: intent, 1))
        let last = try await log.append(end(1))
        #expect(try test.reader.show("\(last.index)").first?.record?["cnt"]?.integer == 3)
        let refusal = LedgerRefusal(code: "audit.bad_record", detail: "")
        await #expect(throws: refusal) { try await log.append(try Draft.intent(1)) }
        #expect(log.knows(run: try Draft.run(1).run))
        log.close()
        let again = try test.open()
        await #expect(throws: refusal) { try await again.append(try Draft.intent(1)) }
        #expect(again.knows(run: try Draft.run(1).run))
        #expect(!again.knows(run: try Draft.run(2).run))
        again.close()
        #expect(try test.verify().faults == [])
    }
}
