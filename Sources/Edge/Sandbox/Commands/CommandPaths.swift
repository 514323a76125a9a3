import CLinux
import InterlockPorts

/// The paths that a program of the gateway's own may not see, and those that must stay readable below them, as arguments
/// of `interlock-launch`. The rest of the host is readable.
struct CommandPaths {
    enum Kind: String {
        case cover = "--cover"
        case readable = "--bind-ro"
    }

    private(set) var kinds: [String: Kind] = [:]

    init() {}

    /// - Parameters:
    ///   - kept: covered: state, secrets and tokens of the gateway itself. Each must exist: a path created later would
    ///     be visible.
    ///   - program: the command's first word; its Python environment stays readable. Nil for none.
    /// - Throws: an error if a path does not exist or is not absolute, or if the program is inside `kept`.
    init(kept: [String], program: String?) throws(LaunchFailure) {
        let covers = try kept.map(canonicalPath)
        for path in covers { add(.cover, path) }
        if let program { addProgram(program) }
        addNameServers()
        for (path, kind) in kinds where kind == .readable {
            guard let cover = covers.first(where: { PathRelation.isWithin(path, $0) }) else {
                continue
            }
            throw LaunchFailure(
                reason: "`\(path)` lies in `\(cover)`, which is the gateway's own: "
                    + "no program may read it")
        }
        openTheWay()
    }

    /// Adds a path. If a path is added twice, `cover` wins.
    mutating func add(_ kind: Kind, _ path: String) {
        if kinds[path] != .cover { kinds[path] = kind }
    }

    /// Makes readable what the command's first word needs, if a cover would hide it: the Python environment that
    /// contains it, or the file alone. A name without `/` is looked up in PATH inside the sandbox.
    private mutating func addProgram(_ program: String) {
        guard program.hasPrefix("/") else { return }
        let root = "/" + program.split(separator: "/").dropLast(2).joined(separator: "/")
        let needed = root != "/" && exists(root + "/pyvenv.cfg") ? root : program
        if let path = try? canonicalPath(needed), isHidden(path) { add(.readable, path) }
    }

    /// Makes the list of name servers readable, which on many machines is a link into a covered folder.
    mutating func addNameServers(_ list: String = "/etc/resolv.conf") {
        if let path = try? canonicalPath(list), isHidden(path) {
            add(.readable, path)
        }
    }

    private func isHidden(_ path: String) -> Bool {
        let covers = kinds.filter { $0.value == .cover }.map(\.key) + ["/tmp", "/var/tmp"]
        return covers.contains { path.hasPrefix($0 + "/") }
    }

    /// Makes bound paths reachable for root's children, which run as an unprivileged user and cannot enter a folder
    /// closed to others. Such a folder above a bound path is covered, so that it is open and contains only the bound
    /// path.
    private mutating func openTheWay() {
        guard geteuid() == 0 else { return }
        for (path, kind) in kinds where kind != .cover {
            if let closed = firstClosedFolder(above: path) { add(.cover, closed) }
        }
    }

    /// The arguments in a deterministic order, so that two launches of one program are equal.
    var arguments: [String] {
        kinds.sorted { $0.key < $1.key }.flatMap { [$0.value.rawValue, $0.key] }
    }

    private func firstClosedFolder(above path: String) -> String? {
        var folder = ""
        for component in path.split(separator: "/").dropLast() {
            folder += "/" + component
            if kinds[folder] != nil { continue }
            var status = stat()
            guard unsafe stat(folder, &status) == 0 else { return nil }
            if status.st_mode & 0o001 == 0 { return folder }
        }
        return nil
    }
}
