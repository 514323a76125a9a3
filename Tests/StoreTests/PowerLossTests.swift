import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockStore

/// Power is lost before each call that the writer makes to the disk, including those of commits, publications and
/// reused segments. The log in every image must open, contain everything that was acknowledged, and continue.
@Suite(.serialized) struct PowerLossTests {
    private struct Told {
        var receipts: [Receipt] = []
        /// Published checkpoints, which anyone may have read.
        var heads: [[UInt8]] = []
    }

    @Test func `whenever power is lost, the log that is found extends all that was told`()
        async throws
    {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let disk = PowerLossDisk(folder, SeededGenerator.announced())
        let told = Mutex(Told())
        let test = try TestLog(at: folder) {
            $0.disk = disk.calls
            $0.beat = .milliseconds(300)
            // Calls wait while images are made and checked.
            $0.commitLimit = .seconds(600)
        }
        try test.create()
        let log = try test.open()
        let isFilling = Atomic(false)
        let pictures = Atomic(0)
        try disk.onEachCall { number, picture in
            // All calls that fill a segment are alike.
            if isFilling.load(ordering: .relaxed), number % 5 > 0 { return }
            pictures.add(1, ordering: .relaxed)
            let now = told.withLock { told in
                if let head = try? Folder.contents(test.configuration.checkpointFile, limit: 9999) {
                    if told.heads.last != head { told.heads.append(head) }
                }
                return told
            }
            let place = try makeFolder(inMemory: true)
            try picture(place)
            try Self.check(try TestLog(at: place, isTemporary: true), now, number)
        }
        // Some small frames, one of them with payloads, then enough for a segment to be reused.
        for run in 0..<3 {
            let intent = try await log.append(try Draft.intent(run, payload: 900))
            told.withLock { $0.receipts.append(intent) }
            let end = try await log.append(try Draft.outcome(of: intent, run))
            told.withLock { $0.receipts.append(end) }
        }
        isFilling.store(true, ordering: .relaxed)
        while log.state.withLock({ $0.current.use }) == Segment.firstUse {
            do {
                let big = try await log.append(try Draft.intent(7, payload: 60_000))
                told.withLock { $0.receipts.append(big) }
            } catch let refusal as LedgerRefusal where refusal.code == "audit.busy" {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        isFilling.store(false, ordering: .relaxed)
        for run in 0..<3 {
            let intent = try await log.append(try Draft.intent(run))
            told.withLock { $0.receipts.append(intent) }
        }
        log.close()
        try disk.onEachCall(nil)
        #expect(pictures.load(ordering: .relaxed) > 80)
    }

    private static func check(_ test: TestLog, _ told: Told, _ number: Int) throws {
        let log: WriteAheadLog
        do { log = try test.open() } catch {
            Issue.record("call \(number): \(error)")
            return
        }
        log.close()
        let hashes = try test.checkWhole(extending: told.heads)
        for receipt in told.receipts {
            #expect(
                receipt.index < UInt64(hashes.count)
                    && hashes[Int(receipt.index)] == receipt.leafHash,
                "call \(number): record \(receipt.index) was told and is not there")
        }
        #expect(log.status.openIntents == 0)
    }
}
