import CLinux

/// The paths of a launch, and the corresponding arguments of `interlock-launch`.
struct SandboxPaths {
    enum Kind: String {
        case cover = "--cover"
        case readable = "--bind-ro"
        case writable = "--bind-rw"
    }

    private(set) var kinds: [String: Kind] = [:]
    /// The working folder of the command.
    var directory = "/"

    /// Adds a path. If a path is added twice, `cover` wins over the other kinds, and `writable` over `readable`.
    mutating func add(_ kind: Kind, _ path: String) {
        switch (kinds[path], kind) {
        case (nil, _), (.readable, _): kinds[path] = kind
        case (.writable, .cover): kinds[path] = .cover
        case (.cover, _), (.writable, _): break
        }
    }

    /// Makes readable what the command's first word needs, if a cover would hide it: the Python environment that
    /// contains it, or the file alone. A name without `/` is looked up in PATH inside the sandbox.
    mutating func addProgram(_ program: String) {
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
    mutating func openTheWay() {
        guard geteuid() == 0 else { return }
        for (path, kind) in kinds where kind != .cover {
            if let closed = firstClosedFolder(above: path) { add(.cover, closed) }
        }
    }

    /// The arguments in a deterministic order, so that two launches of one server are equal.
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
