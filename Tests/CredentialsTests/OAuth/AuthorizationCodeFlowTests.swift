import InterlockJSON
import InterlockMCP
import InterlockModel
import Synchronization
import Testing

@testable import InterlockCredentials

@Suite struct AuthorizationCodeFlowTests {
    @Test func `a sign-in gives tokens that are refreshed, each refresh token kept before`()
        async throws
    {
        let world = SignInWorld()
        #expect(await world.failure() == .missing)
        let url = try await world.begin()
        let asked = try #require(FormFields.parse(String(url.drop { $0 != "?" }.dropFirst())))
        #expect(asked["client_id"] == "gw" && asked["scope"] == "base")
        world.idp.refresh.withLock { $0 = "r1" }
        try await world.finish("code=c1&state=\(try #require(asked["state"]))")
        let form = try #require(world.idp.forms.last)
        #expect(form["grant_type"] == "authorization_code" && form["code"] == "c1")
        #expect(form["resource"] == "https://up.example/mcp" && form["client_id"] == "gw")
        let verifier = try #require(form["code_verifier"])
        #expect(verifier.utf8.count == 43)
        let hash = OpenSSLHashing().sha256(Array(verifier.utf8).span)
        #expect(asked["code_challenge"] == Base64.encodeURL(hash.bytes))
        #expect(try await world.token() == "t1")
        #expect(world.idp.forms.count == 1)
        world.idp.clock.pass(.seconds(280))
        world.idp.refresh.withLock { $0 = "r2" }
        #expect(try await world.token() == "t2")
        #expect(world.idp.forms.last?["refresh_token"] == "r1")
        #expect(try world.kept()?.status == .good(refresh: "r2"))
        world.idp.clock.pass(.seconds(280))
        world.idp.refresh.withLock { $0 = nil }
        #expect(try await world.token() == "t3")
        #expect(world.idp.forms.last?["refresh_token"] == "r2")
        #expect(try world.kept()?.status == .good(refresh: "r2"), "it stays where none comes")
    }

