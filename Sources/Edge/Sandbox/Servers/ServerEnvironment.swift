/// The environment of a server's child.
enum ServerEnvironment {
    private static let http = "http://127.0.0.1:3128"
    private static let socks = "socks5h://127.0.0.1:1080"

    /// Returns the variables of the sandbox, and those of the command, which replace others of the same name.
    static func variables(
        _ command: [(String, String)], hasProxy: Bool, namesSOCKS: Bool
    ) -> [(name: String, value: String)] {
        var variables: [(name: String, value: String)] = [
            ("HOME", ListedAccess.home), ("USER", "agent"), ("TMPDIR", "/tmp"),
            ("LANG", "C.UTF-8"),
        ]
        if hasProxy {
            let all = namesSOCKS ? [("ALL_PROXY", socks)] : []
            for (name, value) in [
                ("HTTP_PROXY", http), ("HTTPS_PROXY", http), ("NO_PROXY", ""),
            ] + all { variables += [(name, value), (name.lowercased(), value)] }
        }
        for (name, value) in command {
            variables.removeAll { $0.name.utf8.elementsEqual(name.utf8) }
            variables.append((name, value))
        }
        return variables
    }
}
