import InterlockEgress
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockTransport

/// Requests to models on the side of the proxy.
@Suite(.serialized) struct ModelRouteTests {
    private static let key = "sk-outside"

    private func provider(
        _ url: String = "http://10.0.0.8:9000/base", allowsPrivate: Bool = true
    ) throws -> ModelProvider {
        let upstream = try ModelUpstream(name: "main", url: url, allowsPrivate: allowsPrivate)
        return try #require(ModelProvider(upstream, key: Self.key))
    }

    private func fixture(
        _ server: ServerFixture.Conduct = .silent, answers: [[String]] = [["10.0.0.8"]],
        _ provider: ModelProvider? = nil
    ) throws -> ProxyFixture {
        try ProxyFixture(
            [], answers: answers, server: ServerFixture(server),
            models: [provider ?? self.provider()])
    }

    private func post(
        _ body: String, path: String = "/model/main/v1/messages?beta=true",
        type: String = "application/json", _ fields: String...
    ) -> String {
        "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1:3128\r\nContent-Type: \(type)\r\n"
            + fields.map { $0 + "\r\n" }.joined()
            + "Connection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
    }

    private func response(_ body: String, _ fields: String...) -> String {
        "HTTP/1.1 200 OK\r\n" + fields.map { $0 + "\r\n" }.joined()
            + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
    }

