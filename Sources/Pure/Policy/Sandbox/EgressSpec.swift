/// One rule of `egress`: a host with its ports, and what is checked of each connection (docs/specs/sandbox.md,
/// section 7).
package struct EgressSpec: Sendable, Hashable {
    /// The protocol that the proxy checks, the strictest first.
    package enum Content: String, Sendable, Hashable, CaseIterable {
        /// TLS with exactly one server name, which is the host's.
        case tls
        /// Plain HTTP with one request on each connection.
        case http
        /// Bytes that are not checked.
        case tcp
    }

    /// A canonical host, or `*.` and a canonical name, which means every name below it and not that name itself.
    package let host: String
    /// Sorted, each once; never empty.
    package let ports: [Int]
    package let content: Content
    /// True if private and loopback addresses are admitted.
    package let admitsPrivate: Bool
    /// True if an encrypted ClientHello is admitted, which may name another host.
    package let admitsEncryptedHello: Bool
    /// The most that may be sent to the host in one run, in bytes.
    package let maxBytesUp: Int64

    /// - Precondition: the host is canonical, and the ports are sorted and not empty.
    package init(
        host: String, ports: [Int] = [443], content: Content = .tls, admitsPrivate: Bool = false,
        admitsEncryptedHello: Bool = false, maxBytesUp: Int64 = 50 << 20
    ) {
        precondition(!ports.isEmpty, "a rule has ports")
        self.host = host
        self.ports = ports
        self.content = content
        self.admitsPrivate = admitsPrivate
        self.admitsEncryptedHello = admitsEncryptedHello
        self.maxBytesUp = maxBytesUp
    }

    /// The addresses as `host:port`.
    package var addresses: [String] { ports.map { "\(host):\($0)" } }

    package var isWildcard: Bool { host.hasPrefix("*.") }
}

extension EgressSpec {
    /// A rule for TLS to one address, `host:port` with the host in its canonical form; nil for any other text.
    package init?(address: String) {
        guard let colon = address.lastIndex(of: ":") else { return nil }
        let (host, port) = (String(address[..<colon]), address[address.index(after: colon)...])
        guard let canonical = CanonicalHost(host), canonical.text == host, !canonical.isAddress,
            (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = UInt16(port), number > 0
        else { return nil }
        self.init(host: host, ports: [Int(number)])
    }
}

extension SandboxSettings {
    /// Adds rules that the policy lets a command line add, except for addresses that it has a rule for.
    package mutating func widen(by rules: [EgressSpec]) { add(rules) }

    /// Adds rules of every agent, except for addresses that the sandbox has a rule of its own for.
    mutating func add(_ common: [EgressSpec]) {
        guard !common.isEmpty else { return }
        let taken = Set(egress.flatMap(\.addresses))
        let rest = common.compactMap { $0.without(taken) }
        egress = (egress + rest).sorted { $0.addresses[0] < $1.addresses[0] }
    }
}

extension EgressSpec {
    /// The rule for its other addresses, or nil if none is left.
    fileprivate func without(_ taken: Set<String>) -> EgressSpec? {
        let left = ports.filter { !taken.contains("\(host):\($0)") }
        guard !left.isEmpty else { return nil }
        return EgressSpec(
            host: host, ports: left, content: content, admitsPrivate: admitsPrivate,
            admitsEncryptedHello: admitsEncryptedHello, maxBytesUp: maxBytesUp)
    }
}
