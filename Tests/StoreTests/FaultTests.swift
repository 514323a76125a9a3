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

/// A disk whose results a test can change while it is in use.
private final class Disk: Sendable {
    let free = Atomic(Int(1) << 40)
    let flushError = Atomic<Int32>(0)
    let delay = Atomic<UInt32>(0)
    let pretendFull = Atomic(false)

    var calls: DiskOperations {
        DiskOperations(
            write: { [self] file, bytes, offset in
                pretendFull.load(ordering: .relaxed)
                    ? ENOSPC : DiskOperations.system.write(file, bytes, offset)
            },
            flush: { [self] file in
                let pause = delay.load(ordering: .relaxed)
                if pause > 0 { usleep(pause) }
                let error = flushError.load(ordering: .relaxed)
                return error != 0 ? error : DiskOperations.system.flush(file)
            },
            sync: { [self] file in
                let error = flushError.load(ordering: .relaxed)
                return error != 0 ? error : DiskOperations.system.sync(file)
            },
            rename: DiskOperations.system.rename,
            space: { [self] _ in (free.load(ordering: .relaxed), 1 << 40) })
    }
}

/// Is true if this process may mount, which needs root and a capability that some containers withhold.
private let mayMount: Bool = {
    guard let place = try? makeFolder() else { return false }
    defer { removeFolder(place) }
    guard unsafe mount("tmpfs", place, "tmpfs", 0, "size=1m") == 0 else { return false }
    return unsafe umount(place) == 0
}()

@Suite(.serialized) struct FaultTests {
    private func waitFor(_ condition: () -> Bool) async throws {
        _ = await eventually { condition() }
        #expect(condition())
    }

