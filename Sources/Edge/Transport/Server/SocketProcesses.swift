import CLinux
import Glibc
package import InterlockPorts

/// Finds the processes that hold the other end of connections, by the kernel's tables under `/proc`.
package struct SocketProcesses: PeerProcesses {
    /// The largest table of sockets that is read.
    private static let tableBytes = 16 << 20

    package init() {}

    package func processes(of peers: Set<ConnectionPeer>) -> [ConnectionPeer: Int32] {
        guard !peers.isEmpty else { return [:] }
        var sockets: [UInt64: ConnectionPeer] = [:]
        for connection in Self.connections where peers.contains(connection.peer) {
            sockets[connection.inode] = connection.peer
        }
        return Self.holders(of: sockets)
    }

    /// Returns the processes that are connected to a server, by the server's numeric address and port. Of other users'
    /// processes only root learns.
    package func processes(connectedTo servers: Set<ServerAddress>) -> [ServerAddress: Set<Int32>] {
        guard !servers.isEmpty else { return [:] }
        var sockets: [UInt64: ConnectionPeer] = [:]
        var reached: [ConnectionPeer: ServerAddress] = [:]
        for connection in Self.connections where servers.contains(connection.server) {
            sockets[connection.inode] = connection.peer
            reached[connection.peer] = connection.server
        }
        var found: [ServerAddress: Set<Int32>] = [:]
        for (peer, process) in Self.holders(of: sockets) {
            if let server = reached[peer] { found[server, default: []].insert(process) }
        }
        return found
    }

    /// The numeric address and the port of a server.
    package struct ServerAddress: Hashable, Sendable {
        let host: String
        let port: UInt16
    }

    private static var connections: [(peer: ConnectionPeer, server: ServerAddress, inode: UInt64)] {
        ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { table in
            text(of: table).split(separator: "\n").dropFirst().compactMap(connection)
        }
    }

    private static func holders(
        of sockets: [UInt64: ConnectionPeer]
    ) -> [ConnectionPeer: Int32] {
        guard !sockets.isEmpty else { return [:] }
        var found: [ConnectionPeer: Int32] = [:]
        for name in names(in: "/proc") {
            guard let pid = Int32(name) else { continue }
            for file in names(in: "/proc/\(pid)/fd") {
                guard let inode = socket("/proc/\(pid)/fd/\(file)"), let peer = sockets[inode]
                else { continue }
                found[peer] = pid
            }
            if found.count == sockets.count { break }
        }
        return found
    }

    /// Parses `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...`, the client's end of an
    /// established connection.
    static func connection(
        _ line: Substring
    ) -> (peer: ConnectionPeer, server: ServerAddress, inode: UInt64)? {
        let words = line.split(separator: " ", maxSplits: 10)
        guard words.count > 9, words[3] == "01", let inode = UInt64(words[9]), inode > 0,
            let own = endpoint(words[1]), let other = endpoint(words[2])
        else { return nil }
        return (
            ConnectionPeer(host: own.host, port: own.port, localPort: other.port),
            ServerAddress(host: other.host, port: other.port), inode
        )
    }

    /// Parses `0100007F:1F90`: words of the address in the byte order of the machine, which is little-endian.
    private static func endpoint(_ text: Substring) -> (host: String, port: UInt16)? {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1], radix: 16), parts[0].count % 8 == 0
        else { return nil }
        var bytes: [UInt8] = []
        var rest = parts[0]
        while !rest.isEmpty {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
            rest = rest.dropFirst(8)
        }
        return SocketCalls.text(ofAddress: bytes).map { ($0, port) }
    }

    private static func text(of path: String) -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < tableBytes {
            let count = unsafe read(file, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func names(in path: String) -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            names.append(name)
        }
        return names
    }

    /// Returns the inode of `socket:[123]`, or nil for another file.
    private static func socket(_ path: String) -> UInt64? {
        var link = [CChar](repeating: 0, count: 64)
        let count = unsafe readlink(path, &link, link.count)
        let buffer = link.map { UInt8(bitPattern: $0) }
        guard count > 9, buffer[count - 1] == UInt8(ascii: "]"),
            buffer[..<8].elementsEqual("socket:[".utf8)
        else { return nil }
        return UInt64(String(decoding: buffer[8..<(count - 1)], as: UTF8.self))
    }
}
