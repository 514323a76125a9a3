import InterlockJSON
import InterlockMCP
import InterlockModel
import Synchronization
import Testing

@testable import InterlockCredentials

@Suite struct ClientTokensTests {
    @Test func `a token is asked for once and kept until shortly before its end`() async throws {
        let world = OAuthWorld()
        #expect(try await world.token() == "t1")
        #expect(try await world.token() == "t1")
        #expect(world.tokens.known(world.purpose()) == "t1")
        world.clock.pass(.seconds(269))
        #expect(try await world.token() == "t1")
        world.clock.pass(.seconds(2))
        #expect(world.tokens.known(world.purpose()) == nil)
        #expect(try await world.token() == "t2")
        let forms = world.forms
        #expect(forms.count == 2)
        #expect(forms[0]["grant_type"] == "client_credentials")
        #expect(forms[0]["resource"] == "https://up.example/mcp")
        #expect(forms[0]["scope"] == "base")
    }

    @Test func `each server and each agent has a token of its own`() async throws {
        let world = OAuthWorld()
        #expect(try await world.token(world.purpose()) == "t1")
        #expect(try await world.token(world.purpose(server: "other")) == "t2")
        #expect(try await world.token(world.purpose(agent: "second")) == "t3")
    }

    @Test func `more scopes are asked for as a union, and the same ones no second time`()
        async throws
    {
        let world = OAuthWorld()
        let first = try await world.token()
        #expect(world.refused(first, 403, #"Bearer error="insufficient_scope", scope="base deep""#))
        let second = try await world.token()
        #expect(world.forms.last?["scope"] == "base deep")
        #expect(!world.refused(second, 403, #"Bearer error="insufficient_scope", scope="deep""#))
        #expect(!world.refused(second, 403, #"Bearer error="invalid_token""#))
        #expect(!world.refused(second, 403, nil))
        #expect(world.tokens.known(world.purpose()) == second)
    }

    @Test func `a token that was turned away is asked for anew, one that has been replaced is not`()
        async throws
    {
        let world = OAuthWorld()
        let first = try await world.token()
        #expect(world.refused(first, 401, nil))
        let second = try await world.token()
        #expect(world.refused(first, 401, nil))
        #expect(world.tokens.known(world.purpose()) == second)
    }

