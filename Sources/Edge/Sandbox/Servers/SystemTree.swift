/// The part of a listed file tree that every server sees: `/usr` with the links to it, and an `/etc` of its own
/// (docs/specs/sandbox.md, section 4).
enum SystemTree {
    private static let folders = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]

    /// True if a path of the host is a part of what every server sees, or of `/etc`.
    static func isPart(_ path: String) -> Bool {
        (folders + ["/usr", "/etc"]).contains { HostFiles.isWithin(path, $0) }
    }

    /// - Parameter isOnline: whether names are resolved by the servers of the host.
    static func steps(isOnline: Bool) -> [SandboxTreeStep] {
        var steps = [readOnly("/usr")]
        for path in folders {
            switch HostFiles.kind(path) {
            case .link(let text): steps.append(.link(target: path, to: text))
            case .folder: steps.append(readOnly(path))
            case .file, .other, nil: break
            }
        }
        for (name, content) in files(isOnline: isOnline) {
            steps.append(.file(target: "/etc/" + name, mode: 0o644, content: content))
        }
        for path in ["/etc/ld.so.cache", "/etc/ssl/certs", "/etc/alternatives"] {
            let kind = HostFiles.kind(path)
            guard kind == .file || kind == .folder else { continue }
            steps.append(
                .bind(source: path, target: path, isWritable: false, isExecutable: false))
        }
        if case .link(let text) = HostFiles.kind("/etc/localtime"), text.hasPrefix("/usr/") {
            steps.append(.link(target: "/etc/localtime", to: text))
        }
        return steps
    }

    static func readOnly(_ path: String) -> SandboxTreeStep {
        .bind(source: path, target: path, isWritable: false, isExecutable: true)
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