    @Test
    func
        `past the hard mark nothing new is let in, what was let in can end, and room is used again`()
        async throws
    {
        let disk = Disk()
        let test = try TestLog {
            $0.disk = disk.calls
            $0.hardMark = .init(bytes: 1 << 30, percent: 0)
            $0.softMark = .init(bytes: 2 << 30, percent: 0)
        }
        try test.create()
        let log = try test.open()
        var intents: [Receipt] = []
        for _ in 0..<20 { intents.append(try await log.append(try Draft.intent(1))) }
        disk.free.store(1 << 20, ordering: .relaxed)
        try await waitFor { log.status.refusing == "audit.full" }
        await #expect(throws: LedgerRefusal(code: "audit.full", detail: "")) {
            try await log.append(try Draft.intent(1))
        }
        for intent in intents.dropLast() {
            _ = try await log.append(try Draft.outcome(of: intent, 1, payload: 1000))
        }
        log.note(RecordDraft(.killRefused, run: nil, fields: ["code": "kill.unsigned"]))
        disk.free.store(1 << 40, ordering: .relaxed)
        try await waitFor { log.status.refusing == nil }
        _ = try await log.append(try Draft.outcome(of: intents[19], 1))
        _ = try await log.append(try Draft.intent(1))
        log.close()
        let types = try test.types()
        #expect(types.count { $0 == "log.full" } == 2)
        #expect(types.contains("kill.refused"))
        #expect(try test.verify().faults == [])
    }

    @Test func `a start with room after a full disk records that there is room`() async throws {
        let disk = Disk()
        let test = try TestLog {
            $0.disk = disk.calls
            $0.hardMark = .init(bytes: 1 << 30, percent: 0)
        }
        try test.create()
        var expected: [String] = []
        // Also from bundles alone: the heads that a stopped log leaves are a cache.
        for keepsHeads in [true, false] {
            let full = try test.open()
            disk.free.store(0, ordering: .relaxed)
            // Refused first, recorded a moment later.
            try await waitFor { (try? test.levels().last) == "hard" }
            #expect(full.status.refusing == "audit.full")
            full.close()
            if !keepsHeads { try Folder.remove(test.configuration.directory + "/heads") }
            disk.free.store(1 << 40, ordering: .relaxed)
            let log = try test.open()
            try await waitFor { (try? test.levels().last) == "clear" }
            log.close()
            expected += ["hard", "clear"]
            #expect(try test.levels() == expected)
        }
        // A further start has nothing to add.
        try test.open().close()
        #expect(try test.levels() == expected)
        #expect(try test.verify().faults == [])
    }

    @Test func `when the segments are used up, the reserve takes the ends of open calls`()
        async throws
    {
        let disk = Disk()
        let test = try TestLog {
            $0.disk = disk.calls
            $0.hardMark = .init(bytes: 1 << 30, percent: 0)
        }
        try test.create()
        disk.free.store((1 << 30) + 4096, ordering: .relaxed)  // No room for a spare.
        let log = try test.open()
        try await waitFor { log.status.refusing == "audit.full" }
        log.close()
        disk.free.store(1 << 40, ordering: .relaxed)
        let second = try test.open()
        try await waitFor { second.state.withLock { $0.spare != nil } }
        var open: [Receipt] = []
        while open.count < 30 {
            do {
                open.append(try await second.append(try Draft.intent(1)))
            } catch let refusal as LedgerRefusal where refusal.code == "audit.busy" {
                // A slow disk is still making the next segment; no record was accepted in the meantime.
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        disk.free.store(0, ordering: .relaxed)
        try await waitFor { second.status.refusing == "audit.full" }
        // Notes use the rest of the segments, then the reserve, then wait in memory.
        var noted = 0
        while second.state.withLock({ $0.room.reserve == 1 << 20 }) {
            second.note(
                RecordDraft(
                    .alarmRaised, run: nil,
                    fields: ["code": "test.noted", "subject": .string("\(noted)")]))
            noted += 1
            if noted % 16 == 0 { try await Task.sleep(for: .milliseconds(1)) }
            try #require(noted < 100_000)
        }
        for intent in open {
            _ = try await second.append(try Draft.outcome(of: intent, 1, payload: 2000))
        }
        #expect(second.status.openIntents == 0)
        second.close()
        #expect(try test.verify().faults == [])
        let third = try test.open()
        disk.free.store(1 << 40, ordering: .relaxed)
        try await waitFor { third.state.withLock { $0.room.reserve == 1 << 20 } }
        try await waitFor { third.status.refusing == nil }
        _ = try await third.append(try Draft.intent(2))
        third.close()
        #expect(try test.verify().faults == [])
        try test.open().close()
    }

    @Test func `a commit that takes too long refuses the intent and the log closes it`()
        async throws
    {
        let disk = Disk()
        let test = try TestLog {
            $0.disk = disk.calls
            $0.commitLimit = .milliseconds(300)
        }
        try test.create()
        let log = try test.open()
        disk.delay.store(1_200_000, ordering: .relaxed)
        await #expect(throws: LedgerRefusal(code: "audit.timeout", detail: "")) {
            try await log.append(try Draft.intent(1))
        }
        disk.delay.store(0, ordering: .relaxed)
        try await waitFor { log.status.openIntents == 0 }
        log.close()
        let last = try #require(
            try test.reader.tail(5).first { $0.record?.type == "call.denied" }?.record)
        #expect(last.text("code") == "audit.timeout")
        #expect(try test.verify().faults == [])
    }

    @Test(.enabled(if: mayMount || TestFiles.isCI, "mounting a disk needs root"))
    func `a disk that is really full refuses calls, loses nothing, and is used again`() async throws
    {
        let place = try makeFolder()
        defer { removeFolder(place) }
        let mounted = unsafe mount("tmpfs", place, "tmpfs", 0, "size=5m")
        try #require(mounted == 0, "no disk can be mounted here")
        defer { _ = unsafe umount2(place, Int32(MNT_DETACH)) }
        let test = try TestLog(at: place)
        try test.create()
        let log = try test.open()
        var told: [Receipt] = []
        var open: Receipt?
        while log.status.refusing == nil {
            do {
                let intent = try await log.append(try Draft.intent(1, payload: 30_000))
                told.append(intent)
                open = intent
                told.append(try await log.append(try Draft.outcome(of: intent, 1, payload: 30_000)))
                open = nil
            } catch let error as LedgerRefusal where error.code == "audit.busy" {
                try await Task.sleep(for: .milliseconds(10))
            } catch let error as LedgerRefusal
                where ["audit.full", "audit.payload"].contains(error.code)
            { break }
            try #require(told.count < 1000)
        }
        // A call whose payload does not fit is closed without it.
        if let open { _ = try await log.append(try Draft.outcome(of: open, 1)) }
        #expect(log.status.openIntents == 0)
        try await waitFor { log.status.refusing == "audit.full" }
        _ = unsafe mount("tmpfs", place, "tmpfs", UInt(MS_REMOUNT), "size=20m")
        try await waitFor { log.status.refusing == nil }
        _ = try await log.append(try Draft.intent(1))
        log.close()
        for receipt in told {
            #expect(
                try test.reader.show("\(receipt.index)").first?.leaf.hash == receipt.leafHash)
        }
        #expect(try test.verify().faults == [])
    }

    @Test func `an error of the flush ends the process with 74`() async throws {
        await #expect(processExitsWith: .exitCode(74)) {
            let disk = Disk()
            let test = try TestLog { $0.disk = disk.calls }
            try test.create()
            let log = try test.open()
            disk.flushError.store(EIO, ordering: .relaxed)
            _ = try await log.append(try Draft.intent(1))
        }
    }

    @Test func `an error of a write to a preallocated segment ends the process with 74`()
        async throws
    {
        await #expect(processExitsWith: .exitCode(74)) {
            let disk = Disk()
            let test = try TestLog { $0.disk = disk.calls }
            try test.create()
            let log = try test.open()
            disk.pretendFull.store(true, ordering: .relaxed)
            _ = try await log.append(try Draft.intent(1))
        }
    }

    @Test func `a payload that cannot be packed withholds the result but not its record`()
        async throws
    {
        let disk = Disk()
        let test = try TestLog { $0.disk = disk.calls }
        try test.create()
        let log = try test.open()
        let intent = try await log.append(try Draft.intent(1))
        _ = unsafe rmdir(test.configuration.payloads)
        let file = try FileDescriptor(test.configuration.payloads, O_WRONLY | O_CREAT)
        #expect(file.number >= 0)  // A file in place of the folder prevents packing.
        await #expect(throws: LedgerRefusal(code: "audit.payload", detail: "")) {
            try await log.append(try Draft.outcome(of: intent, 1, payload: 100_000))
        }
        var withheld = try Draft.outcome(of: intent, 1)
        withheld.fields["st"] = "withheld"
        _ = try await log.append(withheld)
        #expect(log.status.openIntents == 0)
        log.close()
    }
}
