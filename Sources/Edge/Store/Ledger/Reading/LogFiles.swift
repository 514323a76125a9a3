import Glibc
import InterlockLedger
import InterlockModel

/// The published files of a C2SP log, for readers: `checkpoint`, `tile/<L>/...`, `tile/entries/...`.
struct LogFiles: Sendable {
    let folder: String

    /// More than the largest bundle: 256 entries of 65,535 bytes.
    static let maximumFileBytes = TilePath.fullWidth * (Leaf.maximumReadableBytes + 2)

    /// Returns the signed note, or nil if it does not exist. Reads one byte more than the limit, so that an oversized
    /// note is rejected instead of truncated.
    func checkpoint() throws(SystemError) -> [UInt8]? {
        try Folder.contents(folder + "/checkpoint", limit: SignedNote.maximumBytes + 1)
    }

    /// Returns the size in the checkpoint, or nil if there is no checkpoint. The signature is not checked.
    func size() throws(LedgerFailure) -> UInt64? { try head()?.size }

    /// Returns the content of the checkpoint, or nil if it does not exist. The signature is not checked.
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

    /// Returns the content of a file, as the fetch function of `TileReader` and similar types.
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

    /// Returns the leaf hashes of an entry bundle from its tile, unchecked, or nil if the tile is missing.
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
        /// The index of the first entry.
        let first: UInt64
        let entries: [ArraySlice<UInt8>]

        /// The entry at this index, or nil if it is not in this bundle.
        subscript(index: UInt64) -> ArraySlice<UInt8>? {
            guard index >= first, index - first < UInt64(entries.count) else { return nil }
            return entries[Int(index - first)]
        }
    }

    /// Returns the entries of the bundle that holds `index` in a log of this size. If the partial bundle was deleted
    /// because the full one exists, reads the full one.
    /// - Returns: nil if there is no such file.
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
