import CLinux
import Glibc
package import InterlockEgress
package import InterlockPorts

/// Resolves names at given servers over UDP, and over TCP if an answer is incomplete (`sandbox.resolver`). Both kinds
/// of address are asked for, and both must be answered, since one private answer refuses the host.
package struct DNSServerResolver: EgressResolver {
    private let servers: [SocketAddress]
    private let loop: EventLoop

    /// The time for the answer of one server.
    private static let serverLimit = Duration.seconds(2)
    private static let mostServers = 4

    /// - Parameter servers: addresses with an optional port, for instance `127.0.0.1:5353` or `[::1]`; tried in order.
    /// - Returns: nil if a text is not one, or there are none or more than 4.
    package init?(servers texts: [String], loops: LoopGroup) {
        guard (1...Self.mostServers).contains(texts.count) else { return nil }
        var servers: [SocketAddress] = []
        for text in texts {
            guard let target = try? EgressTarget(authority: text.utf8, defaultPort: 53),
                let address = target.host.address,
                let server = SocketAddress("\(address)", port: target.port)
            else { return nil }
            servers.append(server)
        }
        self.servers = servers
        loop = loops.next()
    }

    package func resolve(_ host: EgressHost) async throws(EgressRefusal) -> EgressAnswers {
        try await Task(executorPreference: loop) { await self.ask(host) }.value.get()
    }

    /// Asks one server after the other until one answers, also with a refusal.
    private func ask(_ host: EgressHost) async -> Result<EgressAnswers, EgressRefusal> {
        for server in servers {
            async let four = ask(host, .a, at: server)
            async let six = ask(host, .aaaa, at: server)
            guard let first = await four, let second = await six else { continue }
            do throws(EgressRefusal) {
                let answers = (try first.get(), try second.get())
                return .success(
                    EgressAnswers(
                        addresses: answers.0.addresses + answers.1.addresses,
                        aliases: max(answers.0.aliases, answers.1.aliases)))
            } catch {
                return .failure(error)
            }
        }
        return .failure(EgressRefusal(.dnsFailure, "no resolver answered"))
    }

    /// Returns nil if the server does not answer.
    private func ask(
        _ host: EgressHost, _ type: DNSQueryType, at server: SocketAddress
    ) async -> Result<DNSAnswer, EgressRefusal>? {
        guard let query = DNSQuery(id: Self.randomID(), host: host, type: type) else { return nil }
        let deadline = loop.nowNanoseconds.addingClamped(Self.serverLimit.nanosecondsClamped)
        guard let first = await overUDP(query, server, until: deadline) else { return nil }
        guard case .success(let answer) = first, answer.isTruncated else { return first }
        return await overTCP(query, server, until: deadline)
    }

    private func overUDP(
        _ query: DNSQuery, _ server: SocketAddress, until deadline: UInt64
    ) async -> Result<DNSAnswer, EgressRefusal>? {
        guard let descriptor = server.beginConnecting(type: Int32(SOCK_DGRAM.rawValue)),
            let socket = EgressSocket.open(descriptor, on: loop)
        else { return nil }
        defer { socket.close() }
        guard await socket.send(query.message, until: deadline) else { return nil }
        // The kernel passes on what comes from this server alone.
        while case .bytes(let bytes) = await socket.receive(until: deadline) {
            guard DNSReader.isResponse(bytes, to: query) else { continue }
            return Self.read(bytes, query)
        }
        return nil
    }

    private func overTCP(
        _ query: DNSQuery, _ server: SocketAddress, until deadline: UInt64
    ) async -> Result<DNSAnswer, EgressRefusal>? {
        let connected = await EgressSocket.connect(server, until: deadline, on: loop) { _ in }
        guard case .socket(let socket) = connected else { return nil }
        defer { socket.close() }
        let message = query.message
        let length = [UInt8(message.count >> 8), UInt8(message.count & 255)]
        guard await socket.send(length + message, until: deadline) else { return nil }
        var bytes: [UInt8] = []
        while case .bytes(let more) = await socket.receive(until: deadline) {
            bytes += more
            guard bytes.count >= 2 else { continue }
            let end = 2 + (Int(bytes[0]) << 8 | Int(bytes[1]))
            guard bytes.count >= end else { continue }
            return Self.read(Array(bytes[2..<end]), query)
        }
        return nil
    }

    private static func read(
        _ bytes: [UInt8], _ query: DNSQuery
    ) -> Result<DNSAnswer, EgressRefusal> {
        do throws(EgressRefusal) {
            return .success(try DNSReader.read(bytes, answering: query))
        } catch {
            return .failure(error)
        }
    }

    private static func randomID() -> UInt16 {
        var generator = SystemRandomNumberGenerator()
        return UInt16.random(in: 0...UInt16.max, using: &generator)
    }
}
