package import InterlockPolicy

/// The environment of a run, built from nothing (docs/specs/sandbox.md, section 8).
package enum RunEnvironment {
    /// The folders that a command is searched in. They are those of the host's `/usr`.
    package static let path = "/usr/local/bin:/usr/bin:/bin"
    static let proxy = "http://127.0.0.1:3128"
    static let socks = "socks5h://127.0.0.1:1080"
    /// The entry of `models` that clients use by default.
    static let mainModel = "main"

    /// Returns the variables: those of the sandbox, then the policy's own, the copied ones and the secrets. A later one
    /// of the same name replaces an earlier one; none but `PATH`, `LANG` and those of the model `main` can be replaced,
    /// as the policy's reader refuses the others.
    ///
    /// - Parameters:
    ///   - hasProxy: whether the names of the proxy are set.
    ///   - hasTerminal: whether `TERM` names the kind of the caller's terminal.
    ///   - caller: a variable of the supervisor's own environment, or nil if it is not set.
    ///   - secrets: the values of the secrets that are variables, by their names inside.
    /// - Throws: `secret-name` if a copied variable has a name that looks like a secret.
    package static func variables(
        _ settings: SandboxSettings, hasProxy: Bool, hasTerminal: Bool = false,
        caller: (String) -> String?,
        secrets: [(name: String, value: String)]
    ) throws(RunRefusal) -> [(name: String, value: String)] {
        var variables: [(name: String, value: String)] = [
            ("PATH", path), ("HOME", SandboxPath.home), ("USER", "agent"), ("TMPDIR", "/tmp"),
            ("LANG", "C.UTF-8"),
        ]
        if hasProxy {
            for (name, value) in [
                ("HTTP_PROXY", proxy), ("HTTPS_PROXY", proxy), ("ALL_PROXY", socks),
                ("NO_PROXY", ""),
            ] { variables += [(name, value), (name.lowercased(), value)] }
            if let model = mainRoute(settings) { variables += ofMainModel(model) }
        }
        if hasTerminal, let kind = caller("TERM"), isTerminalKind(kind) {
            variables.append(("TERM", kind))
        }
        for (name, value) in settings.environment.sorted(by: { $0.key < $1.key }) {
            set(name, value, in: &variables)
        }
        for name in settings.passedVariables {
            guard !SandboxVariable.looksSecret(name) else {
                throw RunRefusal(
                    RunExit.badPolicy, "secret-name",
                    "pass_env: the name `\(name)` looks like that of a secret",
                    help: "give it under `secrets`, from a provider")
            }
            if let value = caller(name) { set(name, value, in: &variables) }
        }
        for (name, value) in secrets { set(name, value, in: &variables) }
        return variables
    }

    /// The address of the route to the model `main`, or nil if the policy has none.
    static func mainRoute(_ settings: SandboxSettings) -> String? {
        settings.models.contains { $0.name == mainModel } ? "\(proxy)/model/\(mainModel)" : nil
    }

    /// Clients of the two usual APIs reach the model `main` by these. Without a key they would not ask at all; the
    /// route drops this one.
    private static func ofMainModel(_ route: String) -> [(name: String, value: String)] {
        [
            ("ANTHROPIC_BASE_URL", route), ("ANTHROPIC_API_KEY", "not-a-key"),
            ("OPENAI_BASE_URL", "\(route)/v1"), ("OPENAI_API_KEY", "not-a-key"),
        ]
    }

    /// True for a name of terminfo; anything else could mean more than a name to a program inside.
    private static func isTerminalKind(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "+"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private static func set(
        _ name: String, _ value: String, in variables: inout [(name: String, value: String)]
    ) {
        variables.removeAll { $0.name.utf8.elementsEqual(name.utf8) }
        variables.append((name, value))
    }
}
