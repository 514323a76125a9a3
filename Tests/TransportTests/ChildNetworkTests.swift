import CLinux
import Glibc
import InterlockEgress
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockTransport

/// The network of a child in a sandbox: its proxy begins when the launcher hands over its listeners, and stops with it.
@Suite struct ChildNetworkTests {
    /// A sandbox that hands over two listeners of this machine.
    private final class Sandbox: ChildSandbox {
        let id = RunID(milliseconds: 1, random: [UInt8](repeating: 2, count: 10))
        let handover: Int32?
        private let other: Int32
        let isKilled = Atomic(false)
        let listeners: ProxyListeners
        let port: UInt16

        init() {
            var pair: [Int32] = [0, 0]
            unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
            handover = pair[0]
            other = pair[1]
            let http = Self.listen()
            listeners = ProxyListeners(http: http.descriptor, socks: Self.listen().descriptor)
            port = http.port
        }

        deinit {
            close(other)
            if let handover { close(handover) }
        }

        func handOver() {
            var byte: UInt8 = 1
            _ = unsafe write(other, &byte, 1)
        }

        func kill() { isKilled.store(true, ordering: .relaxed) }
        func terminate() {}
        func ending() -> String? { nil }
        func takeListeners() throws(LaunchFailure) -> ProxyListeners? { listeners }

        private static func listen() -> (descriptor: Int32, port: UInt16) {
            let one = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe bind(one, $0, length) + Glibc.listen(one, 8)
                        + getsockname(one, $0, &length)
                }
            }
            precondition(status == 0)
            return (one, UInt16(bigEndian: address.sin_port))
        }
    }

    private struct Nothing: EgressAuthorizer, EgressResolver {
        func decide(_ attempt: EgressAttempt) async -> EgressDecision {
            .deny(EgressRefusal(.noRule, "there is none"))
        }
        func resolved(_ lookup: EgressLookup) {}
        func connecting(_ connection: EgressConnection) async -> EgressReason? { .noRule }
        func refused(_ attempt: EgressAttempt?, _ refusal: EgressRefusal) async {}
        func closed(_ connection: EgressConnection, _ outcome: EgressOutcome) async {}
        func resolve(_ host: EgressHost) async throws(EgressRefusal) -> EgressAnswers {
            throw EgressRefusal(.dnsFailure, "there is none")
        }
    }

    /// Connects to a port and returns what a request for another host is answered; nil if it is refused.
    private func asked(_ port: UInt16) -> String? {
        let one = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(one) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(one, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { return nil }
        let request = Array("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n".utf8)
        _ = unsafe write(one, request, request.count)
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = unsafe read(one, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    private func waits(until isTrue: () -> Bool) -> Bool {
        for _ in 0..<500 {
            if isTrue() { return true }
            usleep(10_000)
        }
        return false
    }

    private func network(
        _ sandbox: Sandbox, _ loops: LoopGroup, _ egress: ChildEgress?
    ) throws -> ChildNetwork {
        let loop = loops.next()
        let network = try #require(ChildNetwork(sandbox, egress, for: nil, on: loop))
        loop.perform { network.start() }
        return network
    }

    @Test func `the proxy starts with the listeners and stops before the child is killed`() throws {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        let sandbox = Sandbox()
        let egress = ChildEgress(resolver: Nothing(), loops: loops) { _, _ in Nothing() }
        let network = try network(sandbox, loops, egress)
        sandbox.handOver()
        let answer = asked(sandbox.port)
        #expect(answer?.hasPrefix("HTTP/1.1 403") == true)
        let child = LaunchedChild(
            // A number that no process has, since its group could be signalled.
            pid: .max, pidfd: -1, stdin: -1, stdout: -1, stderr: -1, sandbox: sandbox)
        let group = ChildGroup(child, network)
        #expect(!group.isGone)
        group.halt()
        #expect(sandbox.isKilled.load(ordering: .relaxed) && group.wasHalted)
        #expect(waits { network.isStopped })
        #expect(asked(sandbox.port) == nil)
    }

    @Test func `without anyone who decides nothing is accepted`() throws {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        let sandbox = Sandbox()
        let network = try network(sandbox, loops, nil)
        sandbox.handOver()
        #expect(waits { asked(sandbox.port) == nil })
        network.stop()
        #expect(network.isStopped)
    }
}
