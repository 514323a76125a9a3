import InterlockRunning
import InterlockSandbox

/// A host's file tree as a table of paths.
struct FakeTree {
    var kinds: [String: HostTree.Kind] = [:]

    static let folders = [
        "/usr", "/usr/bin", "/etc", "/etc/ssl", "/etc/ssl/certs", "/etc/alternatives", "/opt",
        "/opt/tools", "/home", "/home/ada", "/home/ada/project", "/srv", "/srv/interlock",
        "/srv/interlock/state", "/home/ada/env", "/home/ada/env/bin", "/home/ada/versions",
        "/home/ada/.local", "/home/ada/.local/bin",
    ]

    init() {
        for path in Self.folders { kinds[path] = .folder }
        for path in [
            "/usr/bin/python3", "/etc/ld.so.cache", "/home/ada/env/pyvenv.cfg",
            "/home/ada/versions/2.1",
        ] { kinds[path] = .file }
        for (path, text) in [
            ("/bin", "usr/bin"), ("/lib", "usr/lib"), ("/lib64", "usr/lib64"),
            ("/etc/localtime", "/usr/share/zoneinfo/UTC"), ("/home/ada/linked", "project"),
            ("/home/ada/env/bin/python", "/usr/bin/python3"),
            ("/home/ada/.local/bin/claude", "../../versions/2.1"),
        ] { kinds[path] = .link(text) }
        kinds["/run"] = .folder
        kinds["/opt/socket"] = .other
    }

    var tree: HostTree {
        let kinds = kinds
        return HostTree { kinds[$0] }
    }
}
