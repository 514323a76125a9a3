import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockCredentials

@Suite struct TokenTests {
    private static let start = Timestamp(microseconds: 1_795_000_000_400_000)
    private static let audience = "http://127.0.0.1:7400/mcp"
    private let key = Ed25519PrivateKey(seed: seed(1)).unwrapped
    private let agent = AgentName("refunds").unwrapped
    private let run = RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
    private let person = Person("li@acme.example").unwrapped

    private func mint(
        key: Ed25519PrivateKey? = nil, issuer: String = "acme", audience: String = audience
    ) -> AgentTokenSigner {
        AgentTokenSigner(
            key: key ?? self.key, issuer: issuer, audience: audience, hashing: OpenSSLHashing())
    }

    private func token(_ mint: AgentTokenSigner? = nil) throws -> String {
        try (mint ?? self.mint()).mint(
            agent: agent, run: run, purpose: "answer tickets", onBehalfOf: person,
            lifetime: .seconds(3600), now: TokenTests.start, entropy: SystemEntropy()
        ).token
    }

    private func authenticator(
        knows: @escaping @Sendable (AgentName) -> Bool = { _ in true }
    ) -> TokenAuthenticator {
        TokenAuthenticator(
            keys: [key.publicKey], issuer: "acme", audience: TokenTests.audience,
            hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(), isKnown: knows)
    }

    private func failure(
        _ bearer: String?, _ authenticator: TokenAuthenticator? = nil, at now: Timestamp = start
    ) -> IdentityFailure? {
        do throws(IdentityFailure) {
            _ = try (authenticator ?? self.authenticator()).identify(bearer: bearer, now: now)
            return nil
        } catch { return error }
    }

    @Test func `a token says who calls, in which run, why and for whom`() throws {
        let principal = try authenticator().identify(bearer: try token(), now: TokenTests.start)
        #expect(principal.agent == agent)
        #expect(principal.run == run)
        #expect(principal.purpose == "answer tickets")
        #expect(principal.onBehalfOf == person)
        #expect(principal.expires.seconds == TokenTests.start.seconds + 3600)
        #expect(principal.credential.count == 26)
    }

    @Test(.requirement("R019"))
    func `a token for some servers and tools says so, and is for nothing else`() throws {
        let crm = try #require(ServerName("crm"))
        let tickets = try #require(ServerName("tickets"))
        func tool(_ server: ServerName, _ name: String) throws -> ToolAddress {
            ToolAddress(server: server, tool: try #require(ToolName(name)))
        }
        let wanted = try #require(
            ScopeSet(servers: [crm], tools: [try tool(tickets, "search")]))
        let token = try mint().mint(
            agent: agent, scopes: wanted, lifetime: .seconds(60), now: TokenTests.start,
            entropy: SystemEntropy()
        ).token
        let found = try authenticator().identify(bearer: token, now: TokenTests.start).scopes
        let scopes = try #require(found)
        for toolClass in ToolClass.allCases {
            #expect(scopes.covers(try tool(crm, "any"), toolClass))
            #expect(scopes.covers(try tool(tickets, "search"), toolClass))
            #expect(!scopes.covers(try tool(tickets, "close"), toolClass))
        }
        #expect(ScopeSet(servers: [], tools: [try tool(crm, "read")]) == nil)
        let plain = try authenticator().identify(bearer: try self.token(), now: TokenTests.start)
        #expect(plain.scopes == nil)
    }

    @Test func `a token without a run gets a new one`() throws {
        let (token, claims) = try mint().mint(
            agent: agent, lifetime: .seconds(60), now: TokenTests.start, entropy: SystemEntropy())
        let principal = try authenticator().identify(bearer: token, now: TokenTests.start)
        #expect(principal.run == claims.run)
        #expect(principal.purpose == nil && principal.onBehalfOf == nil)
    }

