import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockStore

@Suite struct PublisherTests {
    @Test(arguments: [1, 2, 255, 256, 257, 65_536])
    func `a log of any size is published as its records alone say, and goes on`(size: UInt64)
        async throws
    {
        let test = try await TestLog.make(size: size, segmentBytes: 8 << 20)
        #expect(try test.published().size == size)
        try test.checkWhole()
        let again = try test.open()
        _ = try await again.append(try Draft.intent())
        again.close()
        #expect(try test.published().size == size + 2)
        #expect(try test.checkWhole().count == Int(size + 2))
    }

    @Test func `a log that has no tiles yet gets all of them at its first start`() async throws {
        let test = try await TestLog.make(size: 700, segmentBytes: 4 << 20)
        for file in ["heads", "log/tile", "cosigned"] {
            removeFolder("\(test.configuration.directory)/\(file)")
            _ = unsafe unlink("\(test.configuration.directory)/\(file)")
        }
        try test.open().close()
        #expect(try test.checkWhole().count == 701)
        #expect(Folder.exists(test.configuration.headsFile))
    }

    @Test func `tiles that were made in part are made whole, and none but they are trusted`()
        async throws
    {
        let test = try await TestLog.make(size: 600, segmentBytes: 4 << 20)
        try Folder.remove(test.configuration.log + "/tile/0/001")
        try test.open().close()
        try test.checkWhole()
        try edit(test.configuration.log + "/tile/0/002.p/89", at: 32)
        #expect(throws: LedgerFailure(.damaged, "")) { try test.open() }
    }

