import COpenSSL
import InterlockModel

/// TLS on one socket, used on the connection's loop. It has the results of `SocketCalls`, so that a connection treats
/// both alike.
///
/// INVARIANT: no peer over TLS, before or after it is known, keeps a loop or fills memory; what a server says counts
/// only under a certificate that names it. Kept by `test_tls_floods.py`, `HTTPRouteTests`, `HTTPClientTests`.
@safe final class TLSStream {
    private let handle: OpaquePointer
    /// True if the certificate of the other end is read: connections between nodes.
    private let readsCertificate: Bool

    init(_ handle: OpaquePointer, readsCertificate: Bool = false) {
        unsafe self.handle = unsafe handle
        self.readsCertificate = readsCertificate
    }

    deinit { unsafe SSL_free(handle) }

    /// True once the handshake is complete.
    var isOpen: Bool { unsafe interlock_tls_is_open(handle) == 1 }

    /// True if received bytes were not read yet.
    var hasPending: Bool { unsafe interlock_tls_has_pending(handle) != 0 }

    /// The reason the peer's certificate was rejected, in lower case, or nil if the certificate was not the cause.
    var refusal: String? {
        guard let text = unsafe interlock_tls_refusal(handle) else { return nil }
        return unsafe String(cString: text).lowercased()
    }

    /// SHA-256 of the SubjectPublicKeyInfo whose private key the client has proved to hold.
    var clientKey: Digest? {
        var digest = [UInt8](repeating: 0, count: 32)
        guard unsafe interlock_tls_peer_key(handle, &digest) == 1 else { return nil }
        return Digest(bytes: digest)
    }

    /// The certificate of the other end of a connection between nodes, whose key it has proved to hold.
    var certificate: PeerCertificate? {
        guard readsCertificate, let key = clientKey else { return nil }
        var uri = [UInt8](repeating: 0, count: Int(INTERLOCK_TLS_URI))
        var begin: Int64 = 0
        var end: Int64 = 0
        let length = unsafe interlock_tls_peer_name(handle, &uri, &begin, &end)
        func time(_ seconds: Int64) -> Timestamp {
            Timestamp(
                microseconds: seconds.multipliedReportingOverflow(by: 1_000_000).partialValue)
        }
        guard begin != .min, end != .min else { return nil }
        return PeerCertificate(
            key: key,
            uri: length > 0 ? String(validating: uri[..<Int(length)], as: UTF8.self) : nil,
            begin: time(begin), end: time(end))
    }

    /// Performs the handshake and sends nothing else.
    ///
    /// - Returns: false if it has failed. `isOpen` tells whether it is complete.
    func shakeHands() -> Bool { unsafe interlock_tls_shake_hands(handle) != -2 }

    /// Reads at most one record, so fewer bytes than the buffer takes do not mean that the socket is empty.
    func receive(into buffer: inout [UInt8]) -> SocketCalls.Transfer {
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe interlock_tls_read(handle, $0.baseAddress, $0.count)
        }
        switch count {
        case 1...: return .bytes(count)
        case 0: return .end
        case -1: return .wouldBlock
        default: return .failed
        }
    }

    /// Sends as much as the socket accepts. The caller must offer the rest again, beginning with the same byte.
    func send(_ bytes: [UInt8], from start: Int) -> SocketCalls.Transfer {
        var sent = start
        while sent < bytes.count {
            let from = sent
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[from...])
                return unsafe interlock_tls_write(handle, rest.baseAddress, rest.count)
            }
            switch count {
            case 1...: sent += count
            case -1: return sent == start ? .wouldBlock : .bytes(sent - start)
            // The earlier records were sent; the next call fails again.
            default: return sent == start ? .failed : .bytes(sent - start)
            }
        }
        return .bytes(sent - start)
    }

    func send(_ head: [UInt8], _ body: [UInt8]) -> SocketCalls.Transfer {
        let first = send(head, from: 0)
        guard case .bytes(head.count) = first else { return first }
        switch send(body, from: 0) {
        case .bytes(let count): return .bytes(head.count + count)
        case .wouldBlock: return .bytes(head.count)
        case .end, .failed: return .failed
        }
    }

    /// Sends the client the end of the stream.
    func finish() { unsafe interlock_tls_finish(handle) }
}
