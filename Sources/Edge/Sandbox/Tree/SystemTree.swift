/// The part of a file tree that every command sees: `/usr` with the links to it, an `/etc` of its own, and file systems in
/// memory (docs/specs/sandbox.md, section 4).
package enum SystemTree {
    private static let folders = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]

    /// True if a path of the host is a part of what every command sees, or of `/etc`.
    static func isPart(_ path: String) -> Bool {
        (folders + ["/usr", "/etc"]).contains { PathRelation.isWithin(path, $0) }
    }

    /// - Parameter isOnline: whether names are resolved by the servers of the host.
    package static func steps(
        isOnline: Bool = false, of tree: HostTree = .real
    ) -> [SandboxTreeStep] {
        var steps = links(to: folders, of: tree)
        steps.insert(readOnly("/usr"), at: 0)
        for (name, content) in files(isOnline: isOnline) {
            steps.append(.file(target: "/etc/" + name, mode: 0o644, content: content))
        }
        for path in ["/etc/ld.so.cache", "/etc/ssl/certs", "/etc/alternatives"]
        where tree.isPlain(path) {
            steps.append(
                .bind(source: path, target: path, isWritable: false, isExecutable: false))
        }
        if case .link(let text) = tree.kind("/etc/localtime"), text.hasPrefix("/usr/") {
            steps.append(.link(target: "/etc/localtime", to: text))
        }
        return steps
    }

    /// Shows folders of the host's root as they are there: as links, or read-only.
    package static func links(
        to folders: [String], of tree: HostTree = .real
    ) -> [SandboxTreeStep] {
        folders.compactMap { path in
            switch tree.kind(path) {
            case .link(let text): .link(target: path, to: text)
            case .folder: readOnly(path)
            case .file, .other, nil: nil
            }
        }
    }

    package static func readOnly(_ path: String) -> SandboxTreeStep {
        .bind(source: path, target: path, isWritable: false, isExecutable: true)
    }

    /// The home, `/tmp` and `/dev/shm`.
    ///
    /// - Parameter bytes: the size of each; shared memory has at most 64 MiB.
    package static func temporary(_ bytes: Int64) -> [SandboxTreeStep] {
        [
            memory(ListedAccess.home, 0o700, bytes), memory("/tmp", 0o1777, bytes),
            memory("/dev/shm", 0o1777, min(bytes, sharedMemory)),
        ]
    }

    /// Puts a parent before what lies in it; otherwise the order stays.
    package static func ordered(_ steps: [SandboxTreeStep]) -> [SandboxTreeStep] {
        func depth(_ path: String) -> Int { path.utf8.count { $0 == UInt8(ascii: "/") } }
        return steps.enumerated().sorted { a, b in
            let (first, second) = (depth(a.element.target), depth(b.element.target))
            return first == second ? a.offset < b.offset : first < second
        }.map(\.element)
    }

    /// The name of a cache's folder: its path inside, as one name.
    package static func cacheName(_ inside: String) -> String {
        String(inside.dropFirst()).replacing("%", with: "%25").replacing("/", with: "%2f")
    }

    private static let sharedMemory: Int64 = 64 << 20

    /// An empty file system in memory that is writable.
    package static func memory(
        _ target: String, _ mode: UInt32, _ bytes: Int64
    ) -> SandboxTreeStep {
        // One entry for each page, as the kernel's default is.
        let entries = UInt32(clamping: max(16, min(bytes / 4096, 1_000_000)))
        return .memory(
            target: target, mode: mode, bytes: max(4096, bytes), entries: entries,
            isExecutable: true)
    }

    private static let mostBytes = 64 << 10

    private static func files(isOnline: Bool) -> [(name: String, content: [UInt8])] {
        let home = ListedAccess.home
        let own = [
            ("passwd", "agent:x:1000:1000::\(home):/bin/sh\n"), ("group", "agent:x:1000:\n"),
            ("hostname", "sandbox\n"),
            (
                "nsswitch.conf",
                "passwd: files\ngroup: files\nhosts: files\(isOnline ? " dns" : "")\n"
            ),
        ].map { ($0.0, Array($0.1.utf8)) }
        let names = [
            ("hosts", Array("127.0.0.1 localhost sandbox\n".utf8)), ("resolv.conf", []),
        ]
        guard isOnline else { return own + names }
        return own
            + names.map { ($0.0, HostFiles.content("/etc/" + $0.0, limit: mostBytes)) }
    }
}
