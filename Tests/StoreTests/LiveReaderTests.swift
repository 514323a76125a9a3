import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockStore

private final class Flag: Sendable {
    let isRaised = Atomic(false)
}

/// Readers of a log whose writer publishes often and reuses its segments.
@Suite struct LiveReaderTests {
    @Test func `a reader sees every record once while records move from frames to bundles`()
        async throws
    {
        let test = try TestLog {
            $0.beat = .milliseconds(60)
            $0.commitLimit = .seconds(120)
        }
        try test.create()
        let log = try test.open()
        let done = Flag()
        let rounds = try await withThrowingTaskGroup(of: Int.self) { group in
            defer { done.isRaised.store(true, ordering: .relaxed) }
            for writer in 0..<8 {
                group.addTask {
                    for _ in 0..<250 {
                        let intent = try await append(try Draft.intent(writer, payload: 3_000), log)
                        _ = try await append(try Draft.outcome(of: intent, writer), log)
                    }
                    return 0
                }
            }
            group.addTask { try await read(test, until: done) }
            for _ in 0..<8 { _ = try await group.next() }
            done.isRaised.store(true, ordering: .relaxed)
            return try await group.next() ?? 0
        }
        log.close()
        #expect(rounds > 1)
        #expect(try test.verify().faults == [])
        // More was written than the segments hold at once.
        let names = try Folder.names(test.configuration.wal).filter { $0.hasSuffix(".seg") }
        #expect(names.count < 10)
    }

    /// Retries while all segments are full and not yet published.
    private func append(_ draft: RecordDraft, _ log: WriteAheadLog) async throws -> Receipt {
        while true {
            do throws(LedgerRefusal) {
                return try await log.append(draft)
            } catch {
                guard error.code == "audit.busy" else { throw error }
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// - Returns: the number of times that the whole log was read.
    private func read(_ test: TestLog, until done: Flag) async throws -> Int {
        var rounds = 0
        var marks: FrameTail.FramePositions = [:]
        var followed: UInt64 = 0
        while !done.isRaised.load(ordering: .relaxed) {
            // This reader continues where it stopped, mostly within a frame.
            let end = followed + UInt64.random(in: 1...300)
            try test.reader.scan(from: followed, marks: &marks) { entry in
                #expect(entry.index == followed)
                followed += 1
                return followed < end
            }
            var next: UInt64 = 0
            var checker = LogChecker()
            var blob: Digest?
            try test.reader.scan { entry in
                #expect(entry.index == next)
                next += 1
                if let record = entry.record {
                    #expect(throws: Never.self) {
                        try checker.add(record, hash: entry.leaf.hash)
                    }
                    blob = record.commitments.first?.commitment.stored ?? blob
                }
                return true
            }
            if let blob { #expect(try test.reader.blob(blob) != nil) }
            if next > 0 {
                let index = UInt64.random(in: 0..<next)
                let proved = try test.reader.proved(
                    at: index, keys: [test.key], verifier: OpenSSLVerifier())
                #expect(proved?.entry.index == index)
            }
            rounds += 1
            await Task.yield()
        }
        return rounds
    }
}
