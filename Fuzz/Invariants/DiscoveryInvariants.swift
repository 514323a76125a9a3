import InterlockMCP
import InterlockModel

extension Invariants {
    /// The input is a challenge, then the documents of a server, of an issuer and of a token endpoint. None
    /// speaks for anybody else, and what is taken from one fits where it goes.
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
        if case .granted(let token)? = try? TokenAnswer(status: 200, bytes) {
            precondition(
                token.value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "a token is one word")
            precondition(token.lifetime.map { $0 > .zero } ?? true, "a token lives")
        }
        if case .granted? = try? TokenAnswer(status: 400, bytes) {
            preconditionFailure("a refusal grants nothing")
        }
        precondition(
            IssuerMetadata.places(of: String(decoding: bytes, as: UTF8.self)).count <= 3,
            "few places")
    }

    private static let resource: CanonicalURI = {
        guard let uri = CanonicalURI("https://up.example/mcp") else {
            preconditionFailure("a URI is a URI")
        }
        return uri
    }()
}
