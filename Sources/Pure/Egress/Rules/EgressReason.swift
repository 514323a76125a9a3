/// The reasons for which the proxy refuses a connection (docs/specs/sandbox.md, section 7). Their texts are part of
/// answers and records, and never change.
package enum EgressReason: String, CaseIterable, Sendable {
    /// The host is not in the canonical form.
    case badHost = "bad-host"
    /// No rule admits the host with this protocol.
    case noRule = "no-rule"
    /// Rules name the host, and not this port.
    case port
    /// An address of the host is not public, or not of a kind that its rule admits.
    case privateAddress = "private-address"
    /// The name has no address, or the answer is invalid.
    case dnsFailure = "dns-failure"
    /// The ClientHello names no server.
    case noSNI = "no-sni"
    /// The ClientHello names another server, or several.
    case sniMismatch = "sni-mismatch"
    /// The ClientHello has an encrypted part that could name another server.
    case ech
    /// The first bytes are not a TLS ClientHello.
    case notTLS = "not-tls"
    /// Bytes arrived before the proxy had answered.
    case earlyData = "early-data"
    /// The request breaks the rules of HTTP or SOCKS5.
    case badRequest = "bad-request"
    /// A limit of time, size or number is used up.
    case limit
    /// The host, or the request of plain HTTP, has a value that must not be sent.
    case sideChannel = "egress-side-channel"
    /// The request has data that cannot be decoded for the search.
    case undecodable
    /// The host or the request could not be searched.
    case scanFailed = "scan-failed"
    /// The run has read untrusted content, and path and query have too many bytes that are not of the user's request.
    case longQuery = "long-query"
    /// The run, its agent or its owner is halted, or the gateway did not respond within the kill lease.
    case halted
    /// The change gate refuses the agent of the run as it is now.
    case evals
    /// No policy is loaded, or the last one that was loaded has an error.
    case noPolicy = "no-policy"
    /// The audit log cannot take the record of the connection.
    case auditUnavailable = "audit-unavailable"

    /// The code of records and refusals, for instance `net.no_rule`.
    package var code: String { "net." + String(rawValue.map { $0 == "-" ? "_" : $0 }) }

    /// 400 for a request that breaks the syntax, otherwise 403.
    package var httpStatus: Int {
        switch self {
        case .badHost, .badRequest, .earlyData: 400
        case .noRule, .port, .privateAddress, .dnsFailure, .noSNI, .sniMismatch, .ech, .notTLS,
            .limit, .sideChannel, .undecodable, .scanFailed, .longQuery, .halted, .evals,
            .noPolicy, .auditUnavailable:
            403
        }
    }

    /// The reply of SOCKS5 (RFC 1928, section 6): connection not allowed by ruleset.
    package var socksReply: UInt8 { 2 }

    /// A whole HTTP response with the reason on one line, after which the connection closes. The phrase has it too:
    /// clients show the phrase of a refused CONNECT, and not its body.
    package var httpResponse: [UInt8] {
        let body = rawValue + "\n"
        return Array(
            ("HTTP/1.1 \(httpStatus) \(rawValue)\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)").utf8)
    }
}

/// A refused connection: the reason, and one sentence for people that has no text of the client.
package struct EgressRefusal: Error, Equatable, Sendable {
    package let reason: EgressReason
    /// Lower case, without a full stop.
    package let detail: String

    package init(_ reason: EgressReason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }

    package static func == (a: EgressRefusal, b: EgressRefusal) -> Bool { a.reason == b.reason }
}
