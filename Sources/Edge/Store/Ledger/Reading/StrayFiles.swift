import Glibc
import InterlockLedger

/// Files beyond the checkpoint: a crash occurred between tiles and checkpoint, or an older checkpoint was restored.
struct StrayFiles {
    private var beyond = Kind()
    private var foreign = Kind()
    private let files: LogFiles
    private let size: UInt64

    private struct Kind {
        var count = 0
        var first = ""

        mutating func note(_ path: String) {
            if count == 0 { first = path }
            count += 1
        }
    }

    /// The greatest depth of folders below `tile/<L>/`: index groups and `.p`.
    private static let maximumDepth = 8

    init(_ files: LogFiles, size: UInt64) throws(SystemError) {
        self.files = files
        self.size = size
        guard Folder.exists(files.folder + "/tile") else { return }
        for level in try Folder.names(files.folder + "/tile") {
            try look(into: "tile/\(level)", depth: 0)
        }
    }

    /// One sentence for each kind of stray file found.
    var warnings: [String] {
        var warnings: [String] = []
        if beyond.count > 0 {
            warnings.append(
                "\(beyond.count) files lie beyond the checkpoint, such as `\(beyond.first)`: "
                    + "a crash came before it, or an older one was put back")
        }
        if foreign.count > 0 {
            warnings.append(
                "\(foreign.count) files are none of a log, such as `\(foreign.first)`")
        }
        return warnings
    }

    private mutating func look(into place: String, depth: Int) throws(SystemError) {
        let names: [String]
        do throws(SystemError) { names = try Folder.names("\(files.folder)/\(place)") } catch {
            switch error.code {
            case ENOTDIR: return foreign.note(place)
            // Deleted after the folder was listed.
            case ENOENT: return
            default: throw error
            }
        }
        for name in names {
            let path = "\(place)/\(name)"
            if let tile = TilePath(path) {
                let count = size >> UInt64(8 * (tile.level ?? 0))
                if tile.level ?? 0 > 7 || tile.end > count { beyond.note(path) }
            } else if depth < Self.maximumDepth, name.hasPrefix("x") || name.hasSuffix(".p") {
                try look(into: path, depth: depth + 1)
            } else {
                foreign.note(path)
            }
        }
    }
}
