package import InterlockJSON
import InterlockModel
package import InterlockPolicy

/// The narrowest rules for hosts, and the secrets, with which one run would have done what it did. It only narrows: what
/// was refused is listed for people to judge, and never proposed.
package struct SandboxAdvice: Sendable {
    package enum Part: String, Sendable, CaseIterable { case egress, secrets }

    /// One permission that the run did not need.
    package struct Change: Sendable, Hashable {
        package let part: Part
        /// The rule or the secret's name, as the policy has it.
        package let item: String
        /// The words in its place; empty to remove it.
        package let instead: [String]

        package var text: String {
            let item = self.item.withMarks
            guard !instead.isEmpty else { return "\(part.rawValue): remove `\(item)`, not used" }
            let others = instead.map { "`\($0.withMarks)`" }.joined(separator: ", ")
            return "\(part.rawValue): \(others) in place of `\(item)`"
        }

        package var json: JSONValue {
            [
                "part": .string(part.rawValue), "item": .string(item),
                "instead": .array(instead.map(JSONValue.string)),
            ]
        }
    }

    /// Connections that were refused, for people to judge.
    package struct Refused: Sendable, Hashable {
        package let host: String?
        package let port: Int
        package let code: String
        package let count: Int64

        package var text: String {
            let host = self.host?.withMarks ?? "a host that cannot be read"
            return "refused: \(host):\(port), \(code), \(count) times; not proposed"
        }

        package var json: JSONValue {
            [
                "host": host.map(JSONValue.string) ?? .null, "port": .integer(Int64(port)),
                "code": .string(code), "count": .integer(count),
            ]
        }
    }

    package private(set) var egress: [EgressSpec] = []
    package private(set) var secrets: [SandboxSecret] = []
    package private(set) var changes: [Change] = []
    package private(set) var refused: [Refused] = []
    /// The facts that cannot be known from the records.
    package private(set) var notes: [String] = []

    /// - Parameter settings: of the agent itself, without the rules of every agent.
    package init(_ settings: SandboxSettings, _ use: RunUse) {
        for rule in settings.egress { take(rule, use) }
        egress.sort { $0.addresses[0] < $1.addresses[0] }
        for secret in settings.secrets {
            if use.secrets?.contains(where: { $0.utf8.elementsEqual(secret.name.utf8) }) ?? true {
                secrets.append(secret)
            } else {
                changes.append(Change(part: .secrets, item: secret.name, instead: []))
            }
        }
        refused = use.connections.compactMap { connections, count in
            connections.code.map {
                Refused(
                    host: connections.host, port: connections.port, code: $0, count: count)
            }
        }.sorted { ($0.host ?? "", $0.port, $0.code) < ($1.host ?? "", $1.port, $1.code) }
        if !settings.read.isEmpty {
            notes.append("read: the kernel records no reads, so the listed trees are kept")
        }
        if !secrets.isEmpty {
            notes.append("secrets: whether a run used what it was given is not recorded")
        }
    }

    /// Keeps what was used of a rule.
    private mutating func take(_ rule: EgressSpec, _ use: RunUse) {
        let prefix = Array("\(rule.content.rawValue) \(rule.host):".utf8)
        let used = use.permitted.filter {
            $0.rule?.utf8.starts(with: prefix) == true && rule.ports.contains($0.port)
        }
        var narrowed: [EgressSpec] = []
        if !rule.isWildcard {
            narrowed = rule.with(rule.host, ports: used.map(\.port)).map { [$0] } ?? []
        } else if used.contains(where: { $0.host == nil }) {
            narrowed = rule.with(rule.host, ports: used.map(\.port)).map { [$0] } ?? []
            notes.append("egress: the hosts below `\(rule.host)` cannot be read, so it is kept")
        } else {
            for host in Set(used.compactMap(\.host)).sorted() {
                let ports = used.filter { $0.host == host }.map(\.port)
                if let exact = rule.with(host, ports: ports) { narrowed.append(exact) }
            }
        }
        egress += narrowed
        guard narrowed != [rule] else { return }
        changes.append(
            Change(part: .egress, item: rule.words, instead: narrowed.map(\.words)))
    }
}

extension EgressSpec {
    /// The rule for one host and some of its ports; nil without a port.
    fileprivate func with(_ host: String, ports: [Int]) -> EgressSpec? {
        let ports = Set(ports).sorted()
        return ports.isEmpty
            ? nil
            : EgressSpec(
                host: host, ports: ports, content: content, admitsPrivate: admitsPrivate,
                admitsEncryptedHello: admitsEncryptedHello, maxBytesUp: maxBytesUp)
    }

    /// The rule in a few words, such as `api.example.com:443` or `tcp db.example.com:22,5432`.
    var words: String {
        let content = content == .tls ? "" : content.rawValue + " "
        return content + host + ":" + ports.map(String.init).joined(separator: ",")
    }
}

extension SandboxAdvice {
    package var isEmpty: Bool { changes.isEmpty }

    package var lines: [String] {
        changes.map(\.text) + refused.map(\.text) + notes.map { "not known: " + $0 }
    }
}
