import InterlockEgress
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockTransport

@Suite(.serialized) struct EgressProxyTests {
    private static let established = "HTTP/1.1 200 Connection established\r\n\r\n"

    private func tls(_ host: String = "a.example", maxBytesUp: UInt64 = 1 << 20) throws
        -> EgressRule
    {
        try EgressRule(host: host, maxBytesUp: maxBytesUp)
    }

    private func tcp(_ host: String = "a.example") throws -> EgressRule {
        try EgressRule(host: host, ports: [22], transport: .tcp)
    }

    private func connect(_ target: String) -> String {
        "CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n\r\n"
    }

    @Test(.requirement("R077")) func `a tunnel carries the hello and every byte after it`()
        async throws
    {
        let fixture = try ProxyFixture([tls()])
        let client = ProxyClient(port: fixture.httpPort)
        client.send(connect("A.example.:443"))
        #expect(client.read(until: "\r\n\r\n") == Self.established)
        let hello = HelloBytes(names: ["a.example"]).records(of: 40)
        for byte in hello.prefix(20) { client.send([byte]) }
        client.send(Array(hello.dropFirst(20)))
        let count = Self.established.utf8.count + hello.count
        client.read(count: count)
        client.send("more")
        let all = client.read(count: count + 4)
        #expect(Array(all.dropFirst(Self.established.utf8.count)) == hello + Array("more".utf8))
        client.finishSending()
        _ = client.readAll()
        let bytes = hello.count + 4
        #expect(
            await fixture.finish() == [
                "resolved 93.184.215.14", "connecting a.example:443 by tls a.example:443",
                "closed finished \(bytes) \(bytes)",
            ])
        #expect(fixture.resolver.names == ["a.example"])
        #expect(fixture.dialled.texts == ["93.184.215.14 443"])
    }

    /// Each refusal has its reason, and nothing was looked up or dialled before it.
    @Test(
        .requirement("R077"),
        arguments: [
            ("b.example:443", "403", "no-rule"), ("a.example:444", "403", "port"),
            ("xa.example:443", "403", "no-rule"), ("127.0.0.1:443", "403", "no-rule"),
            ("0x7f.1:443", "400", "bad-host"), ("a.example", "400", "bad-request"),
        ])
    func `a target without a rule is refused before any look-up`(
        _ target: String, _ status: String, _ reason: String
    ) async throws {
        let fixture = try ProxyFixture([tls()])
        let client = ProxyClient(port: fixture.httpPort)
        client.send(connect(target))
        let answer = client.readAll()
        #expect(answer.hasPrefix("HTTP/1.1 \(status) ") && answer.hasSuffix("\r\n\(reason)\n"))
        #expect(await fixture.finish() == ["refused \(reason)"])
        #expect(fixture.resolver.names.isEmpty && fixture.dialled.texts.isEmpty)
    }

    @Test(
        .requirement("R077"),
        arguments: [
            ["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["93.184.215.14", "::ffff:127.0.0.1"],
            ["169.254.169.254"],
        ])
    func `a private answer is never dialled`(_ answers: [String]) async throws {
        let fixture = try ProxyFixture([tls()], answers: [answers])
        let client = ProxyClient(port: fixture.httpPort)
        client.send(connect("a.example:443"))
        #expect(client.readAll().hasSuffix("\r\nprivate-address\n"))
        #expect(await fixture.finish().last == "refused private-address")
        #expect(fixture.dialled.texts.isEmpty && fixture.server.received.isEmpty)
    }

    /// The second answer of a resolver that changes its mind is never asked for.
    @Test(.requirement("R077")) func `the checked address is the one that is dialled`() async throws
    {
        let fixture = try ProxyFixture([tcp()], answers: [["93.184.215.14"], ["127.0.0.1"]])
        let client = ProxyClient(port: fixture.httpPort)
        client.send(connect("a.example:22"))
        #expect(client.read(until: "\r\n\r\n") == Self.established)
        client.send("ping")
        #expect(client.read(until: "ping").hasSuffix("ping"))
        client.finishSending()
        _ = client.readAll()
        #expect(await fixture.finish().last == "closed finished 4 4")
        #expect(fixture.resolver.names == ["a.example"])
        #expect(fixture.dialled.texts == ["93.184.215.14 22"])
    }

    @Test(
        .requirement("R077"),
        arguments: [
            ("b.example", "sni-mismatch"), ("", "no-sni"), ("http", "not-tls"),
            ("two", "sni-mismatch"),
            ("ech", "ech"),
        ])
    func `nothing of a wrong hello reaches the server`(_ kind: String, _ reason: String)
        async throws
    {
        let fixture = try ProxyFixture([tls()])
        let client = ProxyClient(port: fixture.httpPort)
        client.send(connect("a.example:443"))
        #expect(client.read(until: "\r\n\r\n") == Self.established)
        switch kind {
        case "http": client.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
        case "two": client.send(HelloBytes(names: ["a.example", "b.example"]).records())
        case "ech":
            var hello = HelloBytes(names: ["a.example"])
            hello.extensions.append((0xfe0d, [0]))
            client.send(hello.records())
        default: client.send(HelloBytes(names: kind.isEmpty ? [] : [kind]).records(of: 20))
        }
        #expect(client.readAll() == Self.established)
        #expect(await fixture.finish().last == "refused \(reason)")
        #expect(fixture.dialled.texts.isEmpty && fixture.server.received.isEmpty)
    }

    @Test(.requirement("R077")) func `bytes before the answer are refused`() async throws {
        let fixture = try ProxyFixture([tls(), tcp()])
        let client = ProxyClient(port: fixture.httpPort)
        let hello = HelloBytes(names: ["a.example"]).records()
        client.send(Array(connect("a.example:443").utf8) + hello)
        #expect(client.readAll().hasSuffix("\r\nearly-data\n"))
        let socks = ProxyClient(port: fixture.socksPort)
        socks.send([5, 1, 0] + [5, 1, 0, 3, 9] + Array("a.example".utf8) + [0, 22] + [1])
        _ = socks.readAll()
        #expect(Array(socks.received.prefix(4)) == [5, 0, 5, 2])
        #expect(await fixture.finish() == ["refused early-data", "refused early-data"])
        #expect(fixture.dialled.texts.isEmpty)
    }

    @Test(.requirement("R077")) func `SOCKS5 opens and refuses tunnels`() async throws {
        let fixture = try ProxyFixture([tcp()])
        let client = ProxyClient(port: fixture.socksPort)
        client.send([5, 1, 0])
        #expect(client.read(count: 2) == [5, 0])
        client.send([5, 1, 0, 3, 9] + Array("a.example".utf8) + [0, 22])
        #expect(client.read(count: 12) == [5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        client.send("ping")
        #expect(client.read(count: 16).suffix(4).elementsEqual("ping".utf8))
        client.finishSending()
        _ = client.readAll()
        let other = ProxyClient(port: fixture.socksPort)
        other.send([5, 1, 0, 5, 1, 0, 3, 11] + Array("a.example\0b".utf8) + [0, 22])
        #expect(other.read(count: 12) == [5, 0, 5, 2, 0, 1, 0, 0, 0, 0, 0, 0])
        _ = other.readAll()
        let events = await fixture.finish()
        #expect(events.contains("closed finished 4 4") && events.contains("refused bad-host"))
    }

    @Test(.requirement("R077")) func `a plain request is sent on once`() async throws {
        let server = ServerFixture(.respond("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
        let rule = try EgressRule(host: "a.example", ports: [80], transport: .http)
        let fixture = try ProxyFixture([rule], server: server)
        let client = ProxyClient(port: fixture.httpPort)
        client.send(
            "POST http://a.example/x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\nabc"
                + "GET http://b.example/y HTTP/1.1\r\nHost: b.example\r\n\r\n")
        #expect(client.readAll().hasSuffix("\r\n\r\nok"))
        #expect(
            server.received == [
                "POST /x HTTP/1.1\r\nHost: a.example\r\ncontent-length: 3\r\n"
                    + "Connection: close\r\n\r\nabc"
            ])
        #expect(await fixture.finish().last?.hasPrefix("closed finished ") == true)
    }

    @Test(.requirement("R077"), arguments: [EgressReason.auditUnavailable, .halted])
    func `what cannot be recorded is not dialled`(_ reason: EgressReason) async throws {
        let fixture = try ProxyFixture([tcp()])
        fixture.authorizer.obstacle.withLock { $0 = reason }
        let client = ProxyClient(port: fixture.httpPort)
        client.send(connect("a.example:22"))
        #expect(client.readAll().hasSuffix("\r\n\(reason.rawValue)\n"))
        #expect(await fixture.finish().last == "refused \(reason.rawValue)")
        #expect(fixture.dialled.texts.isEmpty)
    }

    @Test(.requirement("R077"))
    func `an address is decided and recorded by one question, and nothing is looked up`()
        async throws
    {
        let fixture = try ProxyFixture([tcp("93.184.215.14")])
        let client = ProxyClient(port: fixture.httpPort)
        client.send(connect("93.184.215.14:22"))
        #expect(client.read(until: "\r\n\r\n") == Self.established)
        client.send("ping")
        client.read(count: Self.established.utf8.count + 4)
        client.finishSending()
        _ = client.readAll()
        #expect(
            await fixture.finish() == [
                "open 93.184.215.14:22 by tcp 93.184.215.14:22", "closed finished 4 4",
            ])
        #expect(fixture.resolver.names.isEmpty)
        #expect(fixture.dialled.texts == ["93.184.215.14 22"])
    }

    @Test(.requirement("R077"), arguments: [EgressReason.auditUnavailable, .halted])
    func `an address that cannot be recorded is not dialled`(_ reason: EgressReason) async throws {
        let fixture = try ProxyFixture([tcp("93.184.215.14")])
        fixture.authorizer.obstacle.withLock { $0 = reason }
        let client = ProxyClient(port: fixture.httpPort)
        client.send(connect("93.184.215.14:22"))
        #expect(client.readAll().hasSuffix("\r\n\(reason.rawValue)\n"))
        #expect(await fixture.finish().last == "refused \(reason.rawValue)")
        #expect(fixture.dialled.texts.isEmpty && fixture.server.received.isEmpty)
    }

    /// The proxy checks what it dials, also if the authorizer allowed it.
    @Test(.requirement("R077"), arguments: ["169.254.169.254", "10.0.0.1", "[fd00:ec2::254]"])
    func `an address of a class that its rule does not admit is not dialled`(_ host: String)
        async throws
    {
        let fixture = try ProxyFixture([tcp(host)])
        let client = ProxyClient(port: fixture.httpPort)
        client.send(connect("\(host):22"))
        #expect(client.readAll().hasSuffix("\r\nprivate-address\n"))
        #expect(await fixture.finish().last == "refused private-address")
        #expect(fixture.dialled.texts.isEmpty && fixture.server.received.isEmpty)
    }

    @Test func `an address whose rule has no bytes left is refused before it is recorded`()
        async throws
    {
        let rule = try EgressRule(
            host: "93.184.215.14", ports: [22], transport: .tcp, maxBytesUp: 4)
        let fixture = try ProxyFixture([rule])
        let client = ProxyClient(port: fixture.httpPort)
        client.send(connect("93.184.215.14:22"))
        client.read(until: "\r\n\r\n")
        client.send("1234")
        client.read(count: Self.established.utf8.count + 4)
        let next = ProxyClient(port: fixture.httpPort)
        next.send(connect("93.184.215.14:22"))
        #expect(next.readAll().hasSuffix("\r\nlimit\n"))
        client.finishSending()
        _ = client.readAll()
        #expect(
            await fixture.finish() == [
                "open 93.184.215.14:22 by tcp 93.184.215.14:22", "refused limit",
                "closed finished 4 4",
            ])
        #expect(fixture.dialled.texts.count == 1)
    }

    @Test(.requirement("R077"))
    func `a client that is gone is refused as ever, and is not recorded as permitted`() async throws
    {
        let fixture = try ProxyFixture([tcp("93.184.215.14")]) { $0.limits.connections = 1 }
        // The others wait for the end of the first, so they are gone when their requests are read.
        let first = ProxyClient(port: fixture.httpPort)
        let gone = ["93.184.215.14:22", "93.184.215.15:22"].map { target in
            let client = ProxyClient(port: fixture.httpPort)
            client.send(connect(target))
            client.finishSending()
            return client
        }
        first.finishSending()
        for client in gone { #expect(client.readAll().isEmpty) }
        #expect(await fixture.finish() == ["refused no-rule"])
        #expect(fixture.dialled.texts.isEmpty && fixture.server.received.isEmpty)
    }

    @Test func `a failed load refuses the next connection`() async throws {
        let fixture = try ProxyFixture([tcp()])
        fixture.authorizer.policy.swap(nil)
        let client = ProxyClient(port: fixture.httpPort)
        client.send(connect("a.example:22"))
        #expect(client.readAll().hasSuffix("\r\nno-policy\n"))
        #expect(await fixture.finish() == ["refused no-policy"])
    }

    @Test func `a rule sends no more bytes than it may, over all connections`() async throws {
        let hello = HelloBytes(names: ["a.example"]).records()
        let fixture = try ProxyFixture([tls(maxBytesUp: UInt64(hello.count + 4))])
        let client = ProxyClient(port: fixture.httpPort)
        client.send(connect("a.example:443"))
        client.read(until: "\r\n\r\n")
        client.send(hello)
        client.read(count: Self.established.utf8.count + hello.count)
        client.send("1234")
        client.read(count: Self.established.utf8.count + hello.count + 4)
        client.send("5")
        _ = client.readAll()
        let next = ProxyClient(port: fixture.httpPort)
        next.send(connect("a.example:443"))
        next.read(until: "\r\n\r\n")
        next.send(hello)
        _ = next.readAll()
        let events = await fixture.finish()
        #expect(events.contains("closed limit \(hello.count + 4) \(hello.count + 4)"))
        #expect(events.last == "refused limit")
        #expect(fixture.server.receivedBytes == [hello + Array("1234".utf8)])
    }

    @Test func `connections wait for one another and are refused above the limit`() async throws {
        let fixture = try ProxyFixture([tcp()]) {
            $0.limits.connections = 1
            $0.limits.waiting = 1
        }
        let first = ProxyClient(port: fixture.httpPort)
        first.send(connect("a.example:22"))
        #expect(first.read(until: "\r\n\r\n") == Self.established)
        let second = ProxyClient(port: fixture.httpPort)
        second.send(connect("a.example:22"))
        let third = ProxyClient(port: fixture.httpPort)
        #expect(third.readAll().hasSuffix("\r\nlimit\n"))
        first.finishSending()
        _ = first.readAll()
        #expect(second.read(until: "\r\n\r\n") == Self.established)
        second.finishSending()
        _ = second.readAll()
        #expect(await fixture.finish().filter { $0.hasPrefix("closed finished") }.count == 2)
    }

    @Test func `a slow head and a slow hello end by their limits`() async throws {
        let fixture = try ProxyFixture([tls()]) {
            $0.limits.head = .milliseconds(50)
            $0.limits.clientHello = .milliseconds(50)
        }
        let head = ProxyClient(port: fixture.httpPort)
        head.send("CONNECT a.example:443")
        #expect(head.readAll().hasSuffix("\r\nlimit\n"))
        let hello = ProxyClient(port: fixture.httpPort)
        hello.send(connect("a.example:443"))
        #expect(hello.readAll() == Self.established)
        #expect(
            await fixture.finish() == ["refused limit", "resolved 93.184.215.14", "refused limit"])
    }

    @Test func `an idle tunnel ends, and so do all when the proxy stops`() async throws {
        let fixture = try ProxyFixture([tcp()]) { $0.limits.idle = .milliseconds(50) }
        let client = ProxyClient(port: fixture.httpPort)
        client.send(connect("a.example:22"))
        #expect(client.readAll() == Self.established)
        #expect(await fixture.finish().last == "closed idle 0 0")

        let other = try ProxyFixture([tcp()])
        let open = ProxyClient(port: other.httpPort)
        open.send(connect("a.example:22"))
        open.read(until: "\r\n\r\n")
        #expect(await other.stop().last == "closed stopped 0 0")
        #expect(open.readAll() == Self.established)
    }

    @Test func `a server that does not accept is reported`() async throws {
        let fixture = try ProxyFixture([tcp()]) {
            $0.dialled = { address, _ in (IPAddress(dottedQuad: "127.0.0.1".utf8) ?? address, 1) }
        }
        let client = ProxyClient(port: fixture.httpPort)
        client.send(connect("a.example:22"))
        #expect(client.readAll().hasPrefix("HTTP/1.1 502 "))
        #expect(await fixture.finish().last?.hasPrefix("closed unreachable(") == true)
    }

    @Test func `own paths go to their handler and others are 404`() async throws {
        struct Handler: RequestHandler {
            func judge(_ head: RequestHead) -> HeadDecision { .readBody(limitBytes: 1024) }
            func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
                exchange.respond(.plain(200, "\(head.path) \(body.count)"))
            }
        }
        let fixture = try ProxyFixture([]) { $0.routes = Handler() }
        let client = ProxyClient(port: fixture.httpPort)
        client.send("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:3128\r\nContent-Length: 3\r\n\r\nabc")
        #expect(client.read(until: "/mcp 3").contains("/mcp 3"))
        let other = ProxyClient(port: fixture.httpPort)
        other.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:3128\r\n\r\n")
        #expect(other.readAll().hasPrefix("HTTP/1.1 404 "))
        #expect(await fixture.stop().isEmpty)

        let without = try ProxyFixture([])
        let third = ProxyClient(port: without.httpPort)
        third.send("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:3128\r\nContent-Length: 0\r\n\r\n")
        #expect(third.readAll().hasPrefix("HTTP/1.1 404 "))
        #expect(await without.finish().isEmpty)
    }
}
