import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockCredentials

@Suite struct OutsideTokenTests {
    private func issuer(
        clients: [ExactText: String] = ["triage": "support-triage"],
        subjects: [ExactText: String] = [:],
        person: String? = nil, scopes: Bool = true
    ) async -> FakeIssuer {
        let issuer = FakeIssuer(
            clients: clients, subjects: subjects, person: person, scopes: scopes)
        await issuer.believing.lookForKeys()
        return issuer
    }

    @Test func `a token says who calls and with which scopes`() async throws {
        let principal = try await issuer().principal(issuer().token())
        #expect(principal.agent.text == "support-triage")
        #expect(principal.scopes == ScopeSet("tickets:read"))
        #expect(principal.isFromOutside && principal.onBehalfOf == nil)
        #expect(principal.credential == "t-1")
        #expect(principal.expires.seconds == 1_795_003_600)
    }

    @Test func `tokens by RS256 and ES256 count with their own keys alone`() async throws {
        let issuer = FakeIssuer()
        issuer.answer.withLock {
            $0 = .success(FakeIssuer.document([IssuerVectors.rsa, IssuerVectors.p256]))
        }
        await issuer.believing.lookForKeys()
        for token in [IssuerVectors.rs256, IssuerVectors.es256] {
            #expect(try issuer.principal(token).agent.text == "support-triage")
            #expect(issuer.failure(String(token.dropLast(4)) + "AAAA") == .badSignature)
            #expect(issuer.failure(String(token.dropLast(4))) != nil)
        }
    }

    @Test(
        arguments: [
            ("alg", "none", IdentityFailure.unsupportedToken), ("alg", "HS256", .unsupportedToken),
            ("alg", "RS512", .unsupportedToken), ("alg", "eddsa", .unsupportedToken),
            ("alg", "RS256", .unknownKey), ("alg", nil, .malformed), ("alg", 1, .malformed),
            ("kid", nil, .malformed), ("kid", "", .malformed), ("kid", 7, .malformed),
            ("kid", "k2", .unknownKey), ("crit", ["exp"], .unsupportedToken),
            ("b64", false, .unsupportedToken), ("jwk", [:], .unsupportedToken),
            ("jku", "https://evil.example", .unsupportedToken), ("x5c", [], .unsupportedToken),
            ("x5u", "https://evil.example", .unsupportedToken), ("zip", "DEF", .unsupportedToken),
            ("typ", "dpop+jwt", .unsupportedToken), ("typ", "oauth-id-jag+jwt", .unsupportedToken),
            ("typ", 1, .unsupportedToken),
        ] as [(String, JSONValue?, IdentityFailure)])
    func `a header that is not taken`(
        name: String, value: JSONValue?, expected: IdentityFailure
    ) async {
        let issuer = await issuer()
        #expect(issuer.failure(issuer.token(FakeIssuer.header.with(name, value))) == expected)
    }

    @Test(
        arguments: [
            ("iss", "https://evil.example", IdentityFailure.unknownIssuer),
            ("iss", "https://idp.example/", .unknownIssuer), ("iss", nil, .malformed),
            ("aud", "https://gw.example/other", .wrongAudience), ("aud", nil, .wrongAudience),
            ("aud", ["a", "b"], .wrongAudience), ("aud", [], .malformed), ("aud", [1], .malformed),
            ("aud", "https://gw.example/mcp/", .wrongAudience), ("exp", nil, .malformed),
            ("exp", 1_794_999_990, .expired), ("exp", "1795003600", .malformed),
            ("exp", 1_799_000_000, .malformed), ("nbf", 1_795_000_600, .notYetValid),
            ("iat", 1_795_000_600, .notYetValid), ("nbf", "x", .malformed),
            ("cnf", ["jkt": "x"], .unsupportedToken), ("scope", 1, .malformed),
            ("scope", "a  b", .malformed), ("scope", "a\"b", .malformed), ("sub", 1, .malformed),
            ("client_id", "other", .unknownClient), ("client_id", nil, .unknownClient),
            ("azp", "other", .malformed), ("sub", "somebody", .unknownClient),
        ] as [(String, JSONValue?, IdentityFailure)])
    func `a claim that is not taken`(
        name: String, value: JSONValue?, expected: IdentityFailure
    ) async {
        let issuer = await issuer()
        let token = issuer.token(FakeIssuer.header, FakeIssuer.claims.with(name, value))
        #expect(issuer.failure(token) == expected)
    }

