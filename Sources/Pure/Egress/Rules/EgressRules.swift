import InterlockJSON

/// The means by which a client asks for a target.
package enum EgressAccess: String, Hashable, Sendable {
    /// CONNECT or SOCKS5: for rules with `tls` and `tcp`.
    case tunnel
    /// A request in absolute form: for rules with `http`.
    case http
    /// A request to `/model/<name>/`: for entries of `models`.
    case model
}

extension EgressRule.Transport {
    /// The means by which a rule of this protocol is used.
    package var access: EgressAccess {
        switch self {
        case .tls, .tcp: .tunnel
        case .http: .http
        }
    }
}

/// The rules of one run, as one value that is swapped as a whole. Everything that no rule admits is refused.
package struct EgressRules: Equatable, Sendable {
    package let rules: [EgressRule]
    /// The model providers, each with a name of its own. None of them admits any other connection.
    package let models: [ModelUpstream]

    package static let most = 1024

    /// - Throws: `duplicate` if two rules have the same pattern, a common port and the same means of access, or two
    ///   providers the same name, since either could decide.
    package init(
        _ rules: [EgressRule], models: [ModelUpstream] = []
    ) throws(EgressRuleError) {
        guard rules.count <= Self.most, models.count <= Self.most else {
            throw EgressRuleError(.tooMany, "more than \(Self.most) egress rules")
        }
        guard Set(models.map { ExactText($0.name) }).count == models.count else {
            throw EgressRuleError(.duplicate, "two model providers with one name")
        }
        self.models = models
        var seen: Set<Claim> = []
        for rule in rules {
            for port in rule.ports {
                let claim = Claim(pattern: rule.pattern, port: port, access: rule.transport.access)
                guard seen.insert(claim).inserted else {
                    throw EgressRuleError(.duplicate, "two egress rules for `\(rule.text)`")
                }
            }
        }
        self.rules = rules
    }

    private struct Claim: Hashable {
        let pattern: EgressRule.Pattern
        let port: UInt16
        let access: EgressAccess
    }

    /// Returns the one rule that decides: an exact host before a pattern, then the longest pattern. The order of the
    /// rules has no effect.
    ///
    /// INVARIANT: no name is looked up before a rule admitted it. Kept by `EgressProxyTests`.
    package func decide(
        _ target: EgressTarget, _ access: EgressAccess, model: ModelDestination? = nil
    ) throws(EgressRefusal) -> EgressRule {
        if access == .model { return try decide(target, model) }
        let named = rules.filter { $0.matches(target.host) }
        let fitting = named.filter {
            $0.transport.access == access && $0.ports.contains(target.port)
                // An address cannot be named by a ClientHello.
                && ($0.transport != .tls || target.host.isName)
        }
        if let winner = fitting.max(by: { $0.precedence < $1.precedence }) { return winner }
        if !named.isEmpty, !named.contains(where: { $0.ports.contains(target.port) }) {
            throw EgressRefusal(.port, "no rule for the host has this port")
        }
        throw EgressRefusal(.noRule, "no rule admits the host")
    }

    /// The entry must have this target now, not only this name: a policy that is loaded later may have moved it.
    private func decide(
        _ target: EgressTarget, _ model: ModelDestination?
    ) throws(EgressRefusal) -> EgressRule {
        guard let entry = models.first(where: { $0.destination == model }),
            entry.target == target
        else { throw EgressRefusal(.noRule, "no entry of `models` has this provider") }
        return entry.rule
    }
}

extension EgressRule {
    /// Orders the rules that match one host: patterns by their length, and an exact host last.
    fileprivate var precedence: Int {
        switch pattern {
        case .exact: .max
        case .below(let suffix): suffix.count
        }
    }
}
