import CLinux
import Glibc

/// A bound, listening, non-blocking socket.
package struct ListeningSocket: Sendable {
    package enum Accepted {
        case connection(Int32)
        case none
        case noDescriptors
    }

    package let descriptor: Int32
    let port: UInt16
    /// The device and inode of a unix socket's own file, so that only this file is removed.
    private let file: (path: String, device: UInt64, inode: UInt64)?

    var isUnix: Bool { file != nil }

    private static let backlog: Int32 = 1024

    /// - Parameter anyAddress: true if addresses other than loopback are allowed.
    package static func open(
        _ endpoint: Endpoint, anyAddress: Bool
    ) throws(ListenFailure) -> ListeningSocket {
        switch endpoint {
        case .tcp(let host, let port): try openTCP(host, port, anyAddress: anyAddress)
        case .unix(let path, let mode): try openUnix(path, mode)
        }
    }

    private static let loopbackTries = 32

    /// Opens both loopback addresses, IPv4 first; IPv6 is omitted if this machine does not have it.
    ///
    /// - Parameter port: 0 selects a port that is free on both.
    static func openLoopback(_ port: UInt16) throws(ListenFailure) -> [ListeningSocket] {
        var triesLeft = port == 0 ? loopbackTries : 1
        while true {
            let first = try openTCP("127.0.0.1", port, anyAddress: false)
            do throws(ListenFailure) {
                return [first, try openTCP("::1", first.port, anyAddress: false)]
            } catch {
                if error.code == .absent { return [first] }
                first.close()
                triesLeft -= 1
                guard error.code == .inUse, triesLeft > 0 else { throw error }
            }
        }
    }

    package func accept() -> Accepted {
        while true {
            let descriptor = accept4(
                descriptor, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
            if descriptor >= 0 { return .connection(descriptor) }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .noDescriptors
            default: return .none
            }
        }
    }

    /// Also removes a unix socket's file, unless it was replaced.
    package func close() {
        SocketCalls.close(descriptor)
        if let file, let now = SocketFile.identity(of: file.path), now.device == file.device,
            now.inode == file.inode
        {
            SocketFile.remove(file.path)
        }
    }

    private static func openTCP(
        _ host: String, _ port: UInt16, anyAddress: Bool
    ) throws(ListenFailure) -> ListeningSocket {
        let descriptor: Int32
        if host.contains(":") {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            let text = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
            guard unsafe inet_pton(AF_INET6, text, &address.sin6_addr) == 1 else {
                throw ListenFailure(.address, "`\(host)` is not an address this listens on")
            }
            guard anyAddress || text == "::1" else { throw notLoopback(host) }
            descriptor = try make(AF_INET6)
            try bind(descriptor, &address, shown: "[\(text)]:\(port)")
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            let text = host == "localhost" ? "127.0.0.1" : host
            guard unsafe inet_pton(AF_INET, text, &address.sin_addr) == 1 else {
                throw ListenFailure(.address, "`\(host)` is not an address this listens on")
            }
            guard anyAddress || UInt32(bigEndian: address.sin_addr.s_addr) >> 24 == 127 else {
                throw notLoopback(host)
            }
            descriptor = try make(AF_INET)
            try bind(descriptor, &address, shown: "\(text):\(port)")
        }
        try startListening(descriptor)
        return ListeningSocket(descriptor: descriptor, port: boundPort(descriptor), file: nil)
    }

    private static func notLoopback(_ host: String) -> ListenFailure {
        ListenFailure(
            .notLoopback, "`\(host)` is not a loopback address, and plain HTTP goes no further")
    }

    private static func openUnix(
        _ path: String, _ mode: UInt32
    ) throws(ListenFailure) -> ListeningSocket {
        guard var address = SocketFile.address(path) else {
            throw ListenFailure(.path, "`\(path)` is too long for a unix socket")
        }
        try SocketFile.clearStale(path)
        let descriptor = try make(AF_UNIX)
        // Set before bind, so that the file is never created with a wider mode.
        guard fchmod(descriptor, 0o600) == 0 else {
            SocketCalls.close(descriptor)
            throw ListenFailure(.system, "cannot set the mode of `\(path)`")
        }
        try bind(descriptor, &address, shown: path)
        // The umask applied when the file was created; a wider mode is set afterwards.
        guard unsafe mode == 0o600 || chmod(path, mode) == 0 else {
            SocketCalls.close(descriptor)
            throw ListenFailure(.system, "cannot set the mode of `\(path)`")
        }
        try startListening(descriptor)
        guard let file = SocketFile.identity(of: path) else {
            SocketCalls.close(descriptor)
            throw ListenFailure(.path, "`\(path)` went away")
        }
        return ListeningSocket(
            descriptor: descriptor, port: 0, file: (path, file.device, file.inode))
    }

    private static func make(_ family: Int32) throws(ListenFailure) -> Int32 {
        let descriptor = socket(
            family,
            Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else {
            throw ListenFailure(
                errno == EAFNOSUPPORT ? .absent : .system, "no socket: errno \(errno)")
        }
        if family != AF_UNIX {
            var one: Int32 = 1
            _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        }
        return descriptor
    }

    private static func bind<Address>(
        _ descriptor: Int32, _ address: inout Address, shown: String
    ) throws(ListenFailure) {
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe CLinux.bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard status == 0 else {
            let cause = errno
            SocketCalls.close(descriptor)
            switch cause {
            case EADDRINUSE:
                throw ListenFailure(.inUse, "`\(shown)` is in use by another process")
            case EADDRNOTAVAIL:
                throw ListenFailure(.absent, "`\(shown)` is not an address of this machine")
            default: throw ListenFailure(.system, "cannot bind `\(shown)`: errno \(cause)")
            }
        }
    }

    private static func startListening(_ descriptor: Int32) throws(ListenFailure) {
        guard listen(descriptor, backlog) == 0 else {
            let cause = errno
            SocketCalls.close(descriptor)
            throw ListenFailure(
                cause == EADDRINUSE ? .inUse : .system, "cannot listen: errno \(cause)")
        }
    }

    private static func boundPort(_ descriptor: Int32) -> UInt16 {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        // The port has the same offset in both families.
        return status == 0 ? UInt16(bigEndian: address.sin6_port) : 0
    }
}

extension ListeningSocket {
    /// Takes over a listening, non-blocking TCP socket that another process made.
    init(adopting descriptor: Int32) {
        self.init(descriptor: descriptor, port: Self.boundPort(descriptor), file: nil)
    }
}

/// The file of a unix socket.
enum SocketFile {
    /// - Returns: nil if the path is too long (107 bytes).
    static func address(_ path: String) -> sockaddr_un? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard !bytes.isEmpty, bytes.count < room, !bytes.contains(0) else { return nil }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return address
    }

    static func identity(of path: String) -> (device: UInt64, inode: UInt64)? {
        var information = stat()
        guard unsafe lstat(path, &information) == 0 else { return nil }
        return (UInt64(information.st_dev), UInt64(information.st_ino))
    }

    static func remove(_ path: String) { _ = unsafe unlink(path) }

    /// Removes a unix socket of this user that accepts no connections; any other file at the path is an error.
    static func clearStale(_ path: String) throws(ListenFailure) {
        var information = stat()
        guard unsafe lstat(path, &information) == 0 else { return }
        guard information.st_mode & S_IFMT == S_IFSOCK, information.st_uid == geteuid() else {
            throw ListenFailure(.path, "`\(path)` exists and is not a socket of this user")
        }
        let probe = connect(path)
        if probe >= 0 {
            SocketCalls.close(probe)
            throw ListenFailure(.inUse, "`\(path)` is in use by another process")
        }
        guard errno == ECONNREFUSED else {
            throw ListenFailure(.path, "cannot tell whether `\(path)` is in use: errno \(errno)")
        }
        remove(path)
    }

    /// Returns a blocking connected socket, or -1 with errno.
    static func connect(_ path: String) -> Int32 {
        guard var address = address(path) else {
            errno = ENAMETOOLONG
            return -1
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return -1 }
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe CLinux.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if status == 0 { return descriptor }
        let cause = errno
        SocketCalls.close(descriptor)
        errno = cause
        return -1
    }
}
