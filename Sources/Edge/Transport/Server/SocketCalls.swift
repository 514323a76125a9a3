import CLinux
import Glibc
import InterlockPorts

/// The epoll bits, under readable names.
enum EventBits {
    static let readable = EPOLLIN.rawValue
    static let writable = EPOLLOUT.rawValue
    static let peerClosed = EPOLLRDHUP.rawValue
    static let hangUp = EPOLLHUP.rawValue
    static let failed = EPOLLERR.rawValue
    static let edge: UInt32 = EPOLLET.rawValue
}

/// System calls on sockets, with their results as values.
enum SocketCalls {
    enum Transfer: Equatable {
        case bytes(Int)
        /// Nothing can be transferred now; the loop reports when it can.
        case wouldBlock
        case end
        case failed
    }

    /// - Returns: a socket that closes on exec, or -1.
    static func open(family: Int32, type: Int32, protocol number: Int32) -> Int32 {
        socket(family, type | Int32(SOCK_CLOEXEC.rawValue), number)
    }

    /// - Returns: `.end` if the peer has closed its side.
    static func receive(_ descriptor: Int32, into buffer: inout [UInt8]) -> Transfer {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
            }
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .failed
        }
    }

    /// Sends as many of `bytes` from `start` as the socket accepts; never raises SIGPIPE.
    static func send(_ descriptor: Int32, _ bytes: [UInt8], from start: Int) -> Transfer {
        while true {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[start...])
                return unsafe CLinux.send(
                    descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .failed
        }
    }

    /// Sends two buffers in one system call.
    static func send(_ descriptor: Int32, _ head: [UInt8], _ body: [UInt8]) -> Transfer {
        while true {
            let count = unsafe head.withUnsafeBytes { head in
                unsafe body.withUnsafeBytes { body in
                    var parts = unsafe [
                        iovec(
                            iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress),
                            iov_len: head.count),
                        iovec(
                            iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress),
                            iov_len: body.count),
                    ]
                    return unsafe parts.withUnsafeMutableBufferPointer { parts in
                        var message = unsafe msghdr()
                        unsafe message.msg_iov = parts.baseAddress
                        unsafe message.msg_iovlen = 2
                        return unsafe sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
                    }
                }
            }
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .failed
        }
    }

    static func sendOnce(_ descriptor: Int32, _ bytes: [UInt8]) {
        _ = send(descriptor, bytes, from: 0)
    }

    static func finishSending(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    static func close(_ descriptor: Int32) { _ = CLinux.close(descriptor) }

    static func setNoDelay(_ descriptor: Int32) {
        var one: Int32 = 1
        _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    }

    /// Returns true if a read would block: no byte, no end, no error.
    static func isSilent(_ descriptor: Int32) -> Bool {
        var byte: UInt8 = 0
        let count = unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return count < 0 && errno == EAGAIN
    }

    /// Returns the error of a started connection, or 0 if it is established.
    static func error(of descriptor: Int32) -> Int32 {
        var value: Int32 = 0
        var size = socklen_t(4)
        let status = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &size)
        return status == 0 ? value : errno
    }

    /// Returns the source of a connection. For IPv6 it is the network, since one client may have all its addresses.
    static func source(of descriptor: Int32, _ listener: Listener) -> RequestSource {
        if case .local(let uid, _) = listener { return .user(uid) }
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getpeername(descriptor, $0, &length)
            }
        }
        guard result == 0 else { return .unknown }
        let family = Int32(address.ss_family)
        return unsafe withUnsafeBytes(of: address) { bytes in
            func integer(_ start: Int, _ count: Int) -> UInt64 {
                (start..<start + count).reduce(0) { unsafe $0 << 8 | UInt64(bytes[$1]) }
            }
            switch family {
            case AF_INET: return .address(high: 0, low: integer(4, 4))
            // ::ffff:a.b.c.d
            case AF_INET6 where integer(8, 8) == 0 && integer(16, 4) == 0xffff:
                return .address(high: 0, low: integer(20, 4))
            case AF_INET6: return .address(high: integer(8, 8), low: 0)
            default: return .unknown
            }
        }
    }

    /// Returns both ends of a TCP connection, or nil for a unix socket.
    static func ends(of descriptor: Int32) -> ConnectionPeer? {
        guard let other = endpoint(of: descriptor, isPeer: true),
            let own = endpoint(of: descriptor, isPeer: false)
        else { return nil }
        return ConnectionPeer(host: other.host, port: other.port, localPort: own.port)
    }

    private static func endpoint(
        of descriptor: Int32, isPeer: Bool
    ) -> (host: String, port: UInt16)? {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                isPeer
                    ? unsafe getpeername(descriptor, $0, &length)
                    : unsafe getsockname(descriptor, $0, &length)
            }
        }
        let family = Int32(address.ss_family)
        guard result == 0, family == AF_INET || family == AF_INET6 else { return nil }
        let bytes = unsafe withUnsafeBytes(of: address) { unsafe Array($0) }
        let host = family == AF_INET ? Array(bytes[4..<8]) : Array(bytes[8..<24])
        return text(ofAddress: host).map { ($0, UInt16(bytes[2]) << 8 | UInt16(bytes[3])) }
    }

    /// Returns the numeric form of 4 or 16 bytes; an IPv4 address that is written as IPv6 has its own form.
    static func text(ofAddress bytes: [UInt8]) -> String? {
        let isMapped =
            bytes.count == 16 && bytes[..<10].allSatisfy { $0 == 0 }
            && bytes[10...11] == [255, 255]
        let bytes = isMapped ? Array(bytes[12...]) : bytes
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var text = [UInt8](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let length = socklen_t(text.count)
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        let isWritten = unsafe text.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.withMemoryRebound(to: CChar.self) { buffer in
                unsafe inet_ntop(family, bytes, buffer.baseAddress, length) != nil
            }
        }
        return isWritten ? String(decoding: text.prefix { $0 != 0 }, as: UTF8.self) : nil
    }

    /// Returns the peer of a unix socket, from the kernel.
    static func peer(of descriptor: Int32) -> Listener? {
        var peer = interlock_peer()
        guard unsafe interlock_peer_credentials(descriptor, &peer) == 0 else { return nil }
        return .local(uid: peer.uid, pid: peer.pid)
    }
}
