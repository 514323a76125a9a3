package import InterlockEgress
package import InterlockPolicy

extension EgressRules {
    /// The rules of the proxy that a sandbox states.
    ///
    /// - Throws: if the proxy cannot keep a rule; then nothing is reachable.
    package init(_ settings: SandboxSettings) throws(EgressRuleError) {
        var rules: [EgressRule] = []
        for spec in settings.egress { rules.append(try EgressRule(spec)) }
        var models: [ModelUpstream] = []
        for spec in settings.models { models.append(try ModelUpstream(spec)) }
        try self.init(rules, models: models)
    }
}

extension ModelUpstream {
    package init(_ spec: ModelProviderSpec) throws(EgressRuleError) {
        try self.init(
            name: spec.name, url: spec.upstream, allowsPrivate: spec.admitsPrivate)
    }
}

extension EgressRule {
    package init(_ spec: EgressSpec) throws(EgressRuleError) {
        let ports = spec.ports.compactMap { UInt16(exactly: $0) }
        guard ports.count == spec.ports.count, spec.maxBytesUp >= 0 else {
            throw EgressRuleError(.ports, "`\(spec.host)`: expected ports of 1 to 65535")
        }
        let transport: Transport =
            switch spec.content {
            case .tls: .tls
            case .http: .http
            case .tcp: .tcp
            }
        try self.init(
            host: spec.host, ports: ports, transport: transport, allowsPrivate: spec.admitsPrivate,
            encryptedHello: spec.admitsEncryptedHello ? .allow : .deny,
            maxBytesUp: UInt64(spec.maxBytesUp))
    }
}
