/// The reason why the files of a log contradict its checkpoint.
package enum TileFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file does not exist.
    case missing(TilePath)
    /// The file cannot be read, with the cause in words.
    case unreadable(TilePath, String)
    /// The file is too short or too long, or is not a bundle of that many entries.
    case malformed(TilePath)
    /// The content of the file does not match the tile above it.
    case mismatch(TilePath)
    /// The tiles of the right edge do not yield the checkpoint's root.
    case wrongRoot(size: UInt64)
    /// The requested position is beyond the checkpoint.
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
