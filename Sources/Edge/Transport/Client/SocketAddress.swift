import CLinux
import Glibc

/// An IPv4 or IPv6 address with a port, in the kernel's format.
struct SocketAddress: Hashable, Sendable {
    let family: Int32
    /// `sockaddr_in` or `sockaddr_in6`.
    private var bytes: [UInt8]

    /// Takes a `sockaddr_in` or `sockaddr_in6`; returns nil for another family.
    init?(kernel bytes: [UInt8]) {
        guard bytes.count >= 2 else { return nil }
        let family = unsafe bytes.withUnsafeBytes { unsafe $0.load(as: UInt16.self) }
        switch (Int32(family), bytes.count) {
        case (AF_INET, 16), (AF_INET6, 28): self.family = Int32(family)
        default: return nil
        }
        self.bytes = bytes
    }

    /// The same address with another port.
    func with(port: UInt16) -> SocketAddress {
        var other = self
        other.bytes[2] = UInt8(port >> 8)
        other.bytes[3] = UInt8(port & 255)
        return other
    }

    /// The 4 or 16 bytes of the address, in network order.
    var addressBytes: [UInt8] { Array(family == AF_INET ? bytes[4..<8] : bytes[8..<24]) }

    /// - Returns: nil if the text is not a numeric address.
    init?(_ text: String, port: UInt16) {
        let isFour = !text.contains(Character(":"))
        family = isFour ? AF_INET : AF_INET6
        var address = [UInt8](repeating: 0, count: isFour ? 4 : 16)
        let family = family
        let status = unsafe address.withUnsafeMutableBytes {
            unsafe inet_pton(family, text, $0.baseAddress)
        }
        guard status == 1 else { return nil }
        // The family is in host byte order, the port in network order.
        var bytes = unsafe withUnsafeBytes(of: UInt16(family)) { unsafe Array($0) }
        bytes += [UInt8(port >> 8), UInt8(port & 255)]
        if !isFour { bytes += [0, 0, 0, 0] }
        bytes += address
        bytes += [UInt8](repeating: 0, count: isFour ? 8 : 4)
        self.bytes = bytes
    }

    /// Starts a connection.
    /// - Parameter type: a stream, or datagrams that are exchanged with this address alone.
    /// - Returns: a non-blocking socket, connected or connecting, or nil if the kernel refuses.
    func beginConnecting(type: Int32 = Int32(SOCK_STREAM.rawValue)) -> Int32? {
        let descriptor = socket(
            family, type | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        if type == Int32(SOCK_STREAM.rawValue) { SocketCalls.setNoDelay(descriptor) }
        let status = unsafe bytes.withUnsafeBytes { bytes in
            guard let address = bytes.baseAddress else { return Int32(-1) }
            return unsafe connect(
                descriptor, address.assumingMemoryBound(to: sockaddr.self),
                socklen_t(bytes.count))
        }
        if status == 0 || errno == EINPROGRESS { return descriptor }
        SocketCalls.close(descriptor)
        return nil
    }
}