    @Test func `a token counts from five seconds before its time to five after`() throws {
        let token = try token()
        let end = TokenTests.start + .seconds(3600)
        for authenticator in [authenticator(), authenticator()] {
            #expect(failure(token, authenticator, at: end + .milliseconds(4500)) == nil)
            #expect(failure(token, authenticator, at: end + .milliseconds(4700)) == .expired)
            #expect(
                failure(token, authenticator, at: TokenTests.start + .milliseconds(-5000)) == nil)
            #expect(
                failure(token, authenticator, at: TokenTests.start + .milliseconds(-5600))
                    == .notYetValid)
        }
    }

    @Test func `who does not count, and why`() throws {
        #expect(failure(nil) == .missing)
        #expect(failure("") == .malformed)
        #expect(failure(try token(mint(audience: "http://127.0.0.1:7401/mcp"))) == .wrongAudience)
        #expect(failure(try token(mint(audience: TokenTests.audience + "/"))) == .wrongAudience)
        #expect(failure(try token(mint(issuer: "other"))) == .badSignature)
        #expect(
            failure(try token(mint(key: Ed25519PrivateKey(seed: seed(2)).unwrapped)))
                == .badSignature)
        #expect(
            failure(try token(), authenticator(knows: { _ in false })) == .unknownAgent("refunds"))
        #expect(failure(String(repeating: "a", count: 5000)) == .malformed)
    }

    @Test func `a token with any one character changed is refused`() throws {
        let token = Array(try token().utf8)
        let authenticator = authenticator()
        for place in token.indices {
            for other in [UInt8(ascii: "A"), UInt8(ascii: "B"), UInt8(ascii: "="), 0x20]
            where other != token[place] {
                var changed = token
                changed[place] = other
                #expect(failure(String(decoding: changed, as: UTF8.self), authenticator) != nil)
            }
        }
        #expect(failure(String(decoding: token, as: UTF8.self), authenticator) == nil)
    }

    @Test(arguments: [
        "{\"alg\":\"none\",\"typ\":\"JWT\"}", "{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
        "{\"typ\":\"JWT\",\"alg\":\"EdDSA\"}", "{}",
    ])
    func `a header that is not ours word for word is refused though signed`(_ header: String) throws
    {
        let parts = try token().split(separator: ".")
        let signed = Base64.encodeURL(Array(header.utf8)) + "." + parts[1]
        let forged = signed + "." + Base64.encodeURL(key.sign(Array(signed.utf8)))
        #expect(failure(forged) == .badSignature)
    }

    @Test(arguments: [
        ("\"aud\":", "\"servers\":[],\"aud\":"), ("\"sub\":\"refunds\"", "\"sub\":\"Refunds\""),
        ("\"iat\":", "\"iat\":1,\"iat\":"), ("\"nbf\":", "\"nbf\":1,\"x\":"),
        ("\"exp\":1795003600", "\"exp\":\"1795003600\""),
        ("\"exp\":1795003600", "\"exp\":1795003600.0"),
        ("\"exp\":1795003600", "\"exp\":9000000000"),
        ("\"exp\":1795003600", "\"exp\":1795000000"), ("\"exp\":1795003600", "\"exp\":-1"),
        ("\"behalf\":\"li@acme.example\"", "\"behalf\":\"li\""),
    ])
    func `claims that are not ours are refused though signed`(_ old: String, _ new: String) throws {
        let parts = try token().split(separator: ".")
        let claims = String(decoding: try #require(Base64.decodeURL(parts[1])), as: UTF8.self)
        let changed = claims.replacing(old, with: new)
        try #require(changed != claims)
        let signed = parts[0] + "." + Base64.encodeURL(Array(changed.utf8))
        let forged = signed + "." + Base64.encodeURL(key.sign(Array(signed.utf8)))
        #expect(failure(String(forged)) == .malformed)
    }

    @Test func `a revoked run is refused at once, also from the cache`() throws {
        let authenticator = authenticator()
        let first = try token()
        let second = try token()
        #expect(failure(first, authenticator) == nil)
        #expect(authenticator.revocations == 0)
        authenticator.revoke(runs: [run], now: TokenTests.start)
        #expect(authenticator.revocations == 1)
        #expect(failure(first, authenticator) == .revoked)
        #expect(failure(second, authenticator) == .revoked)
    }

    @Test func `a revocation is kept as long as its token could be accepted`() throws {
        let authenticator = authenticator()
        let longest = try mint().mint(
            agent: agent, run: run, purpose: "answer tickets", lifetime: .seconds(31 * 86_400),
            now: TokenTests.start, entropy: SystemEntropy()
        ).token
        #expect(failure(longest, authenticator) == nil)
        authenticator.revoke(runs: [run], now: TokenTests.start)
        let last = TokenTests.start + .seconds(31 * 86_400 + 4)
        // A later revocation drops those that are not needed any more.
        let other = RunID(milliseconds: 0, random: [UInt8](repeating: 1, count: 10))
        authenticator.revoke(runs: [other], now: last)
        #expect(failure(longest, authenticator, at: last) == .revoked)
    }

    @Test func `more tokens than the cache holds are still told apart`() throws {
        let authenticator = authenticator()
        let mint = mint()
        let first = try token(mint)
        #expect(failure(first, authenticator) == nil)
        for _ in 0..<50 { #expect(failure(try token(mint), authenticator) == nil) }
        #expect(failure(first + "A", authenticator) != nil)
        #expect(failure(first, authenticator) == nil)
    }

    @Test(.requirement("R084"))
    func `a token has the task of its run, which is its purpose, and another is not made`() throws {
        let task = try #require(RunTaskName("visit"))
        func mint(_ purpose: String?) throws -> (token: String, claims: TokenClaims) {
            try self.mint().mint(
                agent: agent, run: run, purpose: purpose, task: task, lifetime: .seconds(60),
                now: TokenTests.start, entropy: SystemEntropy())
        }
        let (token, claims) = try mint("visit")
        // Another process of the gateway has the key alone.
        let principal = try authenticator().identify(bearer: token, now: TokenTests.start)
        #expect(principal.task == task && principal.purpose == "visit")
        let plain = try authenticator().identify(
            bearer: try self.token(), now: TokenTests.start)
        #expect(plain.task == nil)
        for purpose in [nil, "other"] {
            #expect(throws: KeyFailure(.argument, "")) { try mint(purpose) }
        }
        #expect(try TokenClaims(parsing: claims.json.serialized()) == claims)
        var object = try #require(claims.json.object)
        for (purpose, named) in [
            ("other", "visit"), ("visit", "other"), (nil, "visit"), ("Visit", "Visit"),
        ] as [(String?, String)] {
            object["purpose"] = purpose.map { .string($0) }
            object["task"] = .string(named)
            let bytes = JSONValue.object(object).serialized()
            #expect(throws: FormError.self) { try TokenClaims(parsing: bytes) }
        }
    }

    @Test func `lifetime and purpose have bounds`() {
        for (lifetime, purpose) in [
            (Duration.seconds(59), "x"), (.seconds(32 * 86_400), "x"), (.seconds(60), ""),
            (.seconds(60), String(repeating: "x", count: 501)),
        ] {
            #expect(throws: KeyFailure(.argument, "")) {
                try mint().mint(
                    agent: agent, purpose: purpose, lifetime: lifetime, now: TokenTests.start,
                    entropy: SystemEntropy())
            }
        }
    }
}
