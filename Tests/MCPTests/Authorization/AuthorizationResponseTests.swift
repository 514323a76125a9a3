import InterlockJSON
import InterlockMCP
import Testing

@Suite struct AuthorizationResponseTests {
    private static let issuer = "https://idp.example"

    @Test(
        arguments: [
            // Every kind of response of the conformance suite, and similar ones.
            ("code=c1&state=s&iss=https%3A%2F%2Fidp.example", true, nil),
            ("code=c1&state=s", false, nil),
            ("code=c1&state=s", true, .issuerMissing),
            ("code=c1&state=s&iss=https%3A%2F%2Fevil.example", true, .otherIssuer),
            ("code=c1&state=s&iss=https%3A%2F%2Fevil.example", false, .otherIssuer),
            ("code=c1&state=s&iss=https%3A%2F%2Fidp.example", false, nil),
            ("code=c1&state=s&iss=https%3A%2F%2Fidp.example%2F", true, .otherIssuer),
            ("code=c1&state=s&iss=https%3A%2F%2FIDP.example", true, .otherIssuer),
            ("code=c1&state=s&iss=https%3A%2F%2Fidp.example%3A443", true, .otherIssuer),
            ("code=c1&state=s&iss=", true, .otherIssuer),
            // The issuer is checked before an error is read.
            ("error=access_denied&state=s", true, .issuerMissing),
            ("error=access_denied&state=s&iss=https%3A%2F%2Fevil.example", true, .otherIssuer),
            ("error=access_denied&state=s", false, .refused("access_denied")),
            ("error=%3Cscript%3E&state=s", false, .refused("unknown")),
            ("error=access_denied&code=c1&state=s", false, .refused("access_denied")),
            ("state=s", false, .codeless), ("code=&state=s", false, .codeless),
            ("code=%0d%0a&state=s", false, .codeless),
            ("code=c1", false, .stateless), ("code=c1&state=", false, .stateless),
            ("", false, .stateless),
            ("code=c1&state=s&state=s", false, .malformed),
            ("code=c1&code=c2&state=s", false, .malformed),
            ("code=%zz&state=s", false, .malformed), ("code=%4&state=s", false, .malformed),
            ("code=%ff&state=s", false, .malformed), ("code=a b&state=s", false, .malformed),
            ("code=" + String(repeating: "a", count: 9000) + "&state=s", false, .malformed),
            ("code=" + String(repeating: "a", count: 5000) + "&state=s", false, .codeless),
        ] as [(String, Bool, AuthorizationFault?)])
    func `what a browser brings back`(query: String, isNamed: Bool, fault: AuthorizationFault?) {
        do {
            let answer = try AuthorizationResponse(query: query)
            #expect(answer.state == "s")
            #expect(try answer.code(from: Self.issuer, isNamed: isNamed) == "c1")
            #expect(fault == nil)
        } catch {
            #expect(error == fault)
        }
    }

    @Test(
        arguments: [
            ("https://idp.example/authorize", "https://idp.example/authorize?response_type=code"),
            (
                "https://idp.example/authorize?tenant=a",
                "https://idp.example/authorize?tenant=a&response_type=code"
            ),
            ("http://127.0.0.1:8080/a", "http://127.0.0.1:8080/a?response_type=code"),
            ("http://idp.example/authorize", nil), ("http://127.0.0.1.evil.example/a", nil),
            ("javascript:alert(1)", nil), ("file:///etc/passwd", nil), ("", nil),
            ("https://user@idp.example/a", nil), ("https://idp.example/a#b", nil),
            ("https://idp.example/a\u{1b}[2J", nil), ("https://idp.example/a b", nil),
            ("https://idp.example/\u{430}", nil),
        ] as [(String, String?)])
    func `where a person may be sent`(endpoint: String, start: String?) throws {
        let request = AuthorizationRequest(
            endpoint: endpoint, client: "a&b", redirect: "http://127.0.0.1:7/callback",
            resource: "https://up.example/mcp", scopes: ["a", "b:c"], state: "st", challenge: "ch")
        guard let start else {
            #expect(request.url == nil)
            return
        }
        let url = try #require(request.url)
        #expect(url.hasPrefix(start))
        let query = try #require(url.split(separator: "?", maxSplits: 1).last)
        let fields = try #require(FormFields.parse(String(query)))
        #expect(fields["client_id"] == "a&b" && fields["scope"] == "a b:c")
        #expect(fields["code_challenge_method"] == "S256" && fields["code_challenge"] == "ch")
        #expect(fields["resource"] == "https://up.example/mcp" && fields["state"] == "st")
        #expect(fields["redirect_uri"] == "http://127.0.0.1:7/callback")
    }

