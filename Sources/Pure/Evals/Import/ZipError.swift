/// The reason why a zip archive is refused. Names are those of entries, which the archive states.
package enum ZipError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The end record is not in the last 22 bytes: it is no archive, is cut off, or has a comment.
    case noEnd
    /// A form that is not read, such as zip64 or several disks.
    case form(String)
    case tooManyEntries(Int)
    /// The entries unpack to more than `ZipArchive.mostUnpacked` bytes.
    case tooLarge
    /// An entry unpacks to more than `ZipArchive.mostRatio` times its size.
    case ratio(String)
    /// A name that is not a path inside the archive.
    case name(String)
    case duplicate(String)
    case encrypted(String)
    /// A method of compression other than stored and deflate.
    case method(String, Int)
    /// Zstandard (method 93), which current versions of Inspect write.
    case zstandard(String)
    /// The header before the data and the directory disagree.
    case disagree(String)
    case overlap(String)
    /// The data do not unpack to the size and the checksum that the directory states.
    case damaged(String)

    package var description: String {
        switch self {
        case .noEnd: "no zip archive, or it is cut off"
        case .form(let what): "the archive has \(what)"
        case .tooManyEntries(let count):
            "the archive has \(count) entries, of at most \(ZipArchive.mostEntries)"
        case .tooLarge:
            "the archive unpacks to more than \(ZipArchive.mostUnpacked >> 20) MiB"
        case .ratio(let name):
            "entry `\(name)` unpacks to more than \(ZipArchive.mostRatio) times its size"
        case .name(let name): "entry `\(name)` is not a path inside the archive"
        case .duplicate(let name): "duplicate entry `\(name)`"
        case .encrypted(let name): "entry `\(name)` is encrypted"
        case .method(let name, let method):
            "entry `\(name)` is compressed by method \(method); expected stored or deflate"
        case .zstandard(let name): "entry `\(name)` is compressed by Zstandard"
        case .disagree(let name): "entry `\(name)`: its header and the directory disagree"
        case .overlap(let name): "entry `\(name)` overlaps another one"
        case .damaged(let name): "entry `\(name)` is damaged"
        }
    }
}
