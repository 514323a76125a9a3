import InterlockModel

extension SandboxReader {
    /// Reads the rules of every agent, `defaults.egress`.
    static func rules(
        of list: TypedValue?, _ findings: inout Findings
    ) -> (rules: [EgressSpec], warnings: [Located<SandboxWarning>]) {
        guard let list else { return ([], []) }
        var reader = SandboxReader(list, of: .agent)
        let rules = reader.readEgress(list)
        findings.add(contentsOf: reader.findings.unsorted)
        return (rules, reader.warnings)
    }

    /// Reads rules of `egress`, and reports hosts in another form, and rules that say different things of one
    /// address.
    mutating func readEgress(_ list: TypedValue?) -> [EgressSpec] {
        var rules: [EgressSpec] = []
        var taken: [String: EgressSpec] = [:]
        for item in bounded(list, "egress") {
            guard let rule = rule(item), !rules.contains(rule) else { continue }
            rules.append(rule)
            for address in rule.addresses where taken.updateValue(rule, forKey: address) != nil {
                report(
                    .unfitSandbox, at: item, "egress: `\(address)` has two different rules",
                    help: "keep one of them")
            }
            if rule.content == .tcp { warn(.rawEgress(rule.addresses[0]), at: item) }
        }
        return rules.sorted { $0.addresses[0] < $1.addresses[0] }
    }

    private mutating func rule(_ item: TypedValue) -> EgressSpec? {
        if let text = item.text {
            // The type has made sure of the colon and the port.
            guard let colon = text.lastIndex(of: ":"),
                let port = Int(text[text.index(after: colon)...]),
                let host = host(String(text[..<colon]), at: item, .tls)
            else { return nil }
            return EgressSpec(host: host, ports: [port])
        }
        let content = item["protocol"]?.text.flatMap(EgressSpec.Content.init) ?? .tls
        var ports = [443]
        if let stated = item["ports"] {
            ports = Set(bounded(stated, "ports").compactMap(\.integer).map { Int($0) }).sorted()
            if ports.isEmpty {
                report(
                    .outOfRange, at: stated, "ports: empty, so the rule admits no connection",
                    help: "name a port, or leave out the rule")
                return nil
            }
        }
        if let ech = item["ech"], ech.text == "allow", content != .tls {
            report(
                .unfitSandbox, at: ech,
                "ech: it is a part of `tls`, and the rule is `\(content.rawValue)`",
                help: "leave it out")
        }
        let sent = size(of: item["max_bytes_up"], "max_bytes_up", Self.sentSizes)
        guard let stated = item["host"], let text = stated.text,
            let host = host(text, at: stated, content)
        else { return nil }
        return EgressSpec(
            host: host, ports: ports, content: content,
            admitsPrivate: item["private"]?.flag ?? false,
            admitsEncryptedHello: item["ech"]?.text == "allow",
            maxBytesUp: sent ?? 50 << 20)
    }

    /// Returns the host, or nil if it is reported: only its canonical form is accepted, so that a reader sees what is
    /// compared.
    private mutating func host(
        _ text: String, at part: TypedValue, _ content: EgressSpec.Content
    ) -> String? {
        let isWildcard = text.hasPrefix("*.")
        let name = isWildcard ? String(text.dropFirst(2)) : text
        guard let host = CanonicalHost(name), !(isWildcard && host.isAddress) else {
            report(
                .wrongType, at: part, "egress: `\(text)` is not a host",
                help: "write `api.example.com`, or `*.example.com` for every name below it")
            return nil
        }
        guard host.text == name else {
            report(
                .wrongType, at: part, "egress: `\(text)` is not the canonical form of its host",
                help: "write `\(isWildcard ? "*." : "")\(host.text)`")
            return nil
        }
        guard !host.isAddress || content != .tls else {
            report(
                .unfitSandbox, at: part,
                "egress: `\(text)` is an address, which no `tls` rule can name",
                help: "name the host, or state `protocol: http` or `tcp`")
            return nil
        }
        return text
    }

    mutating func readModels() {
        var names: Set<String> = []
        for item in bounded(value["models"], "models") {
            guard let name = item["name"], let text = name.text, let key = item["key"],
                let upstream = item["upstream"], let url = upstream.text
            else { continue }
            if !isLowerName(text) {
                report(
                    .malformedName, at: name, "models: `\(text)` is no name of a route",
                    help: "lower-case letters, digits and hyphens, at most 63")
            } else if !names.insert(text).inserted {
                report(
                    .unfitSandbox, at: name, "models: `\(text)` is stated twice",
                    help: "keep one of them")
            }
            let isPrivate = item["private"]?.flag ?? false
            check(upstream: url, of: text, isPrivate: isPrivate, at: upstream)
            guard let source = source(key, "models") else { continue }
            settings.models.append(
                ModelProviderSpec(
                    name: text, upstream: url, provider: source.provider, source: source.name,
                    admitsPrivate: isPrivate))
        }
        settings.models.sort { $0.name < $1.name }
    }

    /// Reports what the route to a provider does not accept, and warns if its key is sent in clear text over a network.
    private mutating func check(
        upstream url: String, of name: String, isPrivate: Bool, at part: TypedValue
    ) {
        let isSecure = url.hasPrefix("https://")
        let authority = url.dropFirst(isSecure ? 8 : 7).prefix { $0 != "/" }
        let afterHost = authority.lastIndex(of: "]") ?? authority.startIndex
        let colon = authority[afterHost...].lastIndex(of: ":") ?? authority.endIndex
        let text = String(authority[..<colon])
        guard let host = CanonicalHost(text), host.text == text,
            isSecure || url.hasPrefix("http://"),
            !url.utf8.contains(where: { "?#@\\".utf8.contains($0) })
        else {
            return report(
                .wrongType, at: part,
                "models: `\(url)` is not the address of a provider in its canonical form",
                help: "write `https://api.example.com`, without a user and a query")
        }
        guard isSecure || host.isAddress && isPrivate else {
            return report(
                .unfitSandbox, at: part, "models: the key of `\(name)` would be sent without TLS",
                help: "name an `https` address, or a private one in digits with `private: true`")
        }
        if !isSecure, !ServerConnection.http(url).isPlainLoopback {
            warnWeak(
                at: part, "models: the key of `\(name)` is sent without TLS",
                remedy: "name an `https` address")
        }
    }

    mutating func readResolver() {
        guard let resolver = value["resolver"] else { return }
        let stated = resolver.items.compactMap(\.text)
        guard stated != ["system"] else { return }
        let servers = stated.filter(isNameServer)
        guard servers.count == stated.count, (1...3).contains(servers.count) else {
            report(
                .wrongType, at: resolver,
                "resolver: it is `system`, or one to three addresses with ports",
                help: "write `system` or `[\"127.0.0.1:5353\"]`")
            return
        }
        settings.resolver = .servers(servers)
    }

    private func isNameServer(_ text: String) -> Bool {
        guard let address = readHostAndPort(text), let colon = address.lastIndex(of: ":"),
            let host = CanonicalHost(String(address[..<colon]))
        else { return false }
        return host.isAddress && host.text == address[..<colon]
    }
}
