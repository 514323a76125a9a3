import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockTransport

struct HTTPRouteTests {
    @Test(arguments: [
        ("http://127.0.0.1", "127.0.0.1", "/", 1, 80),
        ("http://127.0.0.1:81/a?b", "127.0.0.1:81", "/a?b", 1, 81),
        ("http://[::1]:8080/mcp", "[::1]:8080", "/mcp", 1, 8080),
        ("http://localhost/", "localhost", "/", 2, 80),
        ("HTTPS://127.0.0.1/", "127.0.0.1", "/", 1, 443),
        ("https://example.test:8443/a/../b#c", "example.test:8443", "/a/../b", 0, 8443),
        ("https://Example.test?q=/", "Example.test", "/?q=/", 0, 443),
        ("https://example.test./", "example.test.", "/", 0, 443),
        ("http://127.1/", "127.1", "/", 0, 80),
    ])
    func `a URL gives host, port and target`(
        url: String, authority: String, target: String, addresses: Int, port: UInt16
    ) throws {
        let route = try #require(HTTPRoute(url: url))
        #expect(route.origin.authority == authority)
        #expect(route.target == target)
        #expect(route.origin.port == port)
        #expect(route.origin.isSecure == url.lowercased().hasPrefix("https"))
        if case .addresses(let found) = route.origin.host {
            #expect(found.count == addresses)
        } else {
            #expect(addresses == 0)
            #expect(route.origin.name == route.origin.name.lowercased())
            #expect(!route.origin.name.hasSuffix("."))
        }
    }

    @Test(arguments: [
        "http://u@127.0.0.1/", "http://u:p@example.test/", "http://127.0.0.1:x/",
        "http://127.0.0.1:0/", "http://127.0.0.1:65536/", "http://::1/", "http://[127.0.0.1]/",
        "http://[::1/", "http:///", "http://127.0.0.1/a b", "", "http://", "ftp://127.0.0.1/",
        "127.0.0.1", "http://a\u{e9}/", "http://a%2e/", "http://a\\b/", "http://*/", "http://./",
        "http://.example.test/", "http://a..b/", "http://a:+80/",
        "http://a:080/",
    ])
    func `what is no URL of a server is refused`(url: String) {
        #expect(HTTPRoute(url: url) == nil)
    }

    /// A connection that was opened for one of these routes carries no request of another.
    @Test func `connections are kept apart by what was asked of their other end`() throws {
        let plain = try #require(HTTPRoute(url: "http://127.0.0.1:443/")).origin
        let secure = try #require(HTTPRoute(url: "https://127.0.0.1:443/")).origin
        var judged = secure
        judged.isPublicOnly = true
        var owned = plain
        owned.owner = 7
        var named = plain
        named.allowsPrivateNames = false
        let tls = try #require(TLSClientContext(nil))
        func node(_ key: UInt8, _ uri: String, _ tls: TLSClientContext) throws -> HTTPOrigin {
            var origin = secure
            let digest = try #require(Digest(bytes: [UInt8](repeating: key, count: 32)))
            origin.pinned = PinnedConnection(
                server: PinnedServer(authority: origin.authority, key: digest, uri: uri),
                tls: tls, clock: StoppedClock())
            return origin
        }
        let nodes = [
            try node(1, "a", tls), try node(2, "a", tls), try node(1, "b", tls),
            try node(1, "a", try #require(TLSClientContext(nil))),
        ]
        #expect(Set([plain, secure, judged, owned, named, plain] + nodes + nodes).count == 9)
    }
}

private struct StoppedClock: Clock {
    let now = ClockReading(
        wall: Timestamp(microseconds: 0), boot: BootTime(microseconds: 0))
}
