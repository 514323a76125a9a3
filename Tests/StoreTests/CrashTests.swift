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

/// `kill -9` under load, in a process of its own; afterwards the log is compared with the receipts that callers had
/// received.
@Suite(.serialized) struct CrashTests {
    private static let variable = "INTERLOCK_CRASH_FOLDER"

    private static var folder: String? {
        unsafe getenv(variable).map { unsafe String(cString: $0) }
    }

    @Test func `after kill -9 under load every promise holds, three times over`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        try TestLog(at: folder).create()
        unsafe setenv(Self.variable, folder, 1)
        for _ in 0..<3 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                try await loadUntilKilled(try #require(Self.folder))
            }
            try check(folder)
        }
    }

    /// Acknowledged records are in the log at their index; the next start closes open calls.
    private func check(_ folder: String) throws {
        let test = try TestLog(at: folder)
        let told = try #require(try Folder.contents(folder + "/told", limit: 1 << 24))
        let lines = String(decoding: told, as: UTF8.self).split(separator: "\n")
        #expect(lines.count > 200)
        var hashes: [UInt64: String] = [:]
        try test.reader.scan { entry in
            hashes[entry.index] = entry.leaf.hash.hex
            return true
        }
        for line in lines {
            let parts = line.split(separator: " ")
            // The last line may be cut off by the kill.
            guard parts.count == 2, let index = UInt64(parts[0]), parts[1].count == 64 else {
                continue
            }
            #expect(hashes[index] == String(parts[1]), "record \(index) was told and is not there")
        }
        try test.open().close()
        let report = try test.verify()
        #expect(report.faults == [])
        #expect(report.openIntents == 0)
    }
}

private let callsEnded = Atomic(0)

private func loadUntilKilled(_ folder: String) async throws {
    let test = try TestLog(at: folder)
    let log = try test.open()
    let told = try FileDescriptor(folder + "/told", O_WRONLY | O_CREAT | O_APPEND)
    // A refusal ends the process with its reason, which is not the signal that the test waits for.
    try await withThrowingTaskGroup(of: Void.self) { group in
        for caller in 0..<16 {
            group.addTask {
                while true {
                    let intent = try await appended(
                        try Draft.intent(caller, payload: 900), to: log)
                    tell(intent, told)
                    let end = try await appended(
                        try Draft.outcome(of: intent, caller, payload: 400), to: log)
                    tell(end, told)
                    // The bits of a leaf hash are as good as random.
                    if callsEnded.add(1, ordering: .relaxed).newValue > 150,
                        end.leafHash.words.0 % 64 == 0
                    {
                        kill(getpid(), SIGKILL)
                    }
                }
            }
        }
        try await group.waitForAll()
    }
}

/// Appends a record, again as long as the log is busy: on a slow disk the next segment is not always ready.
private func appended(_ draft: RecordDraft, to log: WriteAheadLog) async throws -> Receipt {
    while true {
        do {
            return try await log.append(draft)
        } catch {
            guard error.code == "audit.busy" else { throw error }
        }
        try await Task.sleep(for: .milliseconds(1))
    }
}

private func tell(_ receipt: Receipt, _ file: FileDescriptor) {
    let line = Array("\(receipt.index) \(receipt.leafHash.hex)\n".utf8)
    _ = unsafe line.withUnsafeBytes { unsafe write(file.number, $0.baseAddress, $0.count) }
}