    @Test func `what is no token at all`() async {
        let issuer = await issuer()
        let token = issuer.token()
        let twice = "{\"alg\":\"EdDSA\",\"alg\":\"EdDSA\",\"kid\":\"k1\"}"
        let claims = JSONValue.object(FakeIssuer.claims).serialized()
        for text in [
            "", "a.b", "a.b.c", "....", token + ".", token + "=", " " + token,
            String(repeating: "a", count: 9000), FakeIssuer.token([], [], by: FakeIssuer.key(1)),
            FakeIssuer.token(Array(twice.utf8), claims, by: FakeIssuer.key(1)),
        ] {
            #expect(issuer.failure(text) == .malformed)
        }
        let unsigned = token.split(separator: ".").prefix(2).joined(separator: ".") + "."
        #expect(issuer.failure(unsigned) == .malformed)
    }

    @Test func `a token signed by another key is nobody's`() async {
        let issuer = await issuer()
        #expect(issuer.failure(issuer.token(by: FakeIssuer.key(2))) == .badSignature)
    }

    @Test func `an audience in upper case and one among others are the gateway's`() async throws {
        let issuer = await issuer()
        for audience in ["HTTPS://GW.Example/mcp", ["x", "https://gw.example/mcp"]] as [JSONValue] {
            let token = issuer.token(FakeIssuer.header, FakeIssuer.claims.with("aud", audience))
            #expect(issuer.failure(token) == nil)
        }
    }

    @Test func `a client that acts for a person must say for whom`() async throws {
        let issuer = await issuer(person: "email")
        let claims = FakeIssuer.claims.with("sub", "u-17")
        #expect(issuer.failure(issuer.token(FakeIssuer.header, claims)) == .unknownClient)
        let named = claims.with("email", "li@acme.example")
        let principal = try issuer.principal(issuer.token(FakeIssuer.header, named))
        #expect(principal.onBehalfOf == Person("li@acme.example"))
    }

