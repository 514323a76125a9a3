package import InterlockEgress
package import InterlockJSON
package import InterlockModel
package import InterlockPorts

/// The question or report of a supervisor about one connection of its run's proxy, in the form of the local socket.
package struct EgressMessage: Sendable, Hashable {
    package enum Content: Sendable, Hashable {
        /// Asks whether a rule admits the target, before any name is looked up.
        case decide
        /// Asks whether a rule admits the target, which is an address, and for the permission to connect to it: there is
        /// no name to look up and no ClientHello to read between the two.
        case open
        /// Asks for the permission to connect to one of these checked addresses.
        case connect(
            [IPAddress], hasEncryptedHello: Bool, content: EgressContent = .unread)
        /// Reports a refusal that the proxy made itself.
        case refused(EgressReason)
        /// Reports a look-up; no addresses if the name was not resolved.
        case resolved([IPAddress], rule: String, milliseconds: Int64)
        case closed(EgressEnd)
    }

    /// Names the connection in all its messages and records.
    package let call: CallID
    /// The target; nil only for a refused request that names none.
    package let asked: EgressDestination?
    package let content: Content

    package init(call: CallID, asked: EgressDestination?, _ content: Content) {
        self.call = call
        self.asked = asked
        self.content = content
    }
}

/// The target of a connection, and the means by which the run asked for it.
package struct EgressDestination: Sendable, Hashable {
    package let target: EgressTarget
    package let access: EgressAccess
    /// Is not nil exactly if `access` is `model`.
    package let model: ModelDestination?

    package init(
        _ target: EgressTarget, _ access: EgressAccess, model: ModelDestination? = nil
    ) {
        self.target = target
        self.access = access
        self.model = model
    }
}

/// The end of a permitted connection.
package struct EgressEnd: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case finished, unreachable, broken, idle, limit, stopped
    }
    package let kind: Kind
    /// The error of `unreachable`; 0 for none.
    package let errno: Int64
    package let sent: Int64
    package let received: Int64
    package let milliseconds: Int64
    /// The answer of a model, or nil if there was none.
    package let answer: ModelAnswer?

    package init(
        kind: Kind, errno: Int64, sent: Int64, received: Int64, milliseconds: Int64,
        answer: ModelAnswer? = nil
    ) {
        self.kind = kind
        self.errno = errno
        self.sent = sent
        self.received = received
        self.milliseconds = milliseconds
        self.answer = answer
    }

    /// The end of a connection that a halt stopped before it was made.
    static let unused = EgressEnd(kind: .stopped, errno: 0, sent: 0, received: 0, milliseconds: 0)

    package init(_ outcome: EgressOutcome) {
        let (kind, errno): (Kind, Int32) =
            switch outcome.end {
            case .finished: (.finished, 0)
            case .unreachable(let error): (.unreachable, error)
            case .broken: (.broken, 0)
            case .idle: (.idle, 0)
            case .limit: (.limit, 0)
            case .stopped: (.stopped, 0)
            }
        self.init(
            kind: kind, errno: Int64(max(0, errno)), sent: Int64(clamping: outcome.bytesUp),
            received: Int64(clamping: outcome.bytesDown), milliseconds: outcome.milliseconds,
            answer: outcome.answer)
    }
}

extension EgressMessage {
    /// The longest text of a rule: its protocol, a name and 64 ports.
    private static let longestRule = 1024
    private static let addresses = 0...CheckedAddresses.mostAnswers
    private static let counts: ClosedRange<Int64> = 0...(1 << 53 - 1)

