import CLinux
import Glibc
import InterlockTesting

/// A client that sends exactly the given bytes, with a bound on every wait.
final class RawClient {
    enum Failure: Error {
        case connect(Int32)
        case timeout(String)
    }
    private let descriptor: Int32
    private(set) var received: [UInt8] = []
    static let patienceMilliseconds: Int32 = 5_000

    /// - Parameter own: the address of this client, of the network 127.0.0.0/8.
    init(port: UInt16, from own: UInt32 = loopback) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if own != Self.loopback {
            var own = Self.address(own, 0)
            try Self.name(descriptor, &own, isOwn: true)
        }
        var address = Self.address(Self.loopback, port)
        try Self.connect(descriptor, &address)
    }

    static let loopback: UInt32 = 0x7f00_0001

    private static func address(_ host: UInt32, _ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = host.bigEndian
        return address
    }

    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) {
            unsafe $0.copyBytes(from: Array(path.utf8))
        }
        try Self.connect(descriptor, &address)
    }

    deinit { close(descriptor) }

    private static func connect<Address>(_ descriptor: Int32, _ address: inout Address) throws {
        try name(descriptor, &address, isOwn: false)
    }

    /// Binds to the address, or connects to it.
    private static func name<Address>(
        _ descriptor: Int32, _ address: inout Address, isOwn: Bool
    ) throws {
        let size = socklen_t(MemoryLayout<Address>.size)
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                isOwn
                    ? unsafe Glibc.bind(descriptor, $0, size)
                    : unsafe Glibc.connect(descriptor, $0, size)
            }
        }
        // `deinit` closes the descriptor, even after a throw.
        guard status == 0 else { throw Failure.connect(errno) }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Sends all bytes, or as many as the server accepts before it closes.
    func send(_ bytes: [UInt8]) { LoopbackSocket.send(bytes, to: descriptor) }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Waits for more bytes; returns false at the end of the stream.
    private func receive() throws -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&waiting, 1, Self.patienceMilliseconds) == 1 else {
            throw Failure.timeout(text)
        }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
        }
        guard count > 0 else { return false }
        received += buffer[..<count]
        return true
    }

    var text: String { String(decoding: received, as: UTF8.self) }

    /// Reads until the received text contains `part`, and returns all of it.
    func read(until part: String) throws -> String {
        while !text.contains(part) { guard try receive() else { return text } }
        return text
    }

    /// Reads to the end of the stream.
    func readAll() throws -> String {
        while try receive() {}
        return text
    }
}
