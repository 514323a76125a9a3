import InterlockCredentials
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// R151: once a metrics token is configured, only its bearer may read details of the gateway's health.
@Suite struct `Access to metrics and readiness` {
    private static let secret = "0123456789abcdef"

    private func plane(_ bench: Bench, _ token: MetricsToken?) -> PeoplePlane {
        PeoplePlane(gateway: bench.gateway, approvals: bench.approvals, token: token)
    }

    private func token() -> MetricsToken { MetricsToken(hashing: OpenSSLHashing()) }

    private func get(
        _ plane: PeoplePlane, _ path: String, bearer: String? = nil, scheme: String = "Bearer"
    ) async -> (status: Int, text: String, challenge: String?) {
        var headers = [(name: "host", value: "localhost:7401")]
        if let bearer {
            headers.append((name: "authorization", value: "\(scheme) \(bearer)"))
        }
        let head = RequestHead(
            listener: .people, method: "GET", path: path, query: nil, headers: headers,
            contentLength: nil)
        let response: HTTPResponse
        switch plane.judge(head) {
        case .refuse(let refusal): response = refusal
        case .readBody:
            let exchange = FakeExchange()
            await plane.handle(head, body: [], exchange)
            response = exchange.now.response ?? .plain(500, "no answer")
        }
        return (
            response.status, String(decoding: response.body, as: UTF8.self),
            response.headers.first { $0.name == "www-authenticate" }?.value
        )
    }

    @Test func `without one whoever reaches the plane reads all of it`() async throws {
        let bench = try Bench()
        let plane = plane(bench, nil)
        #expect(await get(plane, "/metrics").text.contains("interlock_requests_total"))
        _ = try await bench.halt(.org)
        #expect(await get(plane, "/readyz").text.hasPrefix("halts: the organisation is halted"))
        #expect(await get(plane, "/metrics", bearer: Self.secret).status == 403)
    }

    @Test func `with one nothing but whether the node is ready is said to others`() async throws {
        let bench = try Bench()
        let token = token()
        #expect(token.replace(with: Self.secret))
        let plane = plane(bench, token)
        for path in ["/healthz", "/readyz"] { #expect(await get(plane, path).status == 200) }
        _ = try await bench.halt(.org)
        let beat = bench.gateway.monitors.heartbeats.begin(
            "orders", patience: .seconds(5), at: bench.clock.now.boot)
        bench.clock.advance(.seconds(6))
        let refused = await get(plane, "/metrics")
        #expect(refused.status == 401 && !refused.text.contains("interlock_"))
        #expect(refused.challenge?.hasPrefix("Bearer ") == true)
        var ready = await get(plane, "/readyz")
        #expect(ready.status == 503 && ready.text == "unready\n")
        var alive = await get(plane, "/healthz")
        #expect(alive.status == 503 && alive.text == "stuck\n")
        ready = await get(plane, "/readyz", bearer: Self.secret)
        #expect(ready.text.hasPrefix("halts: the organisation is halted"))
        alive = await get(plane, "/healthz", bearer: Self.secret)
        #expect(alive.text.contains("`orders`"))
        #expect(
            await get(plane, "/metrics", bearer: Self.secret).text.contains("interlock_halts"))
        beat.beat(at: bench.clock.now.boot)
    }

    @Test(arguments: [
        "", "0", "0123456789abcde", "0123456789abcdeF", "0123456789abcdef0", "0123456789abcdef ",
    ])
    func `another token is refused on each of the pages`(wrong: String) async throws {
        let token = token()
        #expect(token.replace(with: Self.secret))
        let plane = plane(try Bench(), token)
        for path in ["/metrics", "/readyz", "/healthz"] {
            #expect(await get(plane, path, bearer: wrong).status == 401, "\(path) \(wrong)")
        }
        #expect(await get(plane, "/metrics", bearer: Self.secret, scheme: "Basic").status == 401)
    }

    @Test func `until a token was read nobody is let in, and a short one is not taken`()
        async throws
    {
        let token = token()
        let plane = plane(try Bench(), token)
        #expect(!token.replace(with: "0123456789abcde"))
        for bearer in ["", "0123456789abcde"] {
            #expect(await get(plane, "/metrics", bearer: bearer).status == 401)
        }
        #expect(token.replace(with: Self.secret))
        #expect(await get(plane, "/metrics", bearer: Self.secret).status == 200)
        #expect(token.replace(with: "another token of 32 characters.."))
        #expect(await get(plane, "/metrics", bearer: Self.secret).status == 401)
    }
}