    package init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, required: ["do", "call"],
            optional: [
                "host", "port", "access", "ip", "ech", "reason", "rule", "ms", "end", "errno",
                "sent", "recv", "model", "prompt", "answer", "request",
            ])
        content = try Self.content(of: fields)
        call = try fields.made("call", "a call's id") { CallID($0) }
        asked = fields.has("host") ? try EgressDestination(fields) : nil
        switch content {
        case .connect(_, _, let content):
            guard let asked else { throw .missingMember("host") }
            switch (asked.access, content) {
            case (.tunnel, .unread), (.model, .prompt), (.http, .request): break
            case (.http, .unread), (.http, .prompt), (.tunnel, .request), (.model, .request):
                throw .badMember("request", "the request of plain HTTP")
            case (.model, .unread), (.tunnel, .prompt):
                throw .badMember("prompt", "the prompt context of a request to a model")
            }
        case .open:
            guard let asked else { throw .missingMember("host") }
            guard asked.target.host.address != nil, asked.access == .tunnel else {
                throw .badMember("host", "an address for a tunnel")
            }
        case .decide, .resolved:
            guard asked != nil else { throw .missingMember("host") }
        case .refused, .closed: break
        }
    }

    private static func content(of fields: StrictFields) throws(FormError) -> Content {
        switch try fields.string("do") {
        case "decide": return .decide
        case "open": return .open
        case "connect":
            return .connect(
                try list(fields), hasEncryptedHello: try fields.bool("ech"),
                content: try known(fields))
        case "refused":
            return .refused(try fields.made("reason", "a reason", EgressReason.init))
        case "resolved":
            return .resolved(
                try list(fields), rule: try fields.string("rule", length: 1...longestRule),
                milliseconds: try fields.integer("ms", in: counts))
        case "closed":
            return .closed(
                EgressEnd(
                    kind: try fields.made("end", "an end", EgressEnd.Kind.init),
                    errno: try fields.integer("errno", in: 0...4095),
                    sent: try fields.integer("sent", in: counts),
                    received: try fields.integer("recv", in: counts),
                    milliseconds: try fields.integer("ms", in: counts),
                    answer: fields.has("answer") ? try ModelAnswer(fields.value("answer")) : nil))
        default:
            throw fields.bad("do", "decide, open, connect, refused, resolved or closed")
        }
    }

    private static func known(_ fields: StrictFields) throws(FormError) -> EgressContent {
        switch (fields.has("prompt"), fields.has("request")) {
        case (false, false): return .unread
        case (true, false): return .prompt(try ModelPrompt(fields.value("prompt")))
        case (false, true): return .request(try SentRequest(fields.value("request")))
        case (true, true): throw fields.bad("request", "no `prompt` in the same message")
        }
    }

    private static func list(_ fields: StrictFields) throws(FormError) -> [IPAddress] {
        try fields.list("ip", count: addresses, "an address") { IPAddress(text: $0) }
    }

    package var json: JSONValue {
        var object: JSONObject = ["call": .string(call.text)]
        if let asked {
            object["host"] = .string("\(asked.target.host)")
            object["port"] = .integer(Int64(asked.target.port))
            object["access"] = .string(asked.access.rawValue)
            object["model"] = asked.model?.json
        }
        switch content {
        case .decide: object["do"] = "decide"
        case .open: object["do"] = "open"
        case .connect(let addresses, let hasEncryptedHello, let content):
            object["do"] = "connect"
            object["ip"] = addresses.json
            object["ech"] = .bool(hasEncryptedHello)
            switch content {
            case .unread: break
            case .prompt(let prompt): object["prompt"] = prompt.json
            case .request(let sent): object["request"] = sent.json
            }
        case .refused(let reason):
            object["do"] = "refused"
            object["reason"] = .string(reason.rawValue)
        case .resolved(let answers, let rule, let milliseconds):
            object["do"] = "resolved"
            object["ip"] = answers.json
            object["rule"] = .string(rule)
            object["ms"] = .integer(milliseconds)
        case .closed(let end):
            object["do"] = "closed"
            object["end"] = .string(end.kind.rawValue)
            object["errno"] = .integer(end.errno)
            object["sent"] = .integer(end.sent)
            object["recv"] = .integer(end.received)
            object["ms"] = .integer(end.milliseconds)
            object["answer"] = end.answer?.json
        }
        return .object(object)
    }
}

extension EgressDestination {
    fileprivate init(_ fields: StrictFields) throws(FormError) {
        let host = try fields.made("host", "a host in its canonical form") { text -> EgressHost? in
            guard let host = try? EgressHost(text), sameBytes("\(host)", text) else { return nil }
            return host
        }
        let port = UInt16(try fields.integer("port", in: 1...65_535))
        guard let target = EgressTarget(host, port: port) else {
            throw fields.bad("port", "a port")
        }
        self.target = target
        access = try fields.made("access", "tunnel, http or model", EgressAccess.init)
        model = fields.has("model") ? try ModelDestination(fields.value("model")) : nil
        guard (model != nil) == (access == .model) else {
            throw fields.bad("model", "the provider of a request to a model")
        }
    }
}

extension IPAddress {
    /// Parses a dotted quad, or an IPv6 address without brackets.
    init?(text: String) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            self.init(ipv6: text.utf8)
        } else {
            self.init(dottedQuad: text.utf8)
        }
    }
}

extension [IPAddress] {
    var json: JSONValue { .array(map { .string("\($0)") }) }
}
