import InterlockModel

/// The variables that the environment of a stdio server's child has in addition to those of every child:
/// `env` and `secrets` of `connect.sandbox` (docs/specs/sandbox.md, section 8).
///
/// INVARIANT: a child gets only the variables that the lock has. Kept by `ServerVariablesTests`.
package struct ServerVariables: Sendable, Hashable {
    /// The values that the policy states, by name of the variable.
    package let plain: [String: String]
    /// The names of secrets in the deployment's secrets folder, by name of the variable.
    package let secrets: [String: String]

    /// The only provider of this version, which `from` names before its colon.
    package static let provider = "files"

    package var names: Set<String> { Set(plain.keys).union(secrets.keys) }

    init(_ sandbox: TypedValue?) {
        var plain: [String: String] = [:]
        for member in sandbox?["env"]?.members ?? [] {
            if let text = member.value.text { plain[member.key] = text }
        }
        var secrets: [String: String] = [:]
        for item in sandbox?["secrets"]?.items ?? [] where Self.isEnforced(item) {
            guard let name = item["name"]?.text, let from = item["from"]?.text else { continue }
            secrets[name] = String(from.dropFirst(Self.provider.count + 1))
        }
        self.plain = plain
        self.secrets = secrets
    }

    /// The secrets that are not enforced: those of other providers, those that would become files, a name
    /// that is set twice, and one that steers what is loaded or run, because a reader of the policy would
    /// not see that code.
    static func notEnforced(_ sandbox: TypedValue?) -> [Located<String>] {
        var seen = Set((sandbox?["env"]?.members ?? []).map(\.key))
        return (sandbox?["secrets"]?.items ?? []).compactMap { item in
            let isNew = seen.insert(item["name"]?.text ?? "").inserted
            let isSteering = SteeringVariable.isOne(item["name"]?.text ?? "")
            let what: String
            switch (isNew, isEnforced(item), isSteering) {
            case (true, true, false): return nil
            case (false, _, _): what = "connect.sandbox.secrets with a variable that is set twice"
            case (true, false, _): what = "connect.sandbox.secrets but `from: files:NAME, as: env`"
            case (true, true, true):
                what =
                    "connect.sandbox.secrets with a variable that steers what is loaded or run "
                    + "(write it in `env`, where it is read)"
            }
            return Located(what, of: item)
        }
    }

    private static func isEnforced(_ item: TypedValue) -> Bool {
        guard let name = item["name"]?.text, isVariable(name),
            item["from"]?.text?.hasPrefix(provider + ":") == true
        else { return false }
        return item["as"]?.text == "env"
    }

    private static func isVariable(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                || (0x61...0x7a).contains(byte) || byte == 0x5f
        }
    }
}
