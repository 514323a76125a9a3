import Glibc
import InterlockLedger
import InterlockModel

/// The folder of a C2SP log as a reader sees it: `checkpoint`, `tile/<L>/...`, `tile/entries/...`.
struct LogFiles: Sendable {
    let folder: String

    /// More than a bundle can be: 256 entries of 65,535 bytes.
    static let maximumFileBytes = TilePath.fullWidth * (Leaf.maximumReadableBytes + 2)

    /// The signed note; nil when there is none. One byte above the limit is read, so that a note that
    /// is too large is refused rather than cut.
    func checkpoint() throws(SystemError) -> [UInt8]? {
        try Folder.contents(folder + "/checkpoint", limit: SignedNote.maximumBytes + 1)
    }

    /// The size that the checkpoint says; its signature is not checked. nil when there is none.
    func size() throws(LedgerFailure) -> UInt64? { try head()?.size }

    /// What the checkpoint says; its signature is not checked. nil when there is none.
    func head() throws(LedgerFailure) -> Checkpoint? {
        do {
            guard let bytes = try checkpoint() else { return nil }
            return try Checkpoint(unverified: bytes)
        } catch let error as SystemError {
            throw LedgerFailure(error)
        } catch {
            throw LedgerFailure(.damaged, "`\(folder)/checkpoint` is no checkpoint")
        }
    }

    /// The content of a file, for `TileReader` and its like.
    func fetch(_ path: TilePath) throws(TileFault) -> [UInt8] {
        do throws(SystemError) {
            let file = try FileDescriptor("\(folder)/\(path)", O_RDONLY)
            let size = try file.size()
            guard size <= Self.maximumFileBytes else {
                throw SystemError("read", file.path, code: EFBIG)
            }
            return try file.read(at: 0, count: size)
        } catch {
            switch error.code {
            case ENOENT, ENOTDIR: throw .missing(path)
            case EFBIG: throw .malformed(path)
            default: throw .unreadable(path, error.description)
            }
        }
    }

    /// The leaf hashes under an entry bundle, as its tile has them, unchecked; nil when that is missing.
    func leafHashes(of bundle: TilePath) -> [Digest]? {
        guard let tile = TilePath(level: 0, index: bundle.index, width: bundle.width) else {
            return nil
        }
        for found in tile.isPartial ? [tile, tile.full] : [tile] {
            if let bytes = try? fetch(found),
                let hashes = HashTile.decode(bytes, width: found.width)
            {
                return Array(hashes.prefix(tile.width))
            }
        }
        return nil
    }

    struct Bundle {
        /// Index of the first entry.
        let first: UInt64
        let entries: [ArraySlice<UInt8>]

        /// nil of an entry that is not in this bundle.
        subscript(index: UInt64) -> ArraySlice<UInt8>? {
            guard index >= first, index - first < UInt64(entries.count) else { return nil }
            return entries[Int(index - first)]
        }
    }

    /// The entries of the bundle that holds `index`, of a log of `size`. Where the partial bundle was
    /// deleted, since the full one exists, that one is read.
    /// - Returns: nil when there is no such file.
    func bundle(of index: UInt64, size: UInt64) throws(TileFault) -> Bundle? {
        guard let path = TilePath(bundleOf: index, size: size) else { return nil }
        for found in path.isPartial ? [path, path.full] : [path] {
            do throws(TileFault) {
                let bytes = try fetch(found)
                guard let entries = EntryBundle.decode(bytes, count: found.width) else {
                    throw .malformed(found)
                }
                return Bundle(first: path.start, entries: Array(entries.prefix(path.width)))
            } catch TileFault.missing {
                continue
            }
        }
        return nil
    }
}
