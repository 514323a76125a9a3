import InterlockMCP
import InterlockModel
import Testing

@Suite struct MetadataTests {
    private static let issuer = "https://idp.example/tenant"

    @Test func `an issuer is looked for in the specification's order`() {
        #expect(
            IssuerMetadata.places(of: Self.issuer) == [
                "https://idp.example/.well-known/oauth-authorization-server/tenant",
                "https://idp.example/.well-known/openid-configuration/tenant",
                "https://idp.example/tenant/.well-known/openid-configuration",
            ])
        #expect(
            IssuerMetadata.places(of: "https://IDP.example/") == [
                "https://idp.example/.well-known/oauth-authorization-server",
                "https://idp.example/.well-known/openid-configuration",
            ])
        #expect(IssuerMetadata.places(of: "nonsense").isEmpty)
    }

    @Test func `a resource is looked for below its path, then at the root`() throws {
        let resource = try #require(CanonicalURI("https://up.example/a/mcp"))
        #expect(
            ResourceMetadata.places(of: resource) == [
                "https://up.example/.well-known/oauth-protected-resource/a/mcp",
                "https://up.example/.well-known/oauth-protected-resource",
            ])
    }

    @Test(
        arguments: [
            (#"{"issuer":"https://idp.example/tenant","token_endpoint":"https://x/t"}"#, nil),
            (
                #"{"issuer":"https://idp.example/tenant/","token_endpoint":"https://x/t"}"#,
                .other("issuer")
            ),
            (
                #"{"issuer":"https://IDP.example/tenant","token_endpoint":"https://x/t"}"#,
                .other("issuer")
            ),
            (#"{"token_endpoint":"https://x/t"}"#, .missing("issuer")),
            (#"{"issuer":"https://idp.example/tenant"}"#, .missing("token_endpoint")),
            (#"{"issuer":1}"#, .malformed("issuer")), ("[]", .notJSON), ("", .notJSON),
            (
                #"{"issuer":"https://idp.example/tenant","token_endpoint":"https://x/t","grant_types_supported":[]}"#,
                .lacks("the grant `client_credentials`")
            ),
            (
                #"{"issuer":"https://idp.example/tenant","token_endpoint":"https://x/t","token_endpoint_auth_methods_supported":"all"}"#,
                .malformed("token_endpoint_auth_methods_supported")
            ),
        ] as [(String, MetadataFault?)])
    func `an issuer's document is its own and says what is needed`(
        text: String, fault: MetadataFault?
    ) {
        #expect(
            self.fault { try IssuerMetadata(parsing: Array(text.utf8), of: Self.issuer) } == fault)
    }

    @Test func `what an issuer takes where it does not say`() throws {
        let text = #"{"issuer":"https://idp.example/tenant","token_endpoint":"https://x/t"}"#
        let found = try IssuerMetadata(parsing: Array(text.utf8), of: Self.issuer)
        #expect(
            found.takes(method: "client_secret_basic") && !found.takes(method: "private_key_jwt"))
        #expect(found.takes(algorithm: "ES256"))
    }

    @Test(
        arguments: [
            ("https://up.example/mcp", nil), ("https://UP.example", nil),
            ("https://up.example/", nil),
            ("https://up.example/mc", .other("resource")),
            ("https://up.example/mcp/x", .other("resource")),
            ("https://up.example:8443/mcp", .other("resource")),
            ("http://up.example/mcp", .other("resource")),
            ("https://evil.example/mcp", .other("resource")), ("mcp", .other("resource")),
        ] as [(String, MetadataFault?)])
    func `a server's document is of the server, or of what it lies in`(
        resource: String, fault: MetadataFault?
    ) throws {
        let own = try #require(CanonicalURI("https://up.example/mcp"))
        let text = #"{"resource":"\#(resource)","authorization_servers":["https://idp.example"]}"#
        #expect(self.fault { try ResourceMetadata(parsing: Array(text.utf8), of: own) } == fault)
    }

    @Test func `a server's document names issuers as plain text`() throws {
        let own = try #require(CanonicalURI("https://up.example/mcp"))
        let text =
            #"{"resource":"https://up.example/mcp","authorization_servers":["https://a.example"]}"#
        let found = try ResourceMetadata(parsing: Array(text.utf8), of: own)
        #expect(found.names("https://a.example") && !found.names("https://a.example/"))
        let none = Array(#"{"resource":"https://up.example/mcp","authorization_servers":[]}"#.utf8)
        #expect(
            fault { try ResourceMetadata(parsing: none, of: own) }
                == .missing("authorization_servers"))
    }

    @Test func `an error's code is shown only where it is a word`() throws {
        for (body, code) in [
            (#"{"error":"invalid_scope","error_description":"secret"}"#, "invalid_scope"),
            (#"{"error":"Invalid \u001b[2J"}"#, "unknown"), ("", "unknown"),
        ] {
            #expect(try TokenResponse(status: 400, Array(body.utf8)) == .refused(code: code))
        }
    }

    private func fault<Value>(_ body: () throws -> Value) -> MetadataFault? {
        do {
            _ = try body()
            return nil
        } catch { return error as? MetadataFault }
    }
}
