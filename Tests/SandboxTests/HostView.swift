import Glibc
import Testing

/// A listening unix socket that reports whether any peer connected.
final class UnixListener {
    private let socket: Int32

    init(_ path: String, kind: UInt32 = SOCK_STREAM.rawValue) throws {
        socket = Glibc.socket(AF_UNIX, Int32(kind) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        try #require(path.utf8.count < 108)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) {
            unsafe $0.copyBytes(from: path.utf8)
        }
        let bound = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        if kind == SOCK_STREAM.rawValue { try #require(listen(socket, 8) == 0) }
        unsafe chmod(path, 0o666)
    }

    deinit { close(socket) }

    var wasVisited: Bool {
        let visitor = accept(socket, nil, nil)
        if visitor >= 0 { close(visitor) }
        return visitor >= 0
    }
}

/// A listening TCP socket of the host on 127.0.0.1 that reports whether any peer connected.
final class TCPListener {
    private let socket: Int32
    let port: UInt16

    init() throws {
        socket = Glibc.socket(
            AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = socket
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(socket, $0, length) + listen(socket, 8)
                    + getsockname(socket, $0, &length)
            }
        }
        try #require(status == 0)
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(socket) }

    var wasVisited: Bool {
        let visitor = accept(socket, nil, nil)
        if visitor >= 0 { close(visitor) }
        return visitor >= 0
    }
}

/// The descendants of a process, children first, by the host's process identifiers.
func descendants(of pid: Int32) -> [Int32] {
    let children = contents("/proc/\(pid)/task/\(pid)/children").split(separator: " ")
    return children.compactMap { Int32($0) }.flatMap { [$0] + descendants(of: $0) }
}

func ownerOfProcess(_ pid: Int32) -> uid_t? {
    contents("/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("Uid:") }
        .flatMap { $0.split(whereSeparator: \.isWhitespace).dropFirst().first }.flatMap {
            uid_t($0)
        }
}

/// Is false too for a process that has ended and was not reaped.
func isAlive(_ pid: Int32) -> Bool {
    let state = contents("/proc/\(pid)/status").split(separator: "\n").first {
        $0.hasPrefix("State:")
    }
    return state.map { !$0.contains("Z") && !$0.contains("X") } ?? false
}

/// The open descriptors of this process.
func openDescriptors() -> Set<Int32> {
    Set((0..<1024).filter { fcntl($0, F_GETFD) >= 0 })
}

func contents(_ path: String) -> String {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var text = [UInt8]()
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = unsafe read(file, &buffer, buffer.count)
        if count <= 0 { break }
        text += buffer.prefix(count)
    }
    return String(decoding: text, as: UTF8.self)
}
