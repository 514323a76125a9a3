import Glibc
package import InterlockCluster
import Synchronization

/// `state/control/`: the copy of the cluster's chain on a node, in the file `chain`, one line for each entry from the
/// first on; and `incarnation`, the number of the newest incarnation of the node.
///
/// Lines are appended in one write and flushed before `append` returns. A write that was torn leaves zeros, which no line
/// has, or a line without its end: all from that line on is cut when the file is opened, and nothing has acted on it. A
/// line that is no entry was changed, which is found when it is read. Digests, links and signatures are for the reader.
/// One process has the folder open, which the lock of the ledger ensures.
package final class ChainFile: ChainCopy {
    private struct State {
        /// The end of each line in the file, in bytes.
        var ends: [Int] = []
        var incarnation: Incarnation?
        /// True after a flush that failed: what is durable is not known any more.
        var isBroken = false

        var size: Int { ends.last ?? 0 }
    }

    private static let chain = "chain"
    private static let number = "incarnation"
    private static let piece = 1 << 20
    private static let mostJobs = 256

    private let folder: String
    private let disk: DiskOperations
    private let file: FileDescriptor
    private let state: Mutex<State>
    private let thread: JobThread

    /// Opens the copy, or makes an empty one. Blocks while it reads the whole file.
    package init(
        folder: String, disk: DiskOperations = .system
    ) throws(ChainCopyFailure) {
        self.folder = folder
        self.disk = disk
        do throws(SystemError) {
            try Folder.make(folder)
            file = try FileDescriptor(folder + "/" + Self.chain, O_RDWR | O_CREAT)
            try Folder.flush(folder)
            var state = State()
            state.ends = try Self.lineEnds(of: file)
            try Self.cut(file, at: state.size)
            state.incarnation = try Self.incarnation(in: folder)
            self.state = Mutex(state)
        } catch { throw ChainCopyFailure(error) }
        thread = JobThread("chain-copy", limit: Self.mostJobs)
    }

    /// Ends the thread after the work that was submitted.
    package func close() { thread.close() }

    package var incarnation: Incarnation? { state.withLock { $0.incarnation } }

    package func begin(_ incarnation: Incarnation) async throws(ChainCopyFailure) {
        try await work { () throws(ChainCopyFailure) in
            do throws(SystemError) {
                try Folder.replace(
                    self.folder + "/" + Self.number, with: Array("\(incarnation)\n".utf8),
                    self.disk)
            } catch { throw ChainCopyFailure(error) }
            self.state.withLock { $0.incarnation = incarnation }
        }
    }

    package func entries(after number: Int64) async throws(ChainCopyFailure) -> [StoredEntry] {
        try await work { () throws(ChainCopyFailure) in try self.page(after: number) }
    }

    package func append(_ entries: [StoredEntry]) async throws(ChainCopyFailure) {
        try await work { () throws(ChainCopyFailure) in try self.write(entries) }
    }

    private func work<Value: Sendable>(
        _ job: @escaping @Sendable () throws(ChainCopyFailure) -> Value
    ) async throws(ChainCopyFailure) -> Value {
        try await thread.answer(
            busy: ChainCopyFailure.failed("the copy of the chain is closed"), job)
    }

    // MARK: Reading

    func page(after number: Int64) throws(ChainCopyFailure) -> [StoredEntry] {
        let ends = state.withLock { $0.ends }
        var entries: [StoredEntry] = []
        var bytes = 0
        guard number < Int64(ends.count) - 1 else { return [] }
        for place in (Int(max(number, -1)) + 1)..<ends.count {
            guard entries.count < PeerLimits.entries else { break }
            let entry: StoredEntry
            do throws(ChainCopyFailure) { entry = try read(place, ends) } catch {
                // Entries that can be read come first; the next call finds the damage.
                guard entries.isEmpty else { break }
                throw error
            }
            bytes += entry.body?.count ?? 0
            guard entries.isEmpty || bytes <= PeerLimits.entryBytes else { break }
            entries.append(entry)
        }
        return entries
    }

    /// Reads a line, and compares its number with its position.
    private func read(_ place: Int, _ ends: [Int]) throws(ChainCopyFailure) -> StoredEntry {
        let start = place == 0 ? 0 : ends[place - 1]
        let count = ends[place] - 1 - start
        guard count <= StoredEntry.longestLine else { throw .damaged(Int64(place)) }
        let line: [UInt8]
        do throws(SystemError) { line = try file.read(at: start, count: count) } catch {
            throw ChainCopyFailure(error)
        }
        guard let entry = try? StoredEntry(line: line), entry.number == place else {
            throw .damaged(Int64(place))
        }
        return entry
    }

    /// Returns the ends of the lines before the first zero.
    private static func lineEnds(of file: FileDescriptor) throws(SystemError) -> [Int] {
        var ends: [Int] = []
        var offset = 0
        while true {
            let bytes = try file.read(at: offset, count: piece)
            for (place, byte) in bytes.enumerated() {
                if byte == 0 { return ends }
                if byte == UInt8(ascii: "\n") { ends.append(offset + place + 1) }
            }
            offset += bytes.count
            if bytes.count < piece { return ends }
        }
    }

    private static func incarnation(in folder: String) throws(SystemError) -> Incarnation? {
        let path = folder + "/" + number
        guard let bytes = try Folder.contents(path, limit: 32) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasSuffix("\n"),
            let incarnation = Int64(text.dropLast()).flatMap({ Incarnation($0) })
        else { throw SystemError("read", path, code: EBADMSG) }
        return incarnation
    }

    // MARK: Writing

    /// Cuts what a crash left of a write: nothing has acted on it.
    private static func cut(_ file: FileDescriptor, at size: Int) throws(SystemError) {
        guard try file.size() > size else { return }
        guard ftruncate(file.number, off_t(size)) == 0 else {
            throw SystemError("ftruncate", file.path)
        }
        try file.flush()
    }

    private func write(_ entries: [StoredEntry]) throws(ChainCopyFailure) {
        let (count, size, isBroken) = state.withLock { ($0.ends.count, $0.size, $0.isBroken) }
        guard !isBroken else { throw .failed("the copy of the chain could not be flushed") }
        var bytes: [UInt8] = []
        var added: [Int] = []
        for entry in entries {
            guard entry.number == Int64(count + added.count), let line = try? entry.line() else {
                throw .failed("entry \(entry.number) does not follow the copy of the chain")
            }
            bytes += line
            bytes.append(UInt8(ascii: "\n"))
            added.append(size + bytes.count)
        }
        let written = disk.write(file.number, bytes[...], size)
        guard written == 0 else {
            // A later, shorter write must not leave a part of this one behind it.
            let isCut = ftruncate(file.number, off_t(size)) == 0
            if !isCut { state.withLock { $0.isBroken = true } }
            throw ChainCopyFailure(SystemError("write", file.path, code: written))
        }
        let flushed = disk.flush(file.number)
        guard flushed == 0 else {
            state.withLock { $0.isBroken = true }
            throw ChainCopyFailure(SystemError("fdatasync", file.path, code: flushed))
        }
        state.withLock { $0.ends += added }
    }
}

extension ChainCopyFailure {
    init(_ error: SystemError) { self = .failed(error.description) }
}
