import InterlockJSON
import InterlockMCP
import InterlockModel

extension Invariants {
    /// The input is read as a challenge, as the metadata of a server and of an issuer, as a token response, as the
    /// redirect from a browser and as a registration response. None is accepted for another party, and each accepted
    /// value fits where it is used.
    package static func discovery(_ bytes: [UInt8]) {
        if let found = BearerChallenge(String(decoding: bytes, as: UTF8.self)) {
            precondition(bytes.count <= BearerChallenge.largest * 3, "a challenge is bounded")
            precondition(
                found.scopes.isEmpty || ScopeSet(found.scopes.joined(separator: " ")) != nil,
                "scopes are words")
        }
        if let found = try? ResourceMetadata(parsing: bytes, of: resource) {
            precondition(!found.issuers.isEmpty, "somebody issues tokens")
        }
        if let found = try? IssuerMetadata(parsing: bytes, of: "https://idp.example") {
            precondition(
                (1...1024).contains(found.tokenEndpoint.utf8.count), "an endpoint is bounded")
            precondition(
                (try? IssuerMetadata(parsing: bytes, of: "https://idp.example/")) == nil,
                "a document is of one issuer")
        }
        if case .granted(let token)? = try? TokenResponse(status: 200, bytes) {
            precondition(
                token.value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "a token is one word")
            precondition(token.lifetime.map { $0 > .zero } ?? true, "a token lives")
        }
        if case .granted? = try? TokenResponse(status: 400, bytes) {
            preconditionFailure("a refusal grants nothing")
        }
        browser(String(decoding: bytes, as: UTF8.self))
        if let found = try? IssuerMetadata(
            parsing: bytes, of: "https://idp.example", for: .code)
        {
            precondition(found.authorizationEndpoint != nil, "a person can be sent somewhere")
        }
        if let found = try? RegisteredClient(status: 201, bytes, asked: "client_secret_post") {
            precondition(found.method == "none" || found.secret != nil, "a client can prove itself")
        }
        if (try? RegisteredClient(status: 400, bytes, asked: "none")) != nil {
            preconditionFailure("a refusal registers nobody")
        }
        precondition(
            IssuerMetadata.places(of: String(decoding: bytes, as: UTF8.self)).count <= 3,
            "few places")
    }

    private static func browser(_ text: String) {
        if let fields = FormFields.parse(text) {
            let written = FormFields.text(fields.map { ($0.key.text, $0.value) })
            precondition(FormFields.parse(written) == fields, "a form reads as it was written")
        }
        if let answer = try? AuthorizationResponse(query: text) {
            precondition(!answer.state.isEmpty, "an answer belongs to a sign-in")
            let code = try? answer.code(from: "https://idp.example", isNamed: true)
            precondition(
                code == nil || text.contains("iss="), "an issuer that names itself is named")
        }
        let request = AuthorizationRequest(
            endpoint: text, client: "c", redirect: "http://127.0.0.1:1/callback", resource: "r",
            scopes: [], state: "s", challenge: "h")
        precondition(
            request.url?.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f } ?? true,
            "what a terminal shows is printable")
    }

    private static let resource: CanonicalURI = {
        guard let uri = CanonicalURI("https://up.example/mcp") else {
            preconditionFailure("a URI is a URI")
        }
        return uri
    }()
}
