import InterlockLedger
import InterlockModel

/// `state/ledger/log`: the files of a C2SP log, and nothing else.
struct TileFolder: Sendable {
    let folder: String

    /// More than the largest bundle: 256 entries of 65,535 bytes.
    static let maximumFileBytes = 256 * (65_535 + 2)

    func path(_ file: TilePath) -> String { "\(folder)/\(file)" }

    /// Returns the content of a file. If a partial bundle was deleted because the full one exists, returns the
    /// beginning of the full one.
    func fetch(_ path: TilePath) throws(TileFault) -> [UInt8] {
        if let bytes = try contents(path) { return bytes }
        guard path.level == nil, path.isPartial, let full = try contents(path.full),
            let entries = EntryBundle.decode(full, count: TilePath.fullWidth)
        else { throw .missing(path) }
        return EntryBundle.encode(entries.prefix(path.width).map(Array.init))
    }

    /// Returns the number of the first full bundle that was not pruned; bundles are pruned from the first one on.
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
            // The error of a misplaced entry, for example a file where the folder `NNN.p` belongs.
            throw .unreadable(path, error.description)
        }
    }
}
