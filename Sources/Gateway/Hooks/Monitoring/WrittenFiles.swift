import InterlockHooks
import InterlockJSON
import InterlockModel
import InterlockWorkspace

/// The files that one call may write.
enum WriteClaim: Sendable, Hashable {
    case nothing
    /// The digest of one file's path in the workspace, relative to it and escaped.
    case file(Digest)
    /// A shell command, an unknown tool, or a write whose file is not known.
    case anything

    /// The directory of the workspace inside a run, below the root.
    private static let workspace = Array("workspace".utf8)
    private static let slash = UInt8(ascii: "/")
    /// The arguments that hosts name a file by.
    private static let names = ["file_path", "notebook_path", "path"]

    init(_ event: HookEvent, _ hashing: any Hashing) {
        guard let tool = event.tool else {
            self = .nothing
            return
        }
        switch tool.name {
        case .read, .search, .fetch, .agent, .mcp: self = .nothing
        case .shell, .other: self = .anything
        case .write, .edit:
            let named = Self.names.compactMap { tool.arguments[$0]?.string }.first
            self = named.map { Self.claim($0, in: event.workingDirectory, hashing) } ?? .anything
        }
    }

    private static func claim(
        _ text: String, in directory: String?, _ hashing: any Hashing
    ) -> WriteClaim {
        var bytes = Array(text.utf8)
        if bytes.first != slash {
            guard let directory else { return .anything }
            bytes = Array(directory.utf8) + [slash] + bytes
        }
        // A path with `..` may lead anywhere.
        guard let path = WorkspacePath(bytes.drop { $0 == slash }) else { return .anything }
        guard let first = path.bytes.firstIndex(of: slash),
            path.bytes[..<first].elementsEqual(workspace),
            let inside = WorkspacePath(path.bytes[(first + 1)...])
        else { return .nothing }
        return .file(hashing.sha256(Array(inside.escaped.utf8)))
    }
}

/// The files that the recorded calls of a run may have written.
struct WrittenFiles: Sendable {
    /// The most files; a run with more explains every change.
    static let most = 4096

    private var files: Set<Digest> = []
    private var explainsAll = false

    mutating func note(_ claim: WriteClaim) {
        switch claim {
        case .nothing: break
        case .file(let file) where files.count < Self.most: files.insert(file)
        case .file, .anything: explainsAll = true
        }
    }

    /// Returns the changes that no call explains.
    func unexplained(_ changes: [String], _ hashing: any Hashing) -> [String] {
        guard !explainsAll else { return [] }
        return changes.filter { !files.contains(hashing.sha256(Array($0.utf8))) }
    }
}
