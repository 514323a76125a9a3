import CLinux
import Glibc

/// A connected, blocking socket whose waits are bounded.
final class LocalSocket: Sendable {
    private let descriptor: Int32
    private let patienceMilliseconds: Int32

    init(_ address: LocalClient.Address, patience: Duration) throws(LocalFailure) {
        let milliseconds = patience.nanosecondsClamped / 1_000_000
        patienceMilliseconds = Int32(clamping: milliseconds)
        switch address {
        case .unix(let path):
            descriptor = SocketFile.connect(path)
            guard descriptor >= 0 else {
                throw LocalFailure(.unreachable, "cannot connect to `\(path)`: connection refused")
            }
        case .tcp(let host, let port):
            descriptor = Self.connect(host, port)
            guard descriptor >= 0 else {
                throw LocalFailure(
                    .unreachable, "cannot connect to `\(host):\(port)`: connection refused")
            }
            SocketCalls.setNoDelay(descriptor)
        }
    }

    deinit { SocketCalls.close(descriptor) }

    private static func connect(_ host: String, _ port: UInt16) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        let text = host == "localhost" ? "127.0.0.1" : host
        guard unsafe inet_pton(AF_INET, text, &address.sin_addr) == 1,
            UInt32(bigEndian: address.sin_addr.s_addr) >> 24 == 127
        else { return -1 }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return -1 }
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe CLinux.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if status == 0 { return descriptor }
        SocketCalls.close(descriptor)
        return -1
    }

    /// True if nothing has arrived, neither a byte nor the end of the connection.
    var isSilent: Bool { SocketCalls.isSilent(descriptor) }

    /// Sends the request. A response may arrive before all is sent, so a failing send is not an error yet.
    ///
    /// - Returns: the number of bytes that were sent.
    @discardableResult
    func send(_ bytes: [UInt8]) throws(LocalFailure) -> Int {
        var sent = 0
        while sent < bytes.count {
            guard wait(for: POLLOUT) else {
                throw LocalFailure(.lost, "the gateway does not take the request")
            }
            guard case .bytes(let count) = SocketCalls.send(descriptor, bytes, from: sent) else {
                return sent
            }
            sent += count
        }
        return sent
    }

    /// - Returns: nil if the gateway has closed its side.
    func receive() throws(LocalFailure) -> [UInt8]? {
        guard wait(for: POLLIN) else {
            throw LocalFailure(.lost, "the gateway does not answer")
        }
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        switch SocketCalls.receive(descriptor, into: &buffer) {
        case .bytes(let count): return buffer.span.array(0..<count)
        case .end: return nil
        case .wouldBlock: return []
        case .failed: throw LocalFailure(.lost, "the connection to the gateway broke")
        }
    }

    func cancel() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func wait(for events: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let count = unsafe poll(&waiting, 1, patienceMilliseconds)
            if count < 0, errno == EINTR { continue }
            return count == 1
        }
    }
}