    @Test(.requirement("R023", "R094"))
    func `a request gets the key outside, and its context is recorded`() async throws {
        let answer = #"{"model":"m-1","usage":{"input_tokens":7,"output_tokens":3}}"#
        let fixture = try fixture(
            .respond(
                response(
                    answer, "Content-Type: application/json", "Request-Id: r1",
                    "Set-Cookie: a=b", "Connection: keep-alive")))
        let client = ProxyClient(port: fixture.httpPort)
        let body = #"{"model":"m-1","messages":[]}"#
        client.send(
            post(
                body, "anthropic-version: 2023-06-01", "x-api-key: not-a-key",
                "Authorization: Bearer mine", "Cookie: c=d", "Accept-Encoding: gzip", "X-Own: 1",
                "X-Forwarded-For: 192.0.2.1"))
        let text = client.readAll()
        #expect(text.hasPrefix("HTTP/1.1 200 ") && text.hasSuffix(answer))
        #expect(text.lowercased().contains("request-id: r1"))
        #expect(!text.lowercased().contains("set-cookie") && !text.contains(Self.key))
        let sent = try #require(fixture.server.received.first)
        #expect(
            sent.hasPrefix("POST /base/v1/messages?beta=true HTTP/1.1\r\nHost: 10.0.0.8:9000\r\n"))
        #expect(sent.contains("\r\nx-api-key: sk-outside\r\n") && sent.hasSuffix("\r\n\r\n" + body))
        #expect(sent.contains("\r\naccept-encoding: identity\r\n"))
        #expect(sent.contains("\r\nx-own: 1\r\n"))
        for word in ["not-a-key", "mine", "c=d", "gzip", "192.0.2.1", "authorization"] {
            #expect(!sent.contains(word))
        }
        let events = await fixture.finish()
        #expect(
            events == [
                "connecting 10.0.0.8:9000 by http 10.0.0.8:9000 with m-1 \(body.utf8.count)",
                "closed finished \(body.utf8.count) \(answer.utf8.count)",
            ])
        let recorded = try #require(fixture.authorizer.answer.withLock { $0 })
        #expect(recorded.status == 200 && recorded.statement.model?.text == "m-1")
        #expect(recorded.statement.usage.input == 7 && recorded.statement.usage.output == 3)
        #expect(recorded.digest == SHA256Stream.digest(of: Array(answer.utf8)))
        #expect(fixture.dialled.texts == ["10.0.0.8 9000"])
    }

    @Test func `other APIs get the key as a bearer token`() async throws {
        let fixture = try fixture(.respond(response("{}")))
        let client = ProxyClient(port: fixture.httpPort)
        client.send(post("{}", path: "/model/main/v1/chat/completions", "x-api-key: mine"))
        #expect(client.readAll().hasPrefix("HTTP/1.1 200 "))
        let sent = try #require(fixture.server.received.first)
        #expect(sent.contains("\r\nauthorization: Bearer sk-outside\r\n"))
        #expect(!sent.contains("x-api-key"))
        _ = await fixture.finish()
    }

    @Test(.requirement("R094"))
    func `a stream of events passes, and its tokens are read`() async throws {
        let events =
            "event: message_start\ndata: "
            + #"{"message":{"model":"m-1","usage":{"input_tokens":9,"output_tokens":1}}}"#
            + "\n\nevent: message_delta\ndata: "
            + #"{"usage":{"output_tokens":12}}"# + "\n\ndata: cut"
        let fixture = try fixture(
            .respond(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
                    + "Request-Id: r2\r\n\r\n" + events))
        let client = ProxyClient(port: fixture.httpPort)
        client.send(post(#"{"stream":true}"#))
        let text = client.readAll()
        #expect(text.contains("text/event-stream") && text.lowercased().contains("request-id: r2"))
        #expect(text.contains("message_start") && text.contains("data: cut"))
        let recorded = await fixture.finish()
        #expect(recorded.last == "closed finished 15 \(events.utf8.count)")
        let answer = try #require(fixture.authorizer.answer.withLock { $0 })
        #expect(answer.statement.usage.input == 9 && answer.statement.usage.output == 12)
        #expect(answer.digest == SHA256Stream.digest(of: Array(events.utf8)))
    }

    /// Each refusal has its reason, and nothing was dialled.
    @Test(.requirement("R077"))
    func `what is not permitted reaches no provider`() async throws {
        let fixture = try fixture()
        func ask(_ request: String) -> String {
            let client = ProxyClient(port: fixture.httpPort)
            client.send(request)
            return client.readAll()
        }
        func refused(_ reason: EgressReason, _ request: String) async {
            let text = ask(request)
            #expect(text.hasPrefix("HTTP/1.1 \(reason.httpStatus) "))
            #expect(text.hasSuffix("\r\n\(reason.rawValue)\n"))
            // A request without a provider is answered while its record is being made.
            let expected = "refused \(reason.rawValue)"
            for _ in 0..<100_000 where fixture.authorizer.events.last != expected {
                await Task.yield()
            }
            #expect(fixture.authorizer.events.last == expected)
        }
        await refused(.noRule, post("{}", path: "/model/other/v1/messages"))
        await refused(.badRequest, post(#"{"model":"a","model":"b"}"#))
        await refused(.badRequest, post("{}", "Content-Encoding: gzip"))
        fixture.authorizer.policy.setHalted(true)
        await refused(.halted, post("{}"))
        fixture.authorizer.policy.setHalted(false)
        fixture.authorizer.obstacle.withLock { $0 = .auditUnavailable }
        await refused(.auditUnavailable, post("{}"))
        // A policy that is loaded later has the entry no more, or has an error.
        fixture.authorizer.policy.swap(try EgressRules([]))
        await refused(.noRule, post("{}"))
        fixture.authorizer.policy.swap(nil)
        await refused(.noPolicy, post("{}"))
        #expect(
            ask("DELETE /model/main/v1/files/a HTTP/1.1\r\nHost: 127.0.0.1:3128\r\n\r\n")
                .hasPrefix("HTTP/1.1 405 "))
        _ = await fixture.finish()
        #expect(fixture.dialled.texts.isEmpty && fixture.server.received.isEmpty)
    }

    @Test(.requirement("R077"))
    func `a private address needs the word of the policy`() async throws {
        let fixture = try fixture(
            answers: [["93.184.215.14", "10.0.0.8"]],
            provider("https://models.example", allowsPrivate: false))
        let client = ProxyClient(port: fixture.httpPort)
        client.send(post("{}"))
        #expect(client.readAll().hasSuffix("\r\nprivate-address\n"))
        #expect(
            await fixture.finish() == [
                "resolved 93.184.215.14,10.0.0.8", "refused private-address",
            ])
        #expect(fixture.dialled.texts.isEmpty && fixture.resolver.names == ["models.example"])
    }

    @Test(.requirement("R023"))
    func `a server without the provider's certificate gets no byte of a request`() async throws {
        let fixture = try fixture(.echo, provider("https://models.example"))
        let client = ProxyClient(port: fixture.httpPort)
        client.send(post("{}"))
        #expect(client.readAll().hasPrefix("HTTP/1.1 502 "))
        #expect(await fixture.finish().last == "closed unreachable(0) 0 0")
        #expect(!fixture.server.received.joined().contains(Self.key))
        #expect(!fixture.server.received.joined().contains("POST"))
    }

    @Test func `a compressed answer is not passed on`() async throws {
        let fixture = try fixture(.respond(response("xyz", "Content-Encoding: gzip")))
        let client = ProxyClient(port: fixture.httpPort)
        client.send(post("{}"))
        let text = client.readAll()
        #expect(text.hasPrefix("HTTP/1.1 502 ") && !text.contains("xyz"))
        _ = await fixture.finish()
    }

    @Test(.requirement("R112"))
    func `a stop ends requests that are under way`() async throws {
        let fixture = try fixture(.silent)
        let client = ProxyClient(port: fixture.httpPort)
        client.send(post("{}"))
        while fixture.server.received.first?.contains("{}") != true { await Task.yield() }
        #expect(await fixture.stop().last == "closed stopped 2 0")
    }

    @Test func `a client that leaves ends its request`() async throws {
        let fixture = try fixture(.silent)
        let client = ProxyClient(port: fixture.httpPort)
        client.send(post("{}"))
        while fixture.server.received.first?.contains("{}") != true { await Task.yield() }
        client.finishSending()
        #expect(await fixture.finish().last == "closed broken 2 0")
    }

    @Test(.requirement("R023"))
    func `a key is one word and part of no description`() throws {
        let upstream = try ModelUpstream(
            name: "main", url: "https://models.example", allowsPrivate: false)
        for key in ["", "a b", "a\r\nx: y", "ä", String(repeating: "a", count: 4097)] {
            #expect(ModelProvider(upstream, key: key) == nil)
        }
        let provider = try provider()
        #expect(
            !"\(provider)".contains(Self.key) && !String(reflecting: provider).contains(Self.key))
        var text = ""
        dump(provider, to: &text)
        #expect(!text.contains(Self.key))
    }
}
