import COpenSSL
import InterlockModel

/// TLS on one socket, on the connection's loop. It has the results of `SocketCalls`, so that a connection
/// need not know which of the two it reads from.
@safe final class TLSStream {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { unsafe self.handle = unsafe handle }

    deinit { unsafe SSL_free(handle) }

    /// Whether the handshake is over.
    var isOpen: Bool { unsafe interlock_tls_is_open(handle) == 1 }

    /// Whether it has received what was not read.
    var hasPending: Bool { unsafe interlock_tls_has_pending(handle) != 0 }

    /// Why the other end's certificate is not accepted, in lower case; nil where that is not what failed.
    var refusal: String? {
        guard let text = unsafe interlock_tls_refusal(handle) else { return nil }
        return unsafe String(cString: text).lowercased()
    }

    /// SHA-256 of the SubjectPublicKeyInfo that the client has proven to hold the key of.
    var clientKey: Digest? {
        var digest = [UInt8](repeating: 0, count: 32)
        guard unsafe interlock_tls_peer_key(handle, &digest) == 1 else { return nil }
        return Digest(bytes: digest)
    }

    /// At most one record, so fewer bytes than asked for do not mean that the socket is empty.
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

    /// As much as the socket takes. What would not go must be offered again, from the same byte on.
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
            // What went before has left; the next try fails again.
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

    /// Tells the client that nothing follows.
    func finish() { unsafe interlock_tls_finish(handle) }
}
