/// A request to the HTTP listener of the proxy.
package enum ProxyRequest: Equatable, Sendable {
    /// CONNECT: a tunnel to a target.
    case tunnel(EgressTarget)
    /// A request in absolute form, which is sent on once.
    case forward(ForwardedRequest)
    /// A request to one of the proxy's own routes, in origin form or in absolute form; another reader parses its head
    /// again.
    case own(OwnRoute)
    /// A request to any other path of the proxy itself.
    case notFound
}

/// A request of plain HTTP in the form in which the server gets it.
package struct ForwardedRequest: Equatable, Sendable {
    package let target: EgressTarget
    /// Request line in origin form, `Host`, the fields that are not hop-by-hop, but for `Expect`, `Connection: close`,
    /// empty line.
    package let head: [UInt8]
    /// The bytes of the body that follow, and no byte more.
    package let bodyLength: UInt64
    /// True if the client may wait for `100 Continue` before it sends the body (RFC 9110, section 10.1.1).
    package let expectsContinue: Bool

    /// The head for a server that answers what the client expects.
    package var headWithExpectation: [UInt8] {
        guard expectsContinue else { return head }
        return Array(head.dropLast(2)) + Array("expect: 100-continue\r\n\r\n".utf8)
    }
}
