/// One rule of `egress`: a host or the names below one, ports, and what may be spoken (docs/specs/sandbox.md,
/// sections 7 and 8).
package struct EgressRule: Hashable, Sendable {
    /// The hosts of a rule.
    package enum Pattern: Hashable, Sendable {
        case exact(EgressHost)
        /// `*.example.com`: every name below it, at any depth, and not the name itself.
        case below([UInt8])
    }

    /// The protocols of a rule (`protocol`).
    package enum Transport: String, CaseIterable, Sendable {
        /// TLS whose ClientHello names the host; never to an address.
        case tls
        /// Plain HTTP by requests in absolute form.
        case http
        /// Any bytes.
        case tcp
    }

    /// The treatment of an encrypted ClientHello (`ech`).
    package enum EncryptedHello: String, CaseIterable, Sendable { case deny, allow }

    package let pattern: Pattern
    /// Sorted, without duplicates; 1 to 65535.
    package let ports: [UInt16]
    package let transport: Transport
    package let allowsPrivate: Bool
    package let encryptedHello: EncryptedHello
    /// The most bytes that all connections of the rule send in one run.
    package let maxBytesUp: UInt64

    package static let defaultPort: UInt16 = 443
    package static let defaultMaxBytesUp: UInt64 = 50 << 20
    package static let mostPorts = 64

    /// - Parameter host: a host, or `*.` and a name with at least two labels.
    package init(
        host: String, ports: [UInt16] = [EgressRule.defaultPort], transport: Transport = .tls,
        allowsPrivate: Bool = false, encryptedHello: EncryptedHello = .deny,
        maxBytesUp: UInt64 = EgressRule.defaultMaxBytesUp
    ) throws(EgressRuleError) {
        pattern = try Self.pattern(of: host)
        guard (1...Self.mostPorts).contains(ports.count), !ports.contains(0) else {
            throw EgressRuleError(.ports, "expected 1 to \(Self.mostPorts) ports of 1 to 65535")
        }
        if transport == .tls, case .exact(let host) = pattern, !host.isName {
            throw EgressRuleError(
                .addressWithTLS, "an address cannot have the protocol `tls`, which checks a name")
        }
        if encryptedHello == .allow, transport != .tls {
            throw EgressRuleError(.unusedKey, "`ech` has no effect without the protocol `tls`")
        }
        self.ports = Array(Set(ports)).sorted()
        self.transport = transport
        self.allowsPrivate = allowsPrivate
        self.encryptedHello = encryptedHello
        self.maxBytesUp = maxBytesUp
    }

    private static func pattern(of text: String) throws(EgressRuleError) -> Pattern {
        do throws(EgressRefusal) {
            guard text.utf8.starts(with: "*.".utf8) else {
                return .exact(try EgressHost(text))
            }
            let host = try EgressHost(canonical: text.utf8.dropFirst(2))
            guard host.isName else {
                throw EgressRefusal(.badHost, "an address has no names below it")
            }
            guard host.nameBytes.contains(UInt8(ascii: ".")) else {
                throw EgressRefusal(.badHost, "`*.` needs a name of at least two labels")
            }
            return .below(host.nameBytes)
        } catch {
            throw EgressRuleError(.host, error.detail)
        }
    }

    /// Returns whether the pattern has the host.
    package func matches(_ host: EgressHost) -> Bool {
        switch pattern {
        case .exact(let own): return own == host
        case .below(let suffix):
            let name = host.nameBytes
            let start = name.count - suffix.count
            guard start >= 2, name[start - 1] == UInt8(ascii: ".") else { return false }
            return name[start...].elementsEqual(suffix)
        }
    }

    /// The rule as it is named in records and pages: `tls api.example.com:443`, `http *.example.com:80,8080`.
    package var text: String {
        let host =
            switch pattern {
            case .exact(let host): "\(host)"
            case .below(let suffix): "*." + String(decoding: suffix, as: UTF8.self)
            }
        return "\(transport.rawValue) \(host):" + ports.map { String($0) }.joined(separator: ",")
    }
}

/// The reason for which text is not a rule, or rules are not a policy.
package struct EgressRuleError: Error, Equatable, Sendable {
    package enum Code: Sendable {
        case host, ports, addressWithTLS, unusedKey, duplicate, tooMany, model
    }
    package let code: Code
    /// Lower case, without a full stop; may quote the policy.
    package let detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package static func == (a: EgressRuleError, b: EgressRuleError) -> Bool { a.code == b.code }
}