    @Test func `a subject stands for an agent, and not for two`() async throws {
        let issuer = await issuer(subjects: ["svc-1": "refunds"])
        let claims = FakeIssuer.claims.with("sub", "svc-1")
        #expect(issuer.failure(issuer.token(FakeIssuer.header, claims)) == .unknownClient)
        let alone = claims.with("client_id", nil)
        #expect(
            try issuer.principal(issuer.token(FakeIssuer.header, alone)).agent.text == "refunds")
    }

    /// `é` as one scalar or two: equal strings.
    @Test func `a subject, a client or a key that only looks alike is another`() async throws {
        let issuer = await issuer(clients: ["caf\u{e9}": "triage"], subjects: ["\u{e9}": "refunds"])
        let claims = FakeIssuer.claims.with("client_id", nil)
        for (subject, agent) in [("\u{e9}", "refunds"), ("e\u{301}", nil)] {
            let token = issuer.token(FakeIssuer.header, claims.with("sub", .string(subject)))
            #expect((try? issuer.principal(token))?.agent.text == agent)
        }
        for (client, agent) in [("caf\u{e9}", "triage"), ("cafe\u{301}", nil)] {
            let own = claims.with("client_id", .string(client)).with("sub", .string(client))
            let token = issuer.token(FakeIssuer.header, own)
            #expect((try? issuer.principal(token))?.agent.text == agent)
        }
    }

    @Test func `without scopes of the issuer none are asked for, with them absent means none`()
        async throws
    {
        let claims = FakeIssuer.claims.with("scope", nil)
        let free = await issuer(scopes: false)
        #expect(try free.principal(free.token()).scopes == nil)
        let bound = await issuer()
        #expect(try bound.principal(bound.token(FakeIssuer.header, claims)).scopes == .empty)
    }

    @Test func `a key that is gone takes its tokens along, also those seen before`() async {
        let issuer = await issuer()
        let token = issuer.token()
        #expect(issuer.failure(token) == nil)
        let before = issuer.believing.revocations
        issuer.keys.withLock { $0 = [("k2", FakeIssuer.key(2))] }
        issuer.clock.pass(.seconds(300))
        await issuer.believing.lookForKeys()
        #expect(issuer.failure(token) == .unknownKey)
        #expect(issuer.believing.revocations > before)
    }

    @Test func `an unknown key starts one look, and the next not before a minute`() async {
        let issuer = await issuer()
        issuer.keys.withLock { $0.append(("k2", FakeIssuer.key(2))) }
        let token = issuer.token(FakeIssuer.header.with("kid", "k2"), by: FakeIssuer.key(2))
        for _ in 0..<50 { #expect(issuer.failure(token) == .unknownKey) }
        #expect(issuer.fetches.withLock { $0 } == 1)
        issuer.clock.pass(.seconds(60))
        for _ in 0..<50 { _ = issuer.failure(token) }
        _ = await eventually { issuer.failure(token) == nil }
        #expect(issuer.failure(token) == nil)
        #expect(issuer.fetches.withLock { $0 } == 2)
    }

    @Test func `old keys count while the issuer is silent, and not for ever`() async {
        let issuer = await issuer()
        let token = issuer.token()
        issuer.answer.withLock { $0 = .failure(KeyFailure(.io, "nobody is there")) }
        for _ in 0..<11 {
            issuer.clock.pass(.seconds(300))
            await issuer.believing.lookForKeys()
        }
        #expect(issuer.failure(token) == nil)
        issuer.clock.pass(.seconds(299))
        let before = issuer.believing.revocations
        issuer.clock.pass(.seconds(1))
        await issuer.believing.lookForKeys()
        #expect(issuer.failure(token) == .noKeys)
        #expect(issuer.believing.revocations > before)
    }

    @Test func `without keys nobody is believed`() async {
        let issuer = FakeIssuer()
        issuer.answer.withLock { $0 = .success([UInt8](repeating: 0x20, count: 2 << 20)) }
        await issuer.believing.lookForKeys()
        #expect(issuer.failure(issuer.token()) == .noKeys)
    }

    @Test func `a run goes on from token to token, for a day at most`() async throws {
        let issuer = await issuer()
        func token(_ number: Int, _ seconds: Int64) -> String {
            issuer.token(
                FakeIssuer.header,
                FakeIssuer.claims.with("jti", .string("t-\(number)"))
                    .with("iat", .integer(1_795_000_000 + seconds))
                    .with("exp", .integer(1_795_003_600 + seconds)))
        }
        let first = try issuer.principal(token(1, 0)).run
        issuer.clock.pass(.seconds(3590))
        await issuer.believing.lookForKeys()
        #expect(try issuer.principal(token(2, 3590)).run == first)
        issuer.clock.pass(.seconds(3601 + 10))
        await issuer.believing.lookForKeys()
        #expect(try issuer.principal(token(3, 7201)).run != first)
    }

    @Test func `a run that the log has open goes on after a start, and nobody else's does`()
        async throws
    {
        let before = await issuer()
        let first = try before.principal(before.token()).run
        let later = await issuer()
        let other = RunID(
            milliseconds: first.milliseconds, random: [UInt8](repeating: 9, count: 10))
        later.believing.resume([other, first])
        #expect(try later.principal(later.token()).run == first)
        let elsewhere = await issuer(clients: ["triage": "another-agent"])
        elsewhere.believing.resume([other, first])
        #expect(try elsewhere.principal(elsewhere.token()).run != first)
        let nextDay = await issuer()
        nextDay.believing.resume([
            RunID(
                milliseconds: first.milliseconds - 86_400_000,
                random: (0..<10).map { UInt8(truncatingIfNeeded: first.random >> (72 - 8 * $0)) })
        ])
        #expect(try nextDay.principal(nextDay.token()).run.milliseconds >= first.milliseconds)
    }

    @Test
    func `a token from before a revocation stays with its run, and a later one begins another`()
        async throws
    {
        let issuer = await issuer()
        func token(_ second: Int64) -> String {
            issuer.token(
                FakeIssuer.header,
                FakeIssuer.claims.with("jti", .string("t-\(second)"))
                    .with("iat", .integer(1_795_000_000 + second)))
        }
        let run = try issuer.principal(token(0)).run
        issuer.clock.pass(.milliseconds(700))
        issuer.believing.revoke([run], now: issuer.clock.now.wall)
        #expect(try issuer.principal(token(0)).run == run, "of the same second")
        issuer.clock.pass(.milliseconds(500))
        #expect(try issuer.principal(token(1)).run != run)
    }
}
