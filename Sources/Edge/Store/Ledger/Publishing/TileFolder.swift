import InterlockLedger
import InterlockModel

/// `state/ledger/log`: the files of a C2SP log, and nothing else.
struct TileFolder: Sendable {
    let folder: String

    /// More than any bundle: 256 entries of 65,535 bytes.
    static let maximumFileBytes = 256 * (65_535 + 2)

    func path(_ file: TilePath) -> String { "\(folder)/\(file)" }

    /// The content of a file. In place of an open bundle that was deleted, since the full one exists,
    /// the beginning of that.
    func fetch(_ path: TilePath) throws(TileFault) -> [UInt8] {
        if let bytes = try contents(path) { return bytes }
        guard path.level == nil, path.isPartial, let full = try contents(path.full),
            let entries = EntryBundle.decode(full, count: TilePath.fullWidth)
        else { throw .missing(path) }
        return EntryBundle.encode(entries.prefix(path.width).map(Array.init))
    }

    /// The number of the first full bundle that was not pruned; bundles go from the first one on.
    func firstBundle(of size: UInt64) -> UInt64 {
        var low: UInt64 = 0
        var high = size / TilePath.span
        while low < high {
            let middle = (low + high) / 2
            let path = TilePath(level: nil, index: middle).map { self.path($0) } ?? ""
            if Folder.exists(path) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private func contents(_ path: TilePath) throws(TileFault) -> [UInt8]? {
        do {
            return try Folder.contents(self.path(path), limit: Self.maximumFileBytes)
        } catch {
            // An open tile's folder `NNN.p` beside a full tile `NNN`, or the other way round.
            throw .unreadable(path, error.description)
        }
    }
}
