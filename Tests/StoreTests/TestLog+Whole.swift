import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockStore

extension TestLog {
    /// Reads every record and compares the published files with those derived from the records.
    /// - Parameter notes: signed checkpoints that the log must extend.
    /// - Returns: the leaf hashes of all durable records.
    @discardableResult
    func checkWhole(extending notes: [[UInt8]] = []) throws -> [Digest] {
        let tree = TreeHash(Self.hashing)
        var hashes: [Digest] = []
        var entries: [ArraySlice<UInt8>] = []
        try reader.scan { entry in
            hashes.append(entry.leaf.hash)
            entries.append(entry.leaf.bytes)
            return true
        }
        let head = try published()
        var writer = TileWriter(tree)
        var range = CompactRange()
        var files: [TileFile] = []
        var heads: [UInt64: [Checkpoint]] = [:]
        for note in notes {
            let old = try Checkpoint(signed: note, key: key, verifier: tools.verifier)
            heads[old.size, default: []].append(old)
        }
        for (place, entry) in entries.enumerated() {
            range.append(hashes[place], tree)
            let size = UInt64(place + 1)
            if size <= head.size { files += writer.append(entry, leafHash: hashes[place]) }
            for old in heads.removeValue(forKey: size) ?? [] {
                #expect(old.root == range.root(tree), "not an extension of size \(size)")
            }
            if size == head.size { #expect(range.root(tree) == head.root) }
        }
        #expect(heads.isEmpty, "the log ends at \(hashes.count)")
        let folder = LogFiles(folder: configuration.log)
        for file in files + writer.publish() {
            #expect(try folder.fetch(file.path) == file.bytes, "\(file.path)")
        }
        return hashes
    }

    func published() throws -> Checkpoint {
        let bytes = try #require(
            try Folder.contents(configuration.checkpointFile, limit: SignedNote.maximumBytes))
        return try Checkpoint(signed: bytes, key: key, verifier: tools.verifier)
    }

    /// A copy of the folder in its current state, as a killed process would leave it.
    func copy() throws -> TestLog {
        let place = try makeFolder()
        try copyFolder(folder, to: place)
        return try TestLog(at: place, isTemporary: true) { [configuration] in
            $0.segmentBytes = configuration.segmentBytes
            $0.reserveBytes = configuration.reserveBytes
        }
    }

    /// A closed log of `size` records, including the one with which every log begins.
    static func make(size: UInt64, segmentBytes: Int = 1 << 20) async throws -> TestLog {
        let test = try TestLog(segmentBytes: segmentBytes)
        try test.create()
        guard size > 1 else { return test }
        let log = try test.open()
        try await test.fill(log, to: size)
        log.close()
        return test
    }

    /// Adds records until the log has `size`; the last one is awaited.
    func fill(_ log: WriteAheadLog, to size: UInt64) async throws {
        while log.status.size + 1 < size {
            let missing = Int(size - 1 - log.status.size)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<min(missing, 2048) {
                    group.addTask { _ = try? await log.append(Self.event) }
                }
            }
        }
        if log.status.size < size { _ = try await log.append(Self.event) }
        #expect(log.status.size == size)
    }

    private static let event = RecordDraft(.clockStep, run: nil, fields: ["step": 1])
}

/// Copies a folder in which another thread may be working; files that it removes in the meantime are skipped.
func copyFolder(_ from: String, to: String) throws {
    for name in try Folder.names(from) {
        var info = stat()
        guard unsafe stat("\(from)/\(name)", &info) == 0 else {
            try #require(errno == ENOENT)
            continue
        }
        if info.st_mode & S_IFMT == S_IFDIR {
            try Folder.make("\(to)/\(name)")
            try copyFolder("\(from)/\(name)", to: "\(to)/\(name)")
        } else {
            guard let bytes = try Folder.contents("\(from)/\(name)", limit: Int(info.st_size))
            else { continue }
            let copy = try FileDescriptor("\(to)/\(name)", O_WRONLY | O_CREAT | O_TRUNC)
            try copy.write(bytes, at: 0)
        }
    }
}
