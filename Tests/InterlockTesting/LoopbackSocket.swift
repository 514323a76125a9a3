import Glibc

/// Sockets on 127.0.0.1, each with a port that the kernel chose, for the peers that tests play.
package enum LoopbackSocket {
    /// - Returns: a TCP socket that accepts connections.
    package static func listening() -> (descriptor: Int32, port: UInt16) {
        let bound = bound(Int32(SOCK_STREAM.rawValue))
        _ = listen(bound.descriptor, 64)
        return bound
    }

    /// - Returns: a UDP socket.
    package static func datagrams() -> (descriptor: Int32, port: UInt16) {
        bound(Int32(SOCK_DGRAM.rawValue))
    }

    private static func bound(_ type: Int32) -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, type | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = unsafe bind(descriptor, $0, length)
                _ = unsafe getsockname(descriptor, $0, &length)
            }
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// Sends all bytes, or as many as the other side accepts before it closes.
    package static func send(_ bytes: [UInt8], to descriptor: Int32) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[sent...])
                return unsafe Glibc.send(
                    descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}
