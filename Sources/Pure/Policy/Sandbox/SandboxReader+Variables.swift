import InterlockModel

// The environment of a sandbox: what the policy sets, what is copied from the caller, and secrets. A server's secrets
// have rules of their own (`ServerVariables`).

extension SandboxReader {
    mutating func readVariables() {
        var names: Set<String> = []
        readEnvironment(&names)
        readPassedVariables(&names)
        readSecrets(&names)
    }

    private mutating func readEnvironment(_ names: inout Set<String>) {
        guard let env = value["env"] else { return }
        if env.members.count > Self.mostEntries {
            report(.tooLarge, at: env, "env: more than \(Self.mostEntries) entries")
        }
        for member in env.members.prefix(Self.mostEntries) {
            let name = Located(member.key, place: member.keyPlace, path: member.value.path)
            let text = member.value.text ?? ""
            names.insert(member.key)
            settings.environment[member.key] = text
            let isToken = SandboxVariable.isToken(text)
            if isToken, subject == .agent {
                report(
                    .secretInSandbox, at: name,
                    "env: the value of `\(member.key)` is a token, and a policy is read by many",
                    help: "revoke it, and write a new one under `secrets`")
            } else if isToken || SandboxVariable.looksSecret(member.key) {
                warn(.secretName(member.key), at: name)
            }
            guard subject == .agent else { continue }
            checkName(name, "env")
            if text.utf8.count > SandboxVariable.longestValue || text.utf8.contains(0) {
                report(
                    .tooLarge, at: name,
                    "env: the value of `\(member.key)` has more than "
                        + "\(SandboxVariable.longestValue) bytes, or a zero byte")
            }
        }
    }

    private mutating func readPassedVariables(_ names: inout Set<String>) {
        for item in bounded(value["pass_env"], "pass_env") {
            guard let name = item.located(\.text) else { continue }
            settings.passedVariables.append(name.value)
            // Nothing is passed to a server: the key is not served.
            guard subject == .agent else { continue }
            checkNew(name, "pass_env", &names)
            guard checkName(name, "pass_env") else { continue }
            if SandboxVariable.looksSecret(name.value) {
                report(
                    .secretInSandbox, at: item,
                    "pass_env: the name `\(name.value)` looks like that of a secret",
                    help: "write it under `secrets`, whose values come from a provider")
            } else if SteeringVariable.isOne(name.value) {
                report(
                    .unfitSandbox, at: item,
                    "pass_env: `\(name.value)` steers what is loaded or run, and its value would be unread",
                    help: "write it in `env`, where it is read")
            }
        }
        settings.passedVariables = Set(settings.passedVariables).sorted()
    }

    private mutating func readSecrets(_ names: inout Set<String>) {
        var files: Set<String> = []
        for item in bounded(value["secrets"], "secrets") {
            guard let name = item["name"]?.located(\.text), let from = item["from"] else {
                continue
            }
            let form = item["as"]?.text.flatMap(SandboxSecret.Form.init) ?? .env
            // A server's secrets of other forms are not served, with their reason.
            if subject == .agent {
                if form == .env {
                    checkNew(name, "secrets", &names)
                    if checkName(name, "secrets"), SteeringVariable.isOne(name.value) {
                        report(
                            .unfitSandbox, at: name,
                            "secrets: `\(name.value)` steers what is loaded or run",
                            help: "write it in `env`, where it is read")
                    }
                } else {
                    checkFile(name)
                    checkNew(name, "secrets", &files)
                }
            }
            guard let source = self.source(from, "secrets") else { continue }
            settings.secrets.append(
                SandboxSecret(
                    name: name.value, provider: source.provider, source: source.name, form: form))
        }
        settings.secrets.sort { $0.name < $1.name }
    }

    /// Splits `provider:name`; reports another form, and a provider that there is not.
    mutating func source(
        _ value: TypedValue, _ key: String
    ) -> (provider: SecretSource, name: String)? {
        guard let text = value.text else { return nil }
        if let colon = text.firstIndex(of: ":") {
            let provider = String(text[..<colon])
            let name = String(text[text.index(after: colon)...])
            let isText = (1...256).contains(name.utf8.count)
            if isLowerName(provider), isText, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) {
                if let source = SecretSource(rawValue: provider) { return (source, name) }
                if subject == .agent { reportProvider(provider, at: value, key) }
                return nil
            }
        }
        // A server's entry of another form is not served, with its reason.
        if subject == .agent {
            report(
                .wrongType, at: value, "\(key): `\(text)` is not `provider:name`",
                help: "write where the value is kept, such as `files:npm`, and never the value")
        }
        return nil
    }

    private mutating func reportProvider(_ provider: String, at value: TypedValue, _ key: String) {
        let known = SecretSource.allCases.map(\.rawValue)
        report(
            .wrongType, at: value, "\(key): there is no provider `\(provider)`",
            help: didYouMean(provider, among: known)
                ?? "write `files`, `env`, `systemd` or `commands`; a program of `secrets.commands` can ask any other store"
        )
    }

    /// Reports a name that cannot be set inside. Returns true if it can.
    @discardableResult
    private mutating func checkName(_ name: Located<String>, _ key: String) -> Bool {
        guard SandboxVariable.isName(name.value) else {
            report(
                .malformedName, at: name, "\(key): `\(name.value)` is no name of a variable",
                help: "letters, digits and `_`, and no digit first")
            return false
        }
        guard !SandboxVariable.isReserved(name.value) else {
            report(
                .unfitSandbox, at: name, "\(key): `\(name.value)` is set by the sandbox itself",
                help: "leave it out")
            return false
        }
        return true
    }

    private mutating func checkFile(_ name: Located<String>) {
        let isName =
            (1...64).contains(name.value.utf8.count) && !name.value.hasPrefix(".")
            && name.value.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                    || (0x61...0x7a).contains(byte) || [0x2d, 0x2e, 0x5f].contains(byte)
            }
        guard !isName else { return }
        report(
            .malformedName, at: name, "secrets: `\(name.value)` is no name of a file",
            help: "letters, digits, `_`, `-` and `.`, at most 64, and no `.` first")
    }

    private mutating func checkNew(
        _ name: Located<String>, _ key: String, _ names: inout Set<String>
    ) {
        guard !names.insert(name.value).inserted else { return }
        report(
            .unfitSandbox, at: name, "\(key): `\(name.value)` is set twice",
            help: "keep one of them")
    }
}