    @Test func `an answer counts once, for its own sign-in, in time`() async throws {
        let world = SignInWorld()
        let first = try await world.begin()
        let state = world.state(in: first)
        let firstID = world.last
        let second = try await world.begin()
        #expect(await world.refusal(firstID, "code=c&state=\(state)") == .missing, "replaced")
        #expect(await world.refusal(world.last, "code=c&state=\(state)") == .foreign, "of another")
        #expect(
            await world.refusal(world.last, "code=c&state=\(world.state(in: second))") == .missing,
            "its one answer was used up")
        let third = try await world.begin()
        world.idp.clock.pass(.seconds(300))
        #expect(await world.refusal(world.last, "code=c&state=\(world.state(in: third))") == .late)
        #expect(world.idp.forms.isEmpty)
        #expect(try world.kept() == nil)
    }

    @Test func `what is not recorded is neither kept nor used`() async throws {
        let world = SignInWorld()
        let url = try await world.begin()
        let query = "code=c&state=\(world.state(in: url))"
        await #expect(throws: KeyFailure(.io, "")) {
            _ = try await world.signIns.finish(
                world.last, query: query, isWanted: SignInWorld.always
            ) { (_: AuthorizationCodeFlow.Agreed) async throws(KeyFailure) in
                throw KeyFailure(.io, "the log is full")
            }
        }
        #expect(try world.kept() == nil)
        #expect(await world.failure() == .missing)
    }

    @Test(arguments: ["invalid_grant", "invalid_client"])
    func `a refused refresh ends it until somebody signs in or has looked`(code: String)
        async throws
    {
        let world = SignInWorld()
        try await world.signIn(refresh: "r1")
        world.idp.clock.pass(.seconds(280))
        world.refuse(code)
        for _ in 0..<5 { #expect(await world.failure() == .refused) }
        #expect(world.idp.forms.count == 2, "the code, and one refresh")
        #expect(world.idp.ended.withLock { $0 } == ["up"])
        world.refuse(nil)
        world.tokens.startOver()
        if code == "invalid_grant" {
            #expect(await world.failure() == .refused, "it is over for good")
            #expect(try world.kept()?.status == .ended(code: code))
        } else {
            #expect(try await world.token() == "t2")
        }
        try await world.signIn(refresh: "r9")
        _ = try await world.token()
    }

    @Test func `without a refresh token it ends with its token`() async throws {
        let world = SignInWorld()
        try await world.signIn(refresh: nil)
        #expect(try await world.token() == "t1")
        world.idp.clock.pass(.seconds(280))
        #expect(await world.failure() == .missing)
    }

    @Test func `a refresh token that cannot be kept keeps its access token from use`() async throws
    {
        let world = SignInWorld()
        try await world.signIn(refresh: "r1")
        world.idp.clock.pass(.seconds(280))
        world.idp.refresh.withLock { $0 = "r2" }
        let path = world.idp.grantPath
        let draft = path + "/up.triage.json.part"
        #expect(TestFolder.make(draft + "/x"))
        #expect(await world.failure() == .exists)
        #expect(world.idp.forms.last?["refresh_token"] == "r1")
        #expect(await world.failure() == .exists)
        #expect(world.idp.forms.count == 2, "the issuer is not asked with what it has replaced")
        TestFolder.remove(draft + "/x")
        TestFolder.remove(draft)
        _ = try await world.token()
        #expect(world.idp.forms.last?["refresh_token"] == "r2")
    }

    @Test func `more scopes are people's to give`() async throws {
        let world = SignInWorld()
        try await world.signIn(refresh: "r1")
        let challenge = BearerChallenge(#"Bearer error="insufficient_scope", scope="deep""#)
        guard
            case .refuse(let reason) = world.tokens.refused(
                "t1", for: world.purpose, status: 403, challenge)
        else {
            Issue.record("it went on without people")
            return
        }
        #expect(reason.contains("interlock servers authorize up --agent triage"))
        #expect(try await world.token() == "t1", "other calls go on")
        let url = try await world.begin()
        #expect(url.contains("scope=base%20deep"))
    }

    @Test func `a grant is of its issuer, client and server`() async throws {
        let world = SignInWorld()
        try await world.signIn(refresh: "r1")
        for other in [
            world.purpose(issuer: "https://other.example"), world.purpose(client: "gw2"),
            world.purpose(resource: "https://up.example/other"),
        ] {
            guard case .failure(let failure) = await world.tokens.token(for: other) else {
                Issue.record("a token for \(other)")
                continue
            }
            #expect(failure.code == .foreign)
        }
    }

    private static let kept: [(StoredAuthorization.Origin, String, OAuthClient.Method)] = [
        (.configured, "gw", .none), (.configured, "https://gw.example/c", .none),
        (.registering(asking: .none), "made", .none), (.registering(asking: .none), "gw", .post),
        (.registering(asking: .basic), "made", .basic),
    ]

    /// The indices of the entries of `kept` that count for each client.
    @Test(
        arguments: [
            (.registered("gw"), .none, [0]), (.registered("gw"), .post, []),
            (.registered("made"), .none, []),
            (.document("https://gw.example/c", orRegister: false), .none, [1]),
            (.document("https://gw.example/c", orRegister: true), .none, [1, 2, 3]),
            (.document("https://gw.example/d", orRegister: true), .none, [2, 3]),
            (.document("https://gw.example/d", orRegister: false), .none, []),
            (.register, .none, [2, 3]), (.register, .basic, [4]),
        ] as [(SignInClient.Identity, OAuthClient.Method, [Int])])
    func `another client in the configuration ends it`(
        identity: SignInClient.Identity, method: OAuthClient.Method, counting: [Int]
    ) {
        let world = SignInWorld()
        let client = SignInClient(
            issuer: "https://idp.example", identity: identity, method: method, secret: nil,
            kid: nil, scopes: [])
        for (index, (origin, id, proof)) in Self.kept.enumerated() {
            let grant = StoredAuthorization(
                issuer: "https://idp.example", resource: "https://up.example/mcp", client: id,
                method: proof, origin: origin, secret: nil, scopes: [], status: .short)
            #expect(
                grant.counts(for: world.purpose, client) == counting.contains(index),
                "\(origin) \(id)")
        }
    }

    @Test func `what the policy does not want any more gets no code and keeps nothing`()
        async throws
    {
        let world = SignInWorld()
        var query = "code=c&state=\(world.state(in: try await world.begin()))"
        let wanted = world.purpose
        let refusal = await world.refusal(world.last, query, isWanted: { $0 != wanted })
        #expect(refusal == .refused)
        #expect(world.idp.forms.isEmpty, "the code goes nowhere")
        query = "code=c&state=\(world.state(in: try await world.begin()))"
        let looks = Atomic<Int>(0)
        let later = await world.refusal(world.last, query) { _ in
            looks.add(1, ordering: .relaxed).oldValue == 0
        }
        #expect(later == .refused, "it changed while the issuer was asked")
        #expect(try world.kept() == nil)
        #expect(await world.failure() == .missing)
    }

    @Test func `who began it is known at its end`() async throws {
        let world = SignInWorld()
        let query = "code=c&state=\(world.state(in: try await world.begin()))"
        let done = try await world.signIns.finish(
            world.last, query: query, isWanted: SignInWorld.always
        ) { (agreed: AuthorizationCodeFlow.Agreed) async throws(KeyFailure) in
            guard agreed.by == SignInWorld.person else { throw KeyFailure(.io, "somebody else") }
        }
        #expect(done.by == SignInWorld.person)
    }

    @Test func `scopes of a grant that does not count are not asked for again`() async throws {
        let world = SignInWorld()
        let holder = world.purpose.holder
        for client in ["gw", "of before"] {
            let grant = StoredAuthorization(
                issuer: "https://idp.example", resource: "https://up.example/mcp", client: client,
                method: .none, secret: nil, scopes: ["given"], status: .good(refresh: "r"))
            try world.idp.grants.keep(grant, of: holder, since: 0)
            _ = world.tokens.refused(
                "t", for: world.purpose, status: 403,
                BearerChallenge(#"Bearer error="insufficient_scope", scope="deep""#))
            let url = try await world.begin()
            #expect(url.contains("given") == (client == "gw"), "\(url)")
            #expect(url.contains("deep"))
        }
    }

    @Test func `signing out removes it and asks the issuer to end it`() async throws {
        let world = SignInWorld()
        try await world.signIn(refresh: "r1")
        #expect(try await world.signIns.forget(world.purpose) == true)
        #expect(world.idp.forms.last?["token"] == "r1")
        #expect(await world.failure() == .missing)
        #expect(try await world.signIns.forget(world.purpose) == nil)
    }

    @Test(
        arguments: [
            ("https://other.example", nil, nil), ("https://other.example", "own", "own"),
            ("https://idp.example", nil, "s3cret"),
        ] as [(String, String?, String?)])
    func `the issuer of a grant gets no secret that is configured for another`(
        configured: String, given: String?, sent: String?
    ) async throws {
        let world = SignInWorld()
        world.idp.documents.withLock { documents in
            let path = "https://idp.example/.well-known/oauth-authorization-server"
            documents[path] = documents[path]?.replacing(#""none""#, with: #""client_secret_post""#)
        }
        let grant = StoredAuthorization(
            issuer: "https://idp.example", resource: "https://up.example/mcp", client: "gw",
            method: .post, secret: given, scopes: [], status: .good(refresh: "r1"))
        try world.idp.grants.keep(grant, of: world.purpose.holder, since: 0)
        let purpose = ClientTokens.Purpose(
            server: world.purpose.server, agent: world.purpose.agent,
            source: .signIn(
                SignInClient(
                    issuer: configured, identity: .registered("gw"), method: .post,
                    secret: "client-secret", kid: nil, scopes: [])),
            resource: world.purpose.resource)
        #expect(try await world.signIns.forget(purpose) == (sent == nil ? nil : true))
        #expect(world.idp.forms.last?["client_secret"] == sent)
        #expect(world.idp.forms.count == (sent == nil ? 0 : 1))
        #expect(try world.kept() == nil)
    }

    @Test func `signing out ends the sign-ins that are under way`() async throws {
        let world = SignInWorld()
        var query = "code=c&state=\(world.state(in: try await world.begin()))"
        #expect(try await world.signIns.forget(world.purpose) == nil)
        #expect(await world.refusal(world.last, query) == .missing)
        #expect(world.idp.forms.isEmpty, "the code goes nowhere")
        query = "code=c&state=\(world.state(in: try await world.begin()))"
        await #expect(throws: AuthorizationStore.signedOut) {
            _ = try await world.signIns.finish(
                world.last, query: query, isWanted: SignInWorld.always
            ) { (_: AuthorizationCodeFlow.Agreed) async throws(KeyFailure) in
                _ = try await world.signIns.forget(world.purpose)
            }
        }
        #expect(try world.kept() == nil)
        #expect(await world.failure() == .missing)
        try await world.signIn(refresh: "r1")
        try GuardedFile.create(
            world.idp.grantPath + "/up.triage.json.part", Array("{}".utf8), mode: 0o600)
        #expect(try await world.signIns.forget(world.purpose) == true)
        #expect(try GuardedFile.names(in: world.idp.grantPath).isEmpty)
    }

    @Test func `more scopes than can be kept are refused before anything is kept`() async throws {
        let world = SignInWorld()
        let words = (0...256).map { "s\($0)" }
        await #expect(throws: KeyFailure(.refused, "")) {
            _ = try await world.signIns.begin(
                world.purpose,
                as: SignInClient(
                    issuer: "https://idp.example", identity: .registered("gw"), method: .none,
                    secret: nil, kid: nil, scopes: words),
                redirect: "http://127.0.0.1:7/callback", by: SignInWorld.person)
        }
        let query = "code=c&state=\(world.state(in: try await world.begin()))"
        world.idp.documents.withLock {
            $0["https://idp.example/token"] =
                #"{"access_token":"t","token_type":"bearer","scope":"\#(words.joined(separator: " "))"}"#
        }
        #expect(await world.refusal(world.last, query) == .malformed)
        #expect(try world.kept() == nil)
        #expect(throws: KeyFailure(.refused, "")) {
            try world.idp.grants.keep(
                StoredAuthorization(
                    issuer: "https://i", resource: "https://r", client: "c", method: .none,
                    secret: nil, scopes: words, status: .short),
                of: world.purpose.holder, since: 0)
        }
        #expect(try world.kept() == nil)
    }

    @Test(
        arguments: [
            "", "{}", "[]", "nonsense",
            #"{"v":2,"issuer":"i","resource":"r","client":"c","method":"none","scopes":[]}"#,
            #"{"v":1,"issuer":"i","resource":"r","client":"c","method":"other","scopes":[]}"#,
            #"{"v":1,"issuer":"i","resource":"r","client":"c","method":"none","scopes":[1]}"#,
            #"{"v":1,"issuer":"i","resource":"r","client":"c","method":"none","scopes":[],"refresh":"r","ended":"e"}"#,
            #"{"v":1,"issuer":"i","resource":"r","client":"c","method":"none","scopes":[],"more":1}"#,
        ])
    func `a file that is no grant`(text: String) {
        #expect(throws: FormError.self) { try StoredAuthorization(parsing: Array(text.utf8)) }
    }

    @Test(
        arguments: [
            StoredAuthorization.Status.good(refresh: "r"), .short, .ended(code: "invalid_grant"),
        ],
        [StoredAuthorization.Origin.configured, .registering(asking: .none)])
    func `a grant is read as it was written`(
        status: StoredAuthorization.Status, origin: StoredAuthorization.Origin
    ) throws {
        let grant = StoredAuthorization(
            issuer: "https://i", resource: "https://r", client: "c", method: .post, origin: origin,
            secret: "s", scopes: ["a", "b"], status: status)
        #expect(try StoredAuthorization(parsing: grant.bytes) == grant)
    }
}
