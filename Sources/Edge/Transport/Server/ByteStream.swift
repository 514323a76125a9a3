import InterlockModel

/// The bytes of one connection, plain or over TLS, used on its loop. The results are those of `SocketCalls`.
struct ByteStream {
    let descriptor: Int32
    /// The TLS session, or nil for plain HTTP.
    private let tls: TLSStream?

    init(_ descriptor: Int32, tls: TLSStream? = nil) {
        self.descriptor = descriptor
        self.tls = tls
    }

    var isTLS: Bool { tls != nil }
    /// True if no TLS handshake is pending.
    var isOpen: Bool { tls?.isOpen ?? true }
    /// True if TLS holds received bytes that were not read.
    var hasPending: Bool { tls?.hasPending ?? false }
    /// The reason a handshake failed, in lower case.
    var refusal: String? { tls?.refusal }
    var clientKey: Digest? { tls?.clientKey }
    /// The certificate of the other end of a connection between nodes.
    var certificate: PeerCertificate? { tls?.certificate }

    /// Performs the handshake and sends nothing else; returns false if it has failed.
    func shakeHands() -> Bool { tls?.shakeHands() ?? true }

    func receive(into buffer: inout [UInt8]) -> SocketCalls.Transfer {
        guard let tls else { return SocketCalls.receive(descriptor, into: &buffer) }
        return tls.receive(into: &buffer)
    }

    func send(_ bytes: [UInt8], from start: Int) -> SocketCalls.Transfer {
        guard let tls else { return SocketCalls.send(descriptor, bytes, from: start) }
        return tls.send(bytes, from: start)
    }

    /// - Parameter body: may be empty.
    func send(_ head: [UInt8], _ body: [UInt8]) -> SocketCalls.Transfer {
        if body.isEmpty { return send(head, from: 0) }
        guard let tls else { return SocketCalls.send(descriptor, head, body) }
        return tls.send(head, body)
    }

    func finishSending() {
        tls?.finish()
        SocketCalls.finishSending(descriptor)
    }

    func close() {
        tls?.finish()
        SocketCalls.close(descriptor)
    }
}
