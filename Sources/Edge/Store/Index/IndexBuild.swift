import Glibc
import InterlockLedger
package import InterlockModel
import InterlockPorts

/// An index that is being filled from a log.
package struct IndexBuild {
    package let index: LogIndex
    private let file: FileIdentity?
    /// The positions in the log's segments up to which frames were read.
    private var marks: FrameTail.FramePositions = [:]

    /// The number of rows per transaction: large enough that most pages of a full index are hit more than once.
    private static let batch: UInt64 = 8192

    package init(
        _ path: String, origin: String, hashing: any Hashing,
        partRows: UInt64 = IndexParts.smallest
    ) throws(IndexFailure) {
        index = try LogIndex(
            writing: path, origin: origin, hashing: hashing, partRows: partRows)
        file = FileIdentity(path)
    }

    /// Opens the index of a running log. An existing index is continued if its root is the log's root at the same size;
    /// otherwise it is replaced.
    static func opened(_ setup: IndexMaintainer.Setup) throws -> IndexBuild {
        let origin = setup.keys.first?.name ?? ""
        let hashing = setup.reader.hashing
        let found = try IndexBuild(setup.path, origin: origin, hashing: hashing)
        guard found.index.size > 0 else { return found }
        if try isOfLog(found.index, setup) { return found }
        LogIndex.remove(setup.path)
        return try IndexBuild(setup.path, origin: origin, hashing: hashing)
    }

    private static func isOfLog(
        _ index: LogIndex, _ setup: IndexMaintainer.Setup
    ) throws(LedgerFailure) -> Bool {
        guard index.size <= setup.durable().size else { return false }
        do throws(LedgerFailure) {
            var prover = try setup.reader.prover(
                .atLeast(index.size), keys: setup.keys, verifier: setup.verifier)
            return try prover.root(at: index.size) == index.root
        } catch {
            // No checkpoint covers that size: the log was set back.
            guard error.code == .missing else { throw error }
            return false
        }
    }

    /// Returns true if the file at `path` is still the one that is being filled.
    func isCurrent(at path: String) -> Bool { file != nil && FileIdentity(path) == file }

    /// Adds the records up to `size`, in order; a new index begins at the oldest kept record.
    /// - Parameter goOn: called after each transaction with the size of the index; returning false stops the filling.
    package mutating func fill(
        from reader: LedgerReader, to size: UInt64, goOn: (UInt64) -> Bool
    ) throws {
        guard index.size < size || !index.isWhole else { return }
        if index.size == 0, size > 0 { index.begin(behind: try reader.pruned()) }
        while index.size < size {
            let end = min(size, index.size + Self.batch)
            try take(from: reader, to: end)
            // A reader that finds less than is durable lags behind; the next round continues.
            guard goOn(index.size), index.size == end else { return }
        }
        try index.complete()
        _ = goOn(index.size)
    }

    private mutating func take(from reader: LedgerReader, to end: UInt64) throws {
        do {
            try index.append { add throws(LedgerFailure) in
                try reader.scan(from: index.size, marks: &marks) { entry in
                    entry.index < end && add(entry) && entry.index + 1 < end
                }
            }
        } catch let error as LedgerFailure {
            guard error.code == .missing, try index.size < reader.first() else { throw error }
            throw IndexFailure("the log was pruned beyond the end of the index")
        }
    }
}

/// Distinguishes a file from another that was put in its place.
private struct FileIdentity: Equatable {
    let device: dev_t
    let number: ino_t

    init?(_ path: String) {
        var info = stat()
        guard unsafe stat(path, &info) == 0 else { return nil }
        device = info.st_dev
        number = info.st_ino
    }
}
