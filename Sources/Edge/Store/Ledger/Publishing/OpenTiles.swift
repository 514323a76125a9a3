import Glibc
import InterlockLedger
import InterlockModel

/// Deletes partial tiles an hour after the full tile exists (docs/specs/ledger.md, section 7), so that a reader that
/// started at an earlier checkpoint can finish and the folder does not fill up.
struct OpenTiles: Sendable {
    private let folder: TileFolder
    /// Folders `NNN.p`, oldest first.
    private var waiting: [(since: BootTime, folder: String)] = []

    static let kept: Duration = .seconds(3600)

    /// Finds the partial tiles that an earlier process left next to the newest full tiles.
    init(_ folder: TileFolder, size: UInt64, now: BootTime) {
        self.folder = folder
        for level in [nil] + (0...7).map(Optional.init) {
            guard let last = TilePath(last: level, of: size >> UInt64(8 * (level ?? 0))) else {
                continue
            }
            let place = Folder.parent(folder.path(last.full))
            for name in (try? Folder.names(place)) ?? [] where name.hasSuffix(".p") {
                let full = "\(place)/\(name.dropLast(2))"
                if Folder.exists(full) { waiting.append((now, full + ".p")) }
            }
        }
    }

    /// - Parameter files: the files that were just written.
    mutating func note(_ files: [TileFile], now: BootTime) {
        for file in files where !file.path.isPartial {
            waiting.append((now, folder.path(file.path) + ".p"))
        }
    }

    /// Deletes the partial tiles that are old enough. Errors are ignored: the next start finds what is left.
    mutating func deleteOld(now: BootTime) {
        let old = waiting.prefix { now - $0.since >= Self.kept }
        for (_, place) in old {
            for name in (try? Folder.names(place)) ?? [] { try? Folder.remove("\(place)/\(name)") }
            _ = unsafe rmdir(place)
        }
        waiting.removeFirst(old.count)
    }
}
