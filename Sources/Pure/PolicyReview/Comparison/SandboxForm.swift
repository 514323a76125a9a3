import InterlockJSON
import InterlockModel
import InterlockPolicy

/// Two canonical policies in which each sandbox that differs is written out with the defaults of its profile, so that
/// what is left out and what is stated are compared by their meaning.
struct SandboxForm {
    private(set) var old: JSONObject
    private(set) var new: JSONObject

    init(
        _ old: JSONObject, _ new: JSONObject,
        of policies: (old: PolicySnapshot, new: PolicySnapshot)
    ) {
        self.old = old
        self.new = new
        writeOutAgents(policies)
        writeOutServers(policies)
    }

    private mutating func writeOutAgents(_ policies: (old: PolicySnapshot, new: PolicySnapshot)) {
        let agents = policies.new.agents
        for entry in policies.old.agents.values {
            let path = ["agents", entry.name.text, "sandbox"]
            guard let other = agents[entry.name], old[path] != new[path] else { continue }
            // The rules of every agent are compared once, as `defaults.egress`.
            old[path] = (entry.spec.sandbox?.settings ?? .isolated).comparable
            new[path] = (other.spec.sandbox?.settings ?? .isolated).comparable
        }
    }

    private mutating func writeOutServers(_ policies: (old: PolicySnapshot, new: PolicySnapshot)) {
        for (name, server) in policies.old.servers {
            let path = ["servers", name.text, "connect", "sandbox"]
            guard let other = policies.new.servers[name], old[path] != new[path],
                case .stdio? = server.connect, case .stdio? = other.connect
            else { continue }
            old[path] = server.sandbox.comparable
            new[path] = other.sandbox.comparable
        }
    }
}

extension JSONObject {
    /// The value at a path of keys. Setting a value does nothing if a part of the path above it is missing.
    fileprivate subscript(path: [String]) -> JSONValue? {
        get {
            guard let first = path.first else { return nil }
            let inner = self[first]
            return path.count == 1 ? inner : inner?.object?[Array(path.dropFirst())]
        }
        set {
            guard let first = path.first else { return }
            guard path.count > 1 else {
                self[first] = newValue
                return
            }
            guard var inner = self[first]?.object else { return }
            // The object is changed in place, without a copy of its members.
            self[first] = .null
            inner[Array(path.dropFirst())] = newValue
            self[first] = .object(inner)
        }
    }
}

extension SandboxSettings {
    /// Every setting by the key of its rule (`DataRule.table`); lists of rules and secrets are objects by their names.
    var comparable: JSONValue {
        var sandbox: JSONObject = [
            "isolation": .string(isolation.rawValue), "minimum": .string(minimum.rawValue),
            "backend": .string(backend.rawValue),
            "allow_missing": texts(toleratesMissingLandlock ? ["landlock"] : []),
            "read": texts(read), "writable_cache": texts(writableCache),
            "pass_env": texts(passedVariables), "resolver": texts(resolver.texts),
            "network": .string(network.rawValue), "allow_debug": word(allowsDebug),
            "tty": .string(terminal.rawValue), "cli_may_widen": word(mayBeWidened),
            "on_lease_loss": .string(onLeaseLoss.rawValue),
        ]
        sandbox["workspace"] = [
            "mode": .string(workspace.mode.rawValue), "hide": texts(workspace.hidden),
            "max_bytes": .integer(workspace.maxBytes),
            "on_exit": .string(workspace.onExit.rawValue),
        ]
        sandbox["env"] = .object(
            JSONObject(
                distinct: environment.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }
            ))
        sandbox["secrets"] = named(secrets.map { ("\($0.name) as \($0.form.rawValue)", $0.from) })
        sandbox["models"] = named(
            models.map {
                ($0.name, "\($0.upstream)\($0.admitsPrivate ? " (private)" : "") with \($0.key)")
            })
        var hosts = JSONObject()
        for rule in egress { for address in rule.addresses { hosts[address] = rule.comparable } }
        sandbox["egress"] = .object(hosts)
        sandbox["limits"] = .object(limits.comparable)
        return .object(sandbox)
    }

    private func named(_ pairs: [(String, String)]) -> JSONValue {
        var object = JSONObject()
        for (name, text) in pairs { object[name] = .string(text) }
        return .object(object)
    }
}

extension EgressSpec {
    fileprivate var comparable: JSONValue {
        [
            "protocol": .string(content.rawValue), "private": word(admitsPrivate),
            "ech": .string(admitsEncryptedHello ? "allow" : "deny"),
            "max_bytes_up": .integer(maxBytesUp),
        ]
    }
}

extension SandboxLimits {
    fileprivate var comparable: JSONObject {
        var object: JSONObject = [
            "cpu": .integer(Int64(cpu)), "memory": .integer(memory),
            "pids": .integer(Int64(pids)), "nofile": .integer(Int64(openFiles)),
            "file_size": .integer(fileSize), "tmp": .integer(tmp),
            "require_cgroup": word(requiresCgroup),
        ]
        object["wall"] = wall.map { .integer($0.components.seconds) }
        return object
    }
}

private func texts(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }

private func word(_ flag: Bool) -> JSONValue { .string(flag ? "yes" : "no") }
