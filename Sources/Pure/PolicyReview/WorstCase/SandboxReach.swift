package import InterlockJSON
package import InterlockPolicy

/// The hosts, paths and secrets that the processes of an agent's run have in addition to the tools of the gateway. Every
/// list is in words for display.
///
/// The gateway enforces none of it: it binds runs that `interlock run` starts.
package struct SandboxReach: Sendable, Hashable {
    /// The command whose runs are bound.
    package static let enforcer = "`interlock run` alone"

    /// The addresses as `host:port`, with the words of what is unusual, such as `db.example:5432 (tcp, private)`.
    package let hosts: [String]
    /// The model providers, such as `main at https://models.example`.
    package let models: [String]
    /// Paths of the host, without the workspace.
    package let paths: [String]
    /// Folders that outlive a run.
    package let caches: [String]
    /// The secrets, such as `NPM_TOKEN`.
    package let secrets: [String]
    /// The variables that are copied from the caller.
    package let passed: [String]
    /// The isolation with the words of what weakens it.
    package let isolation: String
    /// The limits in words: `30m, 2 cpu, 4GiB of memory, 512 processes`.
    package let limits: String
    package let workspace: SandboxWorkspace.Mode
    /// The findings of secrets that do not stop a launch, such as `tests/key.pem (private-key) until 2027-01-31`.
    package let waived: [String]
    /// The addresses to which data can leave: those of egress, and of model providers.
    package let outside: [String]
    /// True if the policy states a sandbox for the agent.
    package let isStated: Bool

    package init(_ agent: AgentEntry) {
        self.init(
            agent.sandboxSettings, isStated: agent.sandbox != nil,
            waived: (agent.spec.scan?.waivers ?? []).map(\.words))
    }

    init(_ settings: SandboxSettings, isStated: Bool, waived: [String] = []) {
        self.waived = waived
        hosts = settings.egress.flatMap(\.described)
        models = settings.models.map {
            "\($0.name) at \($0.upstream)\($0.admitsPrivate ? " (private)" : "")"
        }
        paths = settings.read
        caches = settings.writableCache
        secrets = settings.secrets.map { $0.form == .env ? $0.name : "\($0.name) as a file" }
        passed = settings.passedVariables
        isolation = settings.isolationText
        limits = settings.limits.text
        workspace = settings.workspace.mode
        let addresses = settings.egress.flatMap(\.addresses)
        outside = addresses + settings.models.map(\.address).filter { !addresses.contains($0) }
        self.isStated = isStated
    }

    /// Everything that is read: the workspace, and the paths.
    package var reads: [String] { (workspace == .none ? [] : ["the workspace"]) + paths }

    /// Everything that is written: the workspace, whose changes are reviewed, and the folders that outlive a run.
    package var writes: [String] {
        (workspace == .overlay ? ["a layer over the workspace"] : []) + caches
    }

    /// One line without a line break.
    package var text: String {
        let count = hosts.count == 1 ? "1 host" : "\(hosts.count) hosts"
        var parts = ["can reach: " + (hosts.isEmpty ? "no host" : "\(count), \(hosts.list)")]
        if !models.isEmpty { parts.append("models: \(models.list)") }
        parts.append("can read: \(reads.list)")
        parts.append("can write: \(writes.list)")
        parts.append("secrets: \(secrets.isEmpty ? "none" : secrets.list)")
        if !passed.isEmpty { parts.append("passed: \(passed.list)") }
        if !waived.isEmpty { parts.append("waived secrets in files: \(waived.list)") }
        parts.append("isolation: \(isolation)")
        parts.append("limits: \(limits)")
        let origin = isStated ? "sandbox" : "sandbox (not stated, so the defaults)"
        return "\(origin) by \(Self.enforcer): " + parts.joined(separator: "; ")
    }

    package var json: JSONValue {
        func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        return [
            "stated": .bool(isStated), "hosts": list(hosts), "models": list(models),
            "reads": list(reads), "writes": list(writes), "secrets": list(secrets),
            "passed": list(passed), "waived": list(waived), "isolation": .string(isolation),
            "limits": .string(limits),
            "enforced_by": "interlock run", "summary": .string(text),
        ]
    }
}

extension EgressSpec {
    /// The addresses, each with the words of what is unusual of the rule.
    fileprivate var described: [String] {
        var words: [String] = content == .tls ? [] : [content.rawValue]
        if admitsPrivate { words.append("private") }
        if admitsEncryptedHello { words.append("ech") }
        let notes = words.isEmpty ? "" : " (\(words.joined(separator: ", ")))"
        return addresses.map { $0 + notes }
    }
}

extension ModelProviderSpec {
    /// The provider's `host:port`, from its address.
    fileprivate var address: String {
        let isPlain = upstream.hasPrefix("http://")
        let rest = upstream.dropFirst(isPlain ? 7 : 8)
        let authority = String(rest.prefix { $0 != "/" && $0 != "?" })
        let afterHost = authority.lastIndex(of: "]") ?? authority.startIndex
        return authority[afterHost...].contains(":")
            ? authority : "\(authority):\(isPlain ? 80 : 443)"
    }
}

extension SandboxSettings {
    fileprivate var isolationText: String {
        var words = [isolation.rawValue]
        if minimum < isolation { words.append("at least \(minimum.rawValue)") }
        if toleratesMissingLandlock { words.append("perhaps without Landlock") }
        if allowsDebug { words.append("with tracing") }
        if mayBeWidened { words.append("widened by flags") }
        return words.joined(separator: ", ")
    }
}

extension SandboxLimits {
    fileprivate var text: String {
        let time = wall.map { durationText($0.components.seconds) } ?? "any time"
        return "\(time), \(cpu) cpu, \(byteText(memory)) of memory, \(pids) processes"
    }
}
