package import InterlockEgress
package import InterlockJSON
package import InterlockModel

/// The gateway's answer to an `EgressMessage`.
package enum EgressResponse: Sendable, Hashable {
    /// A rule admits the target. Nothing is recorded yet.
    case admitted(EgressRule)
    /// The rule admits the address, and the permission to connect to it is durable.
    case opened(EgressRule)
    /// The report is noted, or the permission to connect is durable.
    case done
    /// The refusal is noted.
    case refused(EgressReason)

    package init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(value, required: [], optional: ["rule", "open", "reason"])
        if fields.has("reason") {
            self = .refused(try fields.made("reason", "a reason", EgressReason.init))
        } else if fields.has("rule") {
            let rule = try EgressRule(fields.value("rule"))
            let isOpen = fields.has("open") ? try fields.bool("open") : false
            self = isOpen ? .opened(rule) : .admitted(rule)
        } else {
            self = .done
        }
    }

    package var json: JSONValue {
        switch self {
        case .admitted(let rule): ["rule": rule.json]
        case .opened(let rule): ["rule": rule.json, "open": true]
        case .done: [:]
        case .refused(let reason): ["reason": .string(reason.rawValue)]
        }
    }
}

extension EgressRule {
    fileprivate init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, at: "rule", required: ["host", "ports", "protocol", "private", "ech", "max"])
        var ports: [UInt16] = []
        for port in try fields.array("ports", count: 1...Self.mostPorts) {
            guard let port = port.integer.flatMap({ UInt16(exactly: $0) }) else {
                throw fields.bad("ports", "a list of ports")
            }
            ports.append(port)
        }
        let most = try fields.integer("max", in: 0...(1 << 53 - 1))
        let host = try fields.string("host", length: 1...256)
        let transport = try fields.made("protocol", "tls, http or tcp", Transport.init)
        let ech = try fields.made("ech", "deny or allow", EncryptedHello.init)
        let allowsPrivate = try fields.bool("private")
        do throws(EgressRuleError) {
            try self.init(
                host: host, ports: ports, transport: transport, allowsPrivate: allowsPrivate,
                encryptedHello: ech, maxBytesUp: UInt64(most))
        } catch { throw fields.bad("host", "a rule: \(error.detail)") }
    }

    fileprivate var json: JSONValue {
        [
            "host": .string(pattern.text), "ports": .array(ports.map { .integer(Int64($0)) }),
            "protocol": .string(transport.rawValue), "private": .bool(allowsPrivate),
            "ech": .string(encryptedHello.rawValue),
            "max": .integer(min(Int64(clamping: maxBytesUp), 1 << 53 - 1)),
        ]
    }
}

extension EgressRule.Pattern {
    fileprivate var text: String {
        switch self {
        case .exact(let host): "\(host)"
        case .below(let suffix): "*." + String(decoding: suffix, as: UTF8.self)
        }
    }
}
