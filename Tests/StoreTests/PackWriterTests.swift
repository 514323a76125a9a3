import Glibc
import InterlockLedger
import InterlockModel
import Synchronization
import Testing

@testable import InterlockStore

/// A blob that is already stored is not stored again, and counts only once it is durable.
@Suite final class PackWriterTests {
    private let folder: String
    private let day: CivilDate

    init() throws {
        folder = try makeFolder()
        day = try #require(CivilDate("2026-11-21"))
        try Folder.make(folder + "/payloads")
    }

    deinit { removeFolder(folder) }

    private func writer(flushed: Flushed = Flushed()) -> PackWriter {
        var configuration = LedgerConfiguration(
            directory: folder + "/ledger", payloads: folder + "/payloads",
            guardFile: folder + "/guard", origin: "example/log", node: "n",
            build: { TestLog.hashing.sha256([1]) }, bootID: "b")
        configuration.disk.flush = { file in
            flushed.count.add(1, ordering: .relaxed)
            return DiskOperations.system.flush(file)
        }
        return PackWriter(configuration, TestLog.hashing)
    }

    private final class Flushed: Sendable {
        let count = Atomic(0)
    }

    private func blob(_ byte: UInt8) -> StoredBlob {
        let bytes = [UInt8](repeating: byte, count: 100)
        return StoredBlob(digest: TestLog.hashing.sha256(bytes), bytes: bytes[...])
    }

    private func size(_ number: Int) throws -> Int? {
        try Folder.contents(
            "\(folder)/payloads/\(day.text)/00000\(number).pack", limit: 1 << 20)?.count
    }

    @Test func `after an error nothing is written twice`() throws {
        let packs = writer()
        defer { packs.close() }
        try packs.store([PackPiece(blob(1)), PackPiece(blob(2))], day: day)
        packs.reopen()
        try packs.store([PackPiece(blob(2)), PackPiece(blob(3))], day: day)
        #expect(try size(1) == 3 * (100 + BlobPack.overhead))
    }

    @Test func `what an unfinished pack holds is durable before it counts`() throws {
        let first = writer()
        try first.store([PackPiece(blob(1))], day: day)
        first.close()
        let path = "\(folder)/payloads/\(day.text)/000001.pack"
        let file = try FileDescriptor(path, O_RDWR)
        try file.write([9, 9, 9], at: try file.size())
        let flushed = Flushed()
        let packs = writer(flushed: flushed)
        defer { packs.close() }
        try packs.store([PackPiece(blob(1)), PackPiece(blob(2))], day: day)
        #expect(flushed.count.load(ordering: .relaxed) == 2, "the old pack and the new one")
        #expect(try size(2) == 100 + BlobPack.overhead)
    }
}