    @Test func `where even a fresh token is turned away, none is asked for during 30 s`()
        async throws
    {
        let world = OAuthWorld()
        let first = try await world.token()
        #expect(world.refused(first, 401, nil))
        let second = try await world.token()
        // Two concurrent calls count once.
        world.tokens.exhausted(second, for: world.purpose())
        world.tokens.exhausted(second, for: world.purpose())
        for _ in 0..<20 { #expect(await world.failure() == .refused) }
        #expect(world.tokens.known(world.purpose()) == nil)
        #expect(world.forms.count == 2)
        #expect(try await world.token(world.purpose(agent: "second")) == "t3")
        world.clock.pass(.seconds(30))
        #expect(try await world.token() == "t4")
        world.tokens.exhausted("t4", for: world.purpose())
        world.tokens.startOver()
        #expect(try await world.token() == "t5")
    }

    @Test func `pauses double up to five minutes while each first token is turned away`()
        async throws
    {
        let world = OAuthWorld()
        let first = try await world.token()
        world.tokens.exhausted(first, for: world.purpose())
        for (seconds, number) in [(30, 2), (60, 3), (120, 4), (240, 5), (300, 6), (300, 7)] {
            world.clock.pass(.seconds(seconds - 1))
            #expect(await world.failure() == .refused)
            world.clock.pass(.seconds(1))
            let next = try await world.token()
            #expect(next == "t\(number)")
            #expect(!world.refused(next, 401, nil), "no second one in the same call")
        }
        // A token that lasted resets the pauses.
        world.clock.pass(.seconds(300))
        let lasting = try await world.token()
        world.clock.pass(.seconds(300))
        #expect(world.refused(lasting, 401, nil))
        #expect(world.forms.count == 8)
    }

    @Test func `a server that looked at the scopes has taken the token`() async throws {
        let world = OAuthWorld()
        world.tokens.exhausted(try await world.token(), for: world.purpose())
        world.clock.pass(.seconds(30))
        let token = try await world.token()
        #expect(world.refused(token, 403, #"Bearer error="insufficient_scope", scope="deep""#))
        #expect(world.refused(try await world.token(), 401, nil))
    }

    @Test func `another issuer in the server's metadata blocks until an operator has looked`()
        async throws
    {
        let world = OAuthWorld()
        world.documents.withLock {
            $0["https://up.example/.well-known/oauth-protected-resource/mcp"] =
                #"{"resource":"https://up.example/mcp","authorization_servers":["https://evil.example"]}"#
        }
        #expect(await world.failure() == .foreign)
        world.documents.withLock {
            $0["https://up.example/.well-known/oauth-protected-resource/mcp"] = nil
        }
        #expect(await world.failure() == .foreign)
        #expect(world.changed.withLock { $0 } == ["up"])
        #expect(world.forms.isEmpty)
        world.tokens.startOver()
        #expect(try await world.token() == "t1")
    }

    @Test func `the block is the server's: tokens of its other agents count no more`() async throws
    {
        let world = OAuthWorld()
        let other = world.purpose(agent: "second")
        let elsewhere = world.purpose(server: "other")
        #expect(try await world.token(other) == "t1")
        #expect(try await world.token(elsewhere) == "t2")
        world.documents.withLock {
            $0["https://up.example/.well-known/oauth-protected-resource/mcp"] =
                #"{"resource":"https://up.example/mcp","authorization_servers":["https://evil.example"]}"#
        }
        #expect(await world.failure() == .foreign)
        #expect(world.tokens.known(other) == nil)
        await #expect(throws: KeyFailure(.foreign, "")) { try await world.token(other) }
        #expect(world.tokens.known(elsewhere) == "t2")
        #expect(world.changed.withLock { $0 } == ["up"])
    }

    @Test func `an operator's look ends all tokens`() async throws {
        let world = OAuthWorld()
        #expect(try await world.token() == "t1")
        world.tokens.startOver()
        #expect(world.tokens.known(world.purpose()) == nil)
        #expect(try await world.token() == "t2")
    }

    @Test func `more scopes than are ever asked for are refused, and not kept`() async throws {
        let world = OAuthWorld()
        func challenge(_ numbers: ClosedRange<Int>) -> String {
            let scopes = numbers.map { "s\($0)" }.joined(separator: " ")
            return #"Bearer error="insufficient_scope", scope="\#(scopes)""#
        }
        let first = try await world.token()
        #expect(world.refused(first, 403, challenge(1...40)))
        let second = try await world.token()
        #expect(!world.refused(second, 403, challenge(41...80)))
        #expect(world.tokens.known(world.purpose()) == second)
        #expect(world.refused(second, 403, challenge(81...81)))
        _ = try await world.token()
        #expect(world.forms.last?["scope"]?.split(separator: " ").count == 42)
    }

    @Test func `who was asked as which client stands in the reason`() async {
        let world = OAuthWorld()
        world.documents.withLock { $0["https://idp.example/token"] = "400" }
        guard case .failure(let failure) = await world.tokens.token(for: world.purpose()) else {
            Issue.record("a token")
            return
        }
        #expect(failure.reason.hasPrefix("issuer https://idp.example, client `gw`: "))
    }

    @Test func `where the server says its metadata is, it must be`() async throws {
        let world = OAuthWorld()
        let first = try await world.token()
        let challenge = #"Bearer resource_metadata="https://up.example/.well-known/there""#
        _ = world.refused(first, 401, challenge)
        #expect(await world.failure() == .missing)
        let second = try await world.token()
        _ = world.refused(second, 401, challenge)
        world.documents.withLock {
            $0["https://up.example/.well-known/there"] =
                #"{"resource":"https://up.example","authorization_servers":["https://idp.example"]}"#
        }
        #expect(try await world.token() == "t3")
        let asked = world.asked.withLock { $0.filter { $0.url.hasSuffix("/there") } }
        #expect(asked.map(\.isPublicOnly) == [false, false], "its own origin")
    }

    @Test(arguments: [
        "https://inside.example/admin", "https://up.example:8443/.well-known/there",
        "http://up.example/there", "https://up.example@inside.example/x",
    ])
    func `a server can have no origin asked that is private and not its own`(hint: String)
        async throws
    {
        let world = OAuthWorld()
        let first = try await world.token()
        _ = world.refused(first, 401, "Bearer resource_metadata=\"\(hint)\"")
        _ = await world.failure()
        let asked = world.asked.withLock { $0.filter { $0.url == hint } }
        #expect(asked.map(\.isPublicOnly) == [true])
        #expect(world.asked.withLock { $0 }.filter(\.isPublicOnly).count == 1)
    }

    @Test(arguments: [
        (
            "https://idp.example/.well-known/oauth-authorization-server", "[]",
            KeyFailure.Code.malformed
        ),
        ("https://idp.example/.well-known/oauth-authorization-server", "500", .io),
        ("https://idp.example/token", "500", .io), ("https://idp.example/token", "400", .refused),
        ("https://idp.example/token", "{}", .malformed),
        ("https://up.example/.well-known/oauth-protected-resource/mcp", "503", .io),
        ("https://up.example/.well-known/oauth-protected-resource/mcp", "{}", .malformed),
    ])
    func `an answer that does not count gives no token`(
        place: String, answer: String, code: KeyFailure.Code
    ) async {
        let world = OAuthWorld()
        world.documents.withLock { $0[place] = answer }
        #expect(await world.failure() == code)
    }

    @Test func `a secret that cannot be had is named, and nobody is asked for a token`() async {
        let world = OAuthWorld(secret: nil)
        #expect(await world.failure() == .io)
        #expect(world.forms.isEmpty)
    }

    @Test func `assertions are made out to the issuer and signed by the key's own kind`()
        async throws
    {
        for (pem, algorithm) in [
            (AssertionKeys.ed25519, TokenAlgorithm.edDSA), (AssertionKeys.p256, .es256),
            (AssertionKeys.rsa, .rs256),
        ] {
            let world = OAuthWorld(secret: pem, method: .assertion)
            _ = try await world.token()
            let form = try #require(world.forms.last)
            #expect(
                form["client_assertion_type"]
                    == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            let token = try JSONWebToken(try #require(form["client_assertion"]))
            #expect(token.algorithm == algorithm && token.kid == "k1")
            let claims = try JSONValue(parsing: token.payload, limits: .agent)
            #expect(claims["aud"] == "https://idp.example" && claims["iss"] == "gw")
            #expect(claims["sub"] == "gw" && claims["jti"]?.string?.utf8.count == 32)
            #expect(claims["exp"]?.integer == HandClock.start.seconds + 60)
            let key = try #require(AssertionKeys.verification[algorithm])
            #expect(key.verifies(token.signature, of: token.signed))
        }
    }

    @Test(arguments: [
        "", "nonsense", AssertionKeys.publicOnly, AssertionKeys.encrypted, AssertionKeys.p384,
    ])
    func `what is no key that is taken`(pem: String) {
        #expect(throws: KeyFailure(.malformed, "")) { try AssertionKey(pem: Array(pem.utf8)) }
    }
}
