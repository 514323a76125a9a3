/// The means by which a client asks for a target.
package enum EgressAccess: String, Hashable, Sendable {
    /// CONNECT or SOCKS5: for rules with `tls` and `tcp`.
    case tunnel
    /// A request in absolute form: for rules with `http`.
    case http
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

    package static let most = 1024

    /// - Throws: `duplicate` if two rules have the same pattern, a common port and the same means of access, since
    ///   either could decide.
    package init(_ rules: [EgressRule]) throws(EgressRuleError) {
        guard rules.count <= Self.most else {
            throw EgressRuleError(.tooMany, "more than \(Self.most) egress rules")
        }
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
        _ target: EgressTarget, _ access: EgressAccess
    ) throws(EgressRefusal) -> EgressRule {
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
