import CLinux
import Glibc
import InterlockEgress
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockTransport

@Suite(.serialized) struct DNSServerResolverTests {
    private func resolve(_ servers: [NameServerFixture]) async -> Result<
        EgressAnswers, EgressRefusal
    > {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        let texts = servers.map { "127.0.0.1:\($0.port)" }
        guard let resolver = DNSServerResolver(servers: texts, loops: loops) else {
            return .failure(EgressRefusal(.badHost, "no server"))
        }
        do throws(EgressRefusal) {
            return .success(try await resolver.resolve(EgressHost("a.example")))
        } catch {
            return .failure(error)
        }
    }

    @Test func `both kinds of address are asked for`() async throws {
        let server = NameServerFixture { query in
            var answer = DNSReaderTests.Answer()
            answer.id = query.id
            answer.type = query.type
            answer.add("a.example", alias: "b.example")
            answer.add(
                "b.example",
                query.type == 1 ? [1, 1, 1, 1] : [0x26] + [UInt8](repeating: 1, count: 15))
            return [[0, 0], answer.bytes]
        }
        let found = try await resolve([server]).get()
        #expect(found.addresses.count == 2 && found.aliases == 1)
        #expect(server.count == 2)
    }

    @Test func `an answer with another id is ignored`() async throws {
        let server = NameServerFixture { query in
            var forged = DNSReaderTests.Answer()
            forged.id = query.id &+ 1
            forged.type = query.type
            forged.add("a.example", [UInt8](repeating: 127, count: query.type == 1 ? 4 : 16))
            var answer = DNSReaderTests.Answer()
            answer.id = query.id
            answer.type = query.type
            if query.type == 1 { answer.add("a.example", [1, 1, 1, 1]) }
            return [forged.bytes, answer.bytes]
        }
        let found = try await resolve([server]).get()
        #expect(found.addresses.map { "\($0)" } == ["1.1.1.1"])
    }

    @Test func `a name that one kind of answer denies has no address`() async {
        let server = NameServerFixture { query in
            var answer = DNSReaderTests.Answer()
            answer.id = query.id
            answer.type = query.type
            if query.type == 28 { answer.flags = 0x8182 }
            answer.add("a.example", [1, 1, 1, 1])
            return [answer.bytes]
        }
        #expect(await resolve([server]) == .failure(EgressRefusal(.dnsFailure, "")))
    }

    @Test func `servers are addresses`() {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        for bad in [
            [], ["a.example"], ["127.0.0.1:0"], ["::1"], [String](repeating: "1.1.1.1", count: 5),
        ] {
            #expect(DNSServerResolver(servers: bad, loops: loops) == nil)
        }
        #expect(DNSServerResolver(servers: ["127.0.0.1", "[::1]:5353"], loops: loops) != nil)
    }
}

/// A server of names on loopback over UDP.
private final class NameServerFixture: Sendable {
    struct Query: Sendable {
        let id: UInt16
        let type: UInt16
    }
    let port: UInt16
    private let descriptor: Int32
    private let asked = Mutex(0)

    var count: Int { asked.withLock { $0 } }

    /// - Parameter answers: the datagrams after each query.
    init(_ answers: @escaping @Sendable (Query) -> [[UInt8]]) {
        (descriptor, port) = LoopbackSocket.datagrams()
        DetachedThread.run { [self] in serve(answers) }
    }

    /// Serves two queries, one for each kind of address, within 5 s.
    private func serve(_ answers: @Sendable (Query) -> [[UInt8]]) {
        defer { close(descriptor) }
        for _ in 0..<2 {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&waiting, 1, 5_000) == 1 else { return }
            var buffer = [UInt8](repeating: 0, count: 512)
            var client = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = unsafe withUnsafeMutablePointer(to: &client) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    unsafe recvfrom(descriptor, &buffer, buffer.count, 0, address, &length)
                }
            }
            guard count > 16 else { return }
            asked.withLock { $0 += 1 }
            let type = UInt16(buffer[count - 4]) << 8 | UInt16(buffer[count - 3])
            let query = Query(id: UInt16(buffer[0]) << 8 | UInt16(buffer[1]), type: type)
            for datagram in answers(query) {
                unsafe withUnsafePointer(to: &client) { pointer in
                    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                        _ = unsafe sendto(
                            descriptor, datagram, datagram.count, 0, address, length)
                    }
                }
            }
        }
    }
}
