import CLinux

/// The paths a launch names, and the arguments of `interlock-launch` that stand for them.
struct SandboxPaths {
    enum Kind: String {
        case cover = "--cover"
        case readable = "--bind-ro"
        case writable = "--bind-rw"
    }

    private(set) var kinds: [String: Kind] = [:]
    /// Where the command starts.
    var directory = "/"

    /// Of two wishes for one path the one that lets less through stands, except that what is
    /// named writable is not made read-only again.
    mutating func add(_ kind: Kind, _ path: String) {
        switch (kinds[path], kind) {
        case (nil, _), (.readable, _): kinds[path] = kind
        case (.writable, .cover): kinds[path] = .cover
        case (.cover, _), (.writable, _): break
        }
    }

    /// What the command's first word needs in order to start, if a cover would take it away: the whole
    /// Python environment it belongs to, or the file alone. A name without `/` is looked up in PATH
    /// inside, among what is seen there.
    mutating func addProgram(_ program: String) {
        guard program.hasPrefix("/") else { return }
        let root = "/" + program.split(separator: "/").dropLast(2).joined(separator: "/")
        let needed = root != "/" && exists(root + "/pyvenv.cfg") ? root : program
        if let path = try? canonicalPath(needed), isHidden(path) { add(.readable, path) }
    }

    /// The list of name servers, which on many machines is a link to below a covered folder.
    mutating func addNameServers(_ list: String = "/etc/resolv.conf") {
        if let path = try? canonicalPath(list), isHidden(path) {
            add(.readable, path)
        }
    }

    private func isHidden(_ path: String) -> Bool {
        let covers = kinds.filter { $0.value == .cover }.map(\.key) + ["/tmp", "/var/tmp"]
        return covers.contains { path.hasPrefix($0 + "/") }
    }

    /// Root's children run as nobody, who cannot pass a folder closed to others. Such a folder above
    /// a bound path is covered, so that it is open and holds the bound path alone.
    mutating func openTheWay() {
        guard geteuid() == 0 else { return }
        for (path, kind) in kinds where kind != .cover {
            if let closed = firstClosedFolder(above: path) { add(.cover, closed) }
        }
    }

    /// Deterministic, so that two launches of one server look alike.
    var arguments: [String] {
        kinds.sorted { $0.key < $1.key }.flatMap { [$0.value.rawValue, $0.key] }
            + ["--chdir", directory]
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