    @Test func `scopes that a person is asked for`() {
        var scopes = SignInScopes()
        #expect(scopes.asked == [])
        scopes.ofIssuer = ["offline_access", "x"]
        #expect(scopes.asked == [], "the issuer decides, and not for a refresh token alone")
        scopes.offered = ["read", "offline_access", "write"]
        #expect(scopes.asked == ["read", "write", "offline_access"])
        scopes.ofIssuer = []
        #expect(scopes.asked == ["read", "write"], "the issuer does not have it")
        scopes.challenged = ["read"]
        #expect(scopes.asked == ["read"])
        scopes.configured = ["base"]
        #expect(scopes.asked == ["base", "read"])
        scopes.challenged = []
        #expect(scopes.asked == ["base"])
        scopes.steppedUp = ["base", "deep"]
        #expect(scopes.asked == ["base", "deep"])
    }

    @Test(
        arguments: [
            (201, #"{"client_id":"c"}"#, .missing("client_secret")),
            (201, #"{"client_id":"c","token_endpoint_auth_method":"none"}"#, nil),
            (200, #"{"client_id":"c","client_secret":"s"}"#, nil),
            (201, #"{"client_secret":"s"}"#, .missing("client_id")),
            (201, #"{"client_id":"c\u0007","client_secret":"s"}"#, .malformed("client_id")),
            (201, #"{"client_id":"c","client_secret":""}"#, .malformed("client_secret")),
            (201, "[]", .notJSON),
            (400, #"{"client_id":"c","client_secret":"s"}"#, .lacks("registration of this client")),
        ] as [(Int, String, MetadataFault?)])
    func `what registering gives`(status: Int, text: String, fault: MetadataFault?) {
        do {
            let client = try RegisteredClient(
                status: status, Array(text.utf8), asked: "client_secret_basic")
            #expect(client.id == "c" && fault == nil)
        } catch { #expect(error == fault) }
    }

    @Test(
        arguments: [
            (#"{"client_id":"c"}"#, "none", "none"),
            (#"{"client_id":"c","client_secret":"s"}"#, "client_secret_post", "client_secret_post"),
            (
                #"{"client_id":"c","client_secret":"s","token_endpoint_auth_method":"client_secret_basic"}"#,
                "none", "client_secret_basic"
            ),
        ])
    func `a registration without a method is by the one that was asked for`(
        text: String, asked: String, method: String
    ) throws {
        let client = try RegisteredClient(status: 201, Array(text.utf8), asked: asked)
        #expect(client.method == method)
    }

    @Test(
        arguments: [
            (#""code_challenge_methods_supported":["S256"]"#, nil),
            (#""code_challenge_methods_supported":["plain"]"#, .lacks("PKCE by `S256`")),
            (#""x":1"#, .missing("code_challenge_methods_supported")),
            (
                #""code_challenge_methods_supported":["S256"],"grant_types_supported":["client_credentials"]"#,
                .lacks("the grant `authorization_code`")
            ),
            (
                #""code_challenge_methods_supported":["S256"],"response_types_supported":["token"]"#,
                .lacks("the response type `code`")
            ),
            (
                #""code_challenge_methods_supported":["S256"],"authorization_response_iss_parameter_supported":"yes""#,
                .malformed("authorization_response_iss_parameter_supported")
            ),
        ] as [(String, MetadataFault?)])
    func `nobody is sent to an issuer without PKCE`(more: String, fault: MetadataFault?) {
        let text =
            #"{"issuer":"https://idp.example","token_endpoint":"https://x/t","authorization_endpoint":"https://x/a",\#(more)}"#
        do {
            _ = try IssuerMetadata(parsing: Array(text.utf8), of: Self.issuer, for: .code)
            #expect(fault == nil)
        } catch { #expect(error == fault) }
    }
}
