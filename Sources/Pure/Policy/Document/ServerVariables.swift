import InterlockModel

/// The variables that the environment of a stdio server's child has in addition to those of every child:
/// `env` and `secrets` of `connect.sandbox` (docs/specs/sandbox.md, section 8).
///
/// INVARIANT: a child gets only the variables that the lock has. Kept by `ServerVariablesTests`.
package struct ServerVariables: Sendable, Hashable {
    /// The values that the policy states, by name of the variable.
    package let plain: [String: String]
    /// The secrets by name of the variable.
    package let secrets: [String: SecretReference]
    /// The secrets by name of the file below `/run/secrets` inside. No part of `names`.
    package let files: [String: SecretReference]

    /// Every secret of the child.
    package var references: Set<SecretReference> { Set(secrets.values).union(files.values) }

    package var names: Set<String> { Set(plain.keys).union(secrets.keys) }

    init(_ sandbox: TypedValue?) {
        var plain: [String: String] = [:]
        for member in sandbox?["env"]?.members ?? [] {
            if let text = member.value.text { plain[member.key] = text }
        }
        var secrets: [String: SecretReference] = [:]
        var files: [String: SecretReference] = [:]
        for item in sandbox?["secrets"]?.items ?? [] where Self.isEnforced(item) {
            guard let name = item["name"]?.text, let secret = Self.reference(item) else { continue }
            if Self.isFile(item) { files[name] = secret } else { secrets[name] = secret }
        }
        self.init(plain: plain, secrets: secrets, files: files)
    }

    init(
        plain: [String: String] = [:], secrets: [String: SecretReference] = [:],
        files: [String: SecretReference] = [:]
    ) {
        self.plain = plain
        self.secrets = secrets
        self.files = files
    }

    /// The secrets that are not enforced: those of a source that there is not, a name that is set twice, and one that steers what is loaded or run, because a reader of the policy would
    /// not see that code.
    static func notEnforced(_ sandbox: TypedValue?) -> [Located<String>] {
        var seen = Set((sandbox?["env"]?.members ?? []).map(\.key))
        var files: Set<String> = []
        return (sandbox?["secrets"]?.items ?? []).compactMap { item in
            let name = item["name"]?.text ?? ""
            let isFile = isFile(item)
            let isNew = (isFile ? files.insert(name) : seen.insert(name)).inserted
            let isSteering = !isFile && SteeringVariable.isOne(name)
            let what: String
            switch (isNew, isEnforced(item), isSteering) {
            case (true, true, false): return nil
            case (false, _, _): what = "connect.sandbox.secrets with a name that is set twice"
            case (true, false, _):
                what =
                    "connect.sandbox.secrets but `from: SOURCE:NAME, as: env` or `as: file`, "
                    + "with a source of `files`, `env`, `systemd` or `commands`"
            case (true, true, true):
                what =
                    "connect.sandbox.secrets with a variable that steers what is loaded or run "
                    + "(write it in `env`, where it is read)"
            }
            return Located(what, of: item)
        }
    }

    private static func isEnforced(_ item: TypedValue) -> Bool {
        guard let name = item["name"]?.text, reference(item) != nil else { return false }
        return isFile(item)
            ? isFileName(name) : item["as"]?.text == "env" && isVariable(name)
    }

    private static func reference(_ item: TypedValue) -> SecretReference? {
        item["from"]?.text.flatMap { SecretReference($0) }
    }

    private static func isFile(_ item: TypedValue) -> Bool { item["as"]?.text == "file" }

    /// Returns true for a name that the launcher takes.
    private static func isFileName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && !name.hasPrefix(".")
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                    || (0x61...0x7a).contains(byte) || [0x2d, 0x2e, 0x5f].contains(byte)
            }
    }

    private static func isVariable(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                || (0x61...0x7a).contains(byte) || byte == 0x5f
        }
    }
}
