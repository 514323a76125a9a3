/// Why a log's files do not give what its checkpoint promises.
package enum TileFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no such file.
    case missing(TilePath)
    /// It could not be read; the cause in words.
    case unreadable(TilePath, String)
    /// Too short, too long, or no bundle of so many entries.
    case malformed(TilePath)
    /// Its content is not what the tile above it says.
    case mismatch(TilePath)
    /// The tiles of the right edge do not make up the checkpoint's root.
    case wrongRoot(size: UInt64)
    /// Asked for what lies beyond the checkpoint.
    case outOfRange

    package var description: String {
        switch self {
        case .missing(let path): "`\(path)` is missing"
        case .unreadable(let path, let cause): "`\(path)` cannot be read: \(cause)"
        case .malformed(let path): "`\(path)` is malformed"
        case .mismatch(let path): "`\(path)` does not fit the rest of the tree: it was changed"
        case .wrongRoot(let size): "the tiles do not give the checkpoint's root of size \(size)"
        case .outOfRange: "it lies beyond the checkpoint"
        }
    }
}
