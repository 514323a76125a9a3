import InterlockPorts
import Testing

@testable import InterlockTransport

/// The kernel's tables of sockets, from which the process of a client is found.
@Suite struct SocketProcessesTests {
    private let rest = "00000000:00000000 00:00000000 00000000  1000        0 123456 1 0 20 4 30"

    private func entry(
        _ own: String, _ other: String, state: String = "01"
    ) -> (peer: ConnectionPeer, server: SocketProcesses.ServerAddress, inode: UInt64)? {
        SocketProcesses.connection("   7: \(own) \(other) \(state) \(rest)")
    }

    @Test func `a line names the client's end as the server sees it`() throws {
        let found = try #require(entry("0100007F:D2A4", "0100007F:1CE8"))
        #expect(found.peer == ConnectionPeer(host: "127.0.0.1", port: 53924, localPort: 7400))
        #expect(found.inode == 123_456)
        #expect(found.server == SocketProcesses.ServerAddress(host: "127.0.0.1", port: 7400))
        let six = String(repeating: "0", count: 24) + "01000000"
        #expect(entry("\(six):D2A4", "\(six):1CE8")?.peer.host == "::1")
        // An IPv4 client of a socket for both families.
        #expect(
            entry("0000000000000000FFFF00000100007F:D2A4", "\(six):1CE8")?.peer
                == ConnectionPeer(host: "127.0.0.1", port: 53924, localPort: 7400))
    }

    @Test func `what is not established or not of this form names nothing`() {
        #expect(entry("0100007F:D2A4", "0100007F:1CE8", state: "06") == nil)
        for own in ["", "0100007F", "0100007F:", "0100007:D2A4", "0100007G:D2A4", ":D2A4"] {
            #expect(entry(own, "0100007F:1CE8") == nil, "\(own)")
        }
        #expect(SocketProcesses.connection("  sl  local_address rem_address   st") == nil)
    }

    @Test func `nothing is looked for if no connection is asked about`() {
        #expect(SocketProcesses().processes(of: []).isEmpty)
        let peer = ConnectionPeer(host: "192.0.2.1", port: 1, localPort: 2)
        #expect(SocketProcesses().processes(of: [peer]).isEmpty)
        #expect(SocketProcesses().processes(connectedTo: []).isEmpty)
    }
}
