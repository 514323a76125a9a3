import CLinux
import Glibc

/// One request over the gateway's local socket, blocking: connect, send, read to the end, close.
struct LocalSocket {
    struct Answer {
        let status: Int
        let body: [UInt8]
    }
    struct Unreachable: Error { let reason: String }

    private static let answerLimit = 16 << 20
    private static let patienceSeconds = 30

    let path: String

    func send(_ method: String, _ target: String, _ body: [UInt8]) throws(Unreachable) -> Answer {
        let socket = try connected()
        defer { close(socket) }
        var request = Array(
            "\(method) \(target) HTTP/1.1\r\nHost: local\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
                .utf8)
        request += body
        try write(request, to: socket)
        return try answer(in: try readAll(from: socket))
    }

    private func connected() throws(Unreachable) -> Int32 {
        let socket = Glibc.socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw failure("open a socket") }
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        _ = unsafe setsockopt(
            socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            close(socket)
            throw Unreachable(reason: "the path `\(path)` is too long for a socket")
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let status = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            let failure = failure("connect to `\(path)`")
            close(socket)
            throw failure
        }
        return socket
    }

    private func write(_ bytes: [UInt8], to socket: Int32) throws(Unreachable) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(
                    socket, $0.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("send") }
            sent += count
        }
    }

    private func readAll(from socket: Int32) throws(Unreachable) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(socket, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read the answer") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= Self.answerLimit else {
                throw Unreachable(reason: "the answer is too large")
            }
        }
    }

    /// The server answers with Content-Length and closes; what is cut short is refused.
    private func answer(in bytes: [UInt8]) throws(Unreachable) -> Answer {
        let text = String(decoding: bytes.prefix(16 << 10), as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else {
            throw Unreachable(reason: "there was no answer")
        }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) }
        let body = Array(bytes.dropFirst(text[..<end.upperBound].utf8.count))
        guard words.count >= 2, let status = Int(words[1]), body.count == length ?? body.count
        else {
            throw Unreachable(reason: "the answer is cut short")
        }
        return Answer(status: status, body: body)
    }

    /// Reads `errno`; call it before anything else can change that.
    private func failure(_ deed: String) -> Unreachable {
        let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? ""
        return Unreachable(reason: "cannot \(deed): \(reason.lowercased())")
    }
}