    @Test func `the witnesses are asked before a checkpoint is published, and one is kept an hour`()
        async throws
    {
        let line = Array("\u{2014} witness.example AAAAAAAAAAAA\n".utf8)
        let test = try TestLog { $0.cosign = { $0 + line } }
        try test.create()
        let log = try test.open()
        _ = try await log.append(try Draft.intent())
        log.close()
        let note = try #require(
            try Folder.contents(test.configuration.checkpointFile, limit: 10_000))
        #expect(note.suffix(line.count) == line[...])
        #expect(try Folder.contents(test.configuration.guardFile, limit: 10_000) == note)
        let folder = test.configuration.directory + "/cosigned"
        for name in try Folder.names(folder) {
            #expect(name.hasSuffix(".notes") && CivilDate(String(name.dropLast(6))) != nil)
            let bytes = try #require(try Folder.contents("\(folder)/\(name)", limit: 100_000))
            let parts = String(decoding: bytes, as: UTF8.self).split(separator: "\n\n")
            #expect(parts.count % 2 == 0)
            let first = try SignedNote(parsing: Array("\(parts[0])\n\n\(parts[1])\n".utf8))
            try first.verify([test.key], test.tools.verifier)
            #expect(first.signatures.map(\.name).contains("witness.example"))
        }
    }

    @Test func `payloads are moved from frames to the pack of their run's day, once`() async throws
    {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        var intents: [Receipt] = []
        for run in 0..<3 {
            intents.append(try await log.append(try Draft.intent(run, payload: 2000)))
        }
        log.close()
        let pack = test.configuration.payloads + "/1970-01-01/000001.pack"
        #expect(try PackFile(pack).checked(TestLog.hashing).0.count == 3)
        // The same frames are published again, as after a crash before the checkpoint.
        let old = try #require(
            try Folder.contents(
                test.configuration.directory + "/cosigned/" + cosigned(test), limit: 10_000))
        let first = try #require(old.split(separator: UInt8(ascii: "\n")).first)
        #expect(String(decoding: first, as: UTF8.self) == TestLog.origin)
        let size = try FileDescriptor(pack, O_RDONLY).size()
        for file in ["heads", "log/tile"] {
            removeFolder("\(test.configuration.directory)/\(file)")
            _ = unsafe unlink("\(test.configuration.directory)/\(file)")
        }
        try test.open().close()
        #expect(try FileDescriptor(pack, O_RDONLY).size() == size)
        try test.checkWhole()
    }

    @Test func `payloads go to the pack of their own run's day, also by a start after a crash`()
        async throws
    {
        let test = try TestLog(segmentBytes: 8 << 20)
        try test.create()
        let log = try test.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<12 {
                group.addTask {
                    for round in 0..<6 {
                        let run = (writer + round) % 5 * 86_400_000
                        let intent = try await log.append(
                            try Draft.intent(run, payload: 300 + 40 * writer))
                        _ = try await log.append(
                            try Draft.outcome(of: intent, run, payload: round % 2 * 200))
                    }
                }
            }
            try await group.waitForAll()
        }
        // A start finds the days in the frames alone.
        let crashed = try test.copy()
        log.close()
        #expect(try countOfPacked(test) == 12 * (6 + 3))
        try crashed.open().close()
        #expect(try countOfPacked(crashed) == 12 * (6 + 3))
        try test.checkWhole()
        try crashed.checkWhole()
    }

    /// The number of stored payloads, each of which must be in the pack of its record's day.
    private func countOfPacked(_ test: TestLog) throws -> Int {
        var packs: [CivilDate: Set<Digest>] = [:]
        var count = 0
        for entry in try test.reader.tail(10_000) {
            for found in entry.record?.commitments ?? [] {
                guard let digest = found.commitment.stored else { continue }
                let day = try #require(PayloadDay.of(stored: entry.leaf.bytes))
                let pack = "\(test.configuration.payloads)/\(day.text)/000001.pack"
                if packs[day] == nil { packs[day] = try PackFile(pack).checked(TestLog.hashing).0 }
                #expect(packs[day]?.contains(digest) == true, "record \(entry.index)")
                count += 1
            }
        }
        #expect(packs.values.reduce(0) { $0 + $1.count } == count, "and nothing else")
        return count
    }

    @Test(arguments: [1, 20, 36, 60, 75])
    func `a publication that fails after some of its files begins again at the last checkpoint`(
        after files: Int
    ) async throws {
        let left = Atomic(Int.max)
        let test = try TestLog(segmentBytes: 8 << 20) {
            $0.disk.rename = { old, new in
                left.subtract(1, ordering: .relaxed).newValue == 0
                    ? ENOSPC : DiskOperations.system.rename(old, new)
            }
        }
        try test.create()
        let log = try test.open()
        let before = try test.published()
        // More records than one publication takes.
        try await test.fill(log, to: 3 * Publication.maximumRecords)
        left.store(files, ordering: .relaxed)
        let publisher = try #require(log.publisher.withLock { $0 })
        publisher.publish()
        #expect(left.load(ordering: .relaxed) <= 0)
        #expect(try test.published() == before)
        publisher.publish()
        #expect(try test.published().size >= 3 * Publication.maximumRecords)
        log.close()
        try test.checkWhole()
    }

    private func cosigned(_ test: TestLog) throws -> String {
        try #require(try Folder.names(test.configuration.directory + "/cosigned").first)
    }

    @Test func `a pack that ends in a torn blob is left alone, and a new one begun`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        let intent = try await log.append(try Draft.intent(payload: 2000))
        log.close()
        let pack = test.configuration.payloads + "/1970-01-01/000001.pack"
        let size = try FileDescriptor(pack, O_RDONLY).size()
        try FileDescriptor(pack, O_RDWR).write([1, 2, 3], at: size)
        let again = try test.open()
        _ = try await again.append(try Draft.intent(1, payload: 1000))
        again.close()
        #expect(try FileDescriptor(pack, O_RDONLY).size() == size + 3)
        #expect(
            try Folder.names(test.configuration.payloads + "/1970-01-01")
                == ["000001.pack", "000002.pack"])
        let stored = try test.reader.show("\(intent.index)").first?.record?.commitments.first
        #expect(try test.reader.blob(try #require(stored?.commitment.stored)) != nil)
    }

    @Test func `open tiles are deleted an hour after the full one exists`() async throws {
        let test = try await TestLog.make(size: 300)
        let open = test.configuration.log + "/tile/0/000.p"
        #expect(Folder.exists(open))
        let folder = TileFolder(folder: test.configuration.log)
        let now = BootTime(microseconds: 0)
        var tiles = OpenTiles(folder, size: 300, now: now)
        tiles.deleteOld(now: now + .seconds(3599))
        #expect(Folder.exists(open))
        tiles.deleteOld(now: now + .seconds(3600))
        #expect(!Folder.exists(open))
        #expect(!Folder.exists(test.configuration.log + "/tile/entries/000.p"))
        #expect(Folder.exists(test.configuration.log + "/tile/0/001.p"))
        try test.checkWhole()
        try test.open().close()
    }

    @Test func `a disk without room for tiles stops nothing, and they follow later`() async throws {
        let isFull = Atomic(false)
        let said = Atomic(0)
        let test = try TestLog {
            $0.beat = .milliseconds(200)
            $0.warn = { _ in said.add(1, ordering: .relaxed) }
            $0.disk.rename = { old, new in
                isFull.load(ordering: .relaxed) ? ENOSPC : DiskOperations.system.rename(old, new)
            }
        }
        try test.create()
        let log = try test.open()
        isFull.store(true, ordering: .relaxed)
        let before = try test.published()
        for run in 0..<5 { _ = try await log.append(try Draft.intent(run, payload: 500)) }
        _ = await eventually { said.load(ordering: .relaxed) != 0 }
        _ = try await log.append(try Draft.intent(6))
        try await Task.sleep(for: .milliseconds(600))
        #expect(said.load(ordering: .relaxed) == 1, "it is said once")
        #expect(try test.published() == before)
        #expect(log.status.refusing == nil)
        isFull.store(false, ordering: .relaxed)
        _ = try await eventually { try test.published() != before }
        log.close()
        #expect(try test.types().count { $0 == "alarm.raised" } == 1)
        try test.checkWhole()
    }

    @Test func `an error of the fsync of a published file ends the process with 74`() async throws {
        await #expect(processExitsWith: .exitCode(74)) {
            let fails = Atomic(false)
            let test = try TestLog {
                $0.disk.sync = { file in
                    fails.load(ordering: .relaxed) ? EIO : DiskOperations.system.sync(file)
                }
            }
            try test.create()
            let log = try test.open()
            _ = try await log.append(try Draft.intent(1))
            fails.store(true, ordering: .relaxed)
            log.close()
        }
    }
}
