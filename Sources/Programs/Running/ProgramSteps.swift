import InterlockPolicy
import InterlockSandbox

/// The first word of a command inside, and the paths of the host that it needs to be there (docs/specs/sandbox.md,
/// section 4).
struct ProgramSteps {
    /// The first word, with links resolved if it is found outside of what every sandbox shows.
    let word: String
    /// The paths that are readable for it, without links at any component.
    let reads: [String]

    /// The longest chain of links that is followed.
    private static let mostLinks = 8

    /// - Parameters:
    ///   - path: the PATH inside.
    ///   - caller: a variable of the supervisor's environment; its PATH is searched for a name that none of the folders
    ///     inside has.
    init(
        of word: String, path inside: String, _ tree: HostTree, _ caller: (String) -> String?
    ) throws(RunRefusal) {
        let path: String
        if word.utf8.contains(UInt8(ascii: "/")) {
            // A relative path leads into the workspace.
            guard word.hasPrefix("/") else {
                (self.word, reads) = (word, [])
                return
            }
            path = word
        } else {
            let isInside = Self.first(word, in: inside, tree) != nil
            guard !isInside, let other = Self.first(word, in: caller("PATH") ?? "", tree) else {
                (self.word, reads) = (word, [])
                return
            }
            path = other
        }
        guard !Self.isShown(path) else {
            (self.word, reads) = (path, [])
            return
        }
        // A virtual environment is found by the path of its program, which may be a link to the host's.
        if let environment = Self.environment(of: path, tree) {
            (self.word, reads) = (path, [environment])
            return
        }
        let file = try Self.resolved(path, tree)
        self.word = file
        reads = Self.isShown(file) ? [] : [file]
    }

    /// Returns the first of the folders' entries with this name.
    private static func first(_ word: String, in path: String, _ tree: HostTree) -> String? {
        for folder in path.split(separator: ":") where folder.hasPrefix("/") {
            let found = "\(folder)/\(word)"
            if tree.kind(found) != nil { return found }
        }
        return nil
    }

    private static func isShown(_ path: String) -> Bool {
        ["/usr", "/bin", "/sbin"].contains { PathRelation.isWithin(path, $0) }
    }

    private static func environment(of path: String, _ tree: HostTree) -> String? {
        let root = "/" + path.split(separator: "/").dropLast(2).joined(separator: "/")
        guard root != "/", tree.isPlain(root), tree.kind(root + "/pyvenv.cfg") == .file else {
            return nil
        }
        return root
    }

    /// Follows links in the last component; one in another component is refused when the path is used.
    private static func resolved(_ path: String, _ tree: HostTree) throws(RunRefusal) -> String {
        var path = path
        for _ in 0..<mostLinks {
            guard case .link(let text) = tree.kind(path) else { return path }
            let folder = path.split(separator: "/").dropLast().map(String.init)
            var parts = text.hasPrefix("/") ? [] : folder
            for part in text.split(separator: "/") where part != "." {
                if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
            }
            path = "/" + parts.joined(separator: "/")
        }
        throw RunRefusal(RunExit.notFound, "not-found", "`\(path)` leads through too many links")
    }
}
