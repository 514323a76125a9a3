import Glibc
import InterlockModel
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockCluster
@testable import InterlockStore

/// The copy of a cluster's chain on disk. It judges no link and no digest, so the entries of these tests have none.
@Suite final class ChainFileTests {
    private let folder: String

    init() throws { folder = try makeFolder() }

    deinit { removeFolder(folder) }

    private static func row(_ number: Int64, bytes: Int = 40) -> StoredEntry {
        StoredEntry(
            number: number, previous: Digest(words: (0, 0, 0, UInt64(number))),
            digest: Digest(words: (0, 0, 0, UInt64(number) + 1)), kind: "end",
            subject: "x\(number)",
            body: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: bytes), node: "gw1")
    }

    private static func rows(_ numbers: Range<Int64>, bytes: Int = 40) -> [StoredEntry] {
        numbers.map { row($0, bytes: bytes) }
    }

    private func withCopy(
        _ disk: DiskOperations = .system, _ body: (ChainFile) async throws -> Void
    ) async throws {
        let copy = try ChainFile(folder: folder + "/control", disk: disk)
        defer { copy.close() }
        try await body(copy)
    }

    private var path: String { folder + "/control/chain" }

    @Test func `entries and incarnation are there after the process is gone`() async throws {
        try await withCopy { copy in
            #expect(try await copy.entries(after: -1) == [] && copy.incarnation == nil)
            try await copy.append(Self.rows(0..<3))
            try await copy.append([Self.row(3)])
            try await copy.begin(try #require(Incarnation(7)))
            let gap: ChainCopyFailure? = await thrown { try await copy.append([Self.row(5)]) }
            #expect(gap != nil)
        }
        try await withCopy { copy in
            #expect(try await copy.entries(after: -1) == Self.rows(0..<4))
            #expect(try await copy.entries(after: 2) == [Self.row(3)])
            #expect(try await copy.entries(after: 3) == [] && copy.incarnation?.number == 7)
            #expect(try await copy.entries(after: 900) == [])
            #expect(await copy.digest(of: 2) == Self.row(2).digest)
            try await copy.append([Self.row(4)])
            #expect(try await copy.entries(after: 3) == [Self.row(4)])
        }
    }

    @Test func `a page ends at about four mebibytes`() async throws {
        try await withCopy { copy in
            try await copy.append(Self.rows(0..<6, bytes: 900_000))
            #expect(try await copy.entries(after: -1).map(\.number) == [0, 1, 2, 3])
            #expect(try await copy.entries(after: 3).map(\.number) == [4, 5])
        }
    }

    @Test func `a torn end is cut, and an edited line is damage`() async throws {
        try await withCopy { try await $0.append(Self.rows(0..<3)) }
        let whole = try #require(TestFiles.read(path))
        func put(_ bytes: [UInt8]) throws {
            try FileDescriptor(path, O_WRONLY | O_TRUNC).write(bytes, at: 0)
        }
        // A line without its end, and one with a hole.
        var hole = whole + whole.suffix(60)
        hole[whole.count - 30] = 0
        for (torn, count) in [
            (Array(whole.dropLast()), 2), (whole + whole.prefix(9), 3), (hole, 2),
        ] {
            try put(torn)
            try await withCopy { copy in
                #expect(try await copy.entries(after: -1).count == count)
                try await copy.append(Self.rows(Int64(count)..<4))
            }
            try await withCopy { copy in
                let rows = try await copy.entries(after: -1)
                #expect(rows == Self.rows(0..<4))
            }
        }
        var edited = whole
        let second = try #require(whole.firstIndex(of: UInt8(ascii: "\n"))) + 1
        edited[second] = UInt8(ascii: "[")
        try put(edited)
        try await withCopy { copy in
            let rows = try await copy.entries(after: -1)
            #expect(rows == [Self.row(0)])
            let failure: ChainCopyFailure? = await thrown {
                _ = try await copy.entries(after: 0)
            }
            #expect(failure == .damaged(1))
        }
    }

    @Test func `what a failed write left is not there, and a failed flush ends the copy`()
        async throws
    {
        let fails = Atomic(0)
        var disk = DiskOperations.system
        disk.write = { file, bytes, offset in
            guard fails.load(ordering: .relaxed) == 1 else {
                return DiskOperations.system.write(file, bytes, offset)
            }
            _ = DiskOperations.system.write(file, bytes.dropLast(5), offset)
            return ENOSPC
        }
        disk.flush = { file in
            fails.load(ordering: .relaxed) == 2 ? EIO : DiskOperations.system.flush(file)
        }
        try await withCopy(disk) { copy in
            try await copy.append(Self.rows(0..<2))
            fails.store(1, ordering: .relaxed)
            let full: ChainCopyFailure? = await thrown {
                try await copy.append(Self.rows(2..<9))
            }
            #expect(full != nil)
            #expect(try await copy.entries(after: -1).count == 2)
            fails.store(0, ordering: .relaxed)
            try await copy.append([Self.row(2)])
            fails.store(2, ordering: .relaxed)
            let lost: ChainCopyFailure? = await thrown { try await copy.append([Self.row(3)]) }
            #expect(lost != nil)
            fails.store(0, ordering: .relaxed)
            let again: ChainCopyFailure? = await thrown { try await copy.append([Self.row(3)]) }
            #expect(again != nil, "what is durable is not known")
        }
    }

    @Test func `a loss of power leaves all that was acknowledged, and whole entries`() async throws
    {
        let random = SeededGenerator.announced()
        let disk = PowerLossDisk(folder, random)
        let acknowledged = Atomic(0)
        let pictures = Atomic(0)
        try disk.onEachCall { _, picture in
            let least = acknowledged.load(ordering: .relaxed)
            let place = try makeFolder(inMemory: true)
            defer { removeFolder(place) }
            try picture(place)
            let copy = try ChainFile(folder: place + "/control")
            defer { copy.close() }
            let rows = try copy.page(after: -1)
            #expect(rows == Self.rows(0..<Int64(rows.count), bytes: 500))
            #expect(rows.count >= least)
            pictures.add(1, ordering: .relaxed)
        }
        try await withCopy(disk.calls) { copy in
            for start in stride(from: Int64(0), to: 24, by: 4) {
                try await copy.append(Self.rows(start..<start + 4, bytes: 500))
                acknowledged.store(Int(start) + 4, ordering: .relaxed)
            }
        }
        try disk.onEachCall(nil)
        #expect(pictures.load(ordering: .relaxed) >= 12)
    }
}
