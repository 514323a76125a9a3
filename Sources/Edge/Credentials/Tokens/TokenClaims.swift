import InterlockJSON
package import InterlockModel

/// The claims of an agent's token: an EdDSA JWT (RFC 8037) with these claims and no others.
package struct TokenClaims: Hashable, Sendable {
    /// `iss`: the node or deployment that signed it.
    package let issuer: String
    /// `aud`: the gateway's canonical URI.
    package let audience: String
    /// `sub`
    package let agent: AgentName
    /// `jti`
    package let id: String
    package let run: RunID
    /// `purpose`, and `task` if it is a task, which equals it.
    package let purpose: RunPurpose?
    /// `behalf`: the person on whose behalf the run acts.
    package let onBehalfOf: Person?
    /// `scope`: the widest scopes of the token. Is nil if only the policy restricts it.
    package let scopes: ScopeSet?
    /// `iat` and `nbf`; whole seconds.
    package let issued: Timestamp
    /// `exp`; whole seconds.
    package let expires: Timestamp

    /// The bounds: the token's size in bytes, the purpose's length in bytes of UTF-8, the token's lifetime.
    package static let largestToken = 4096
    package static let purposeLengths = 1...500
    package static let lifetimes = TokenLife.bounds

    var principal: Principal {
        Principal(
            agent: agent, run: run, purpose: purpose, onBehalfOf: onBehalfOf, credential: id,
            issued: issued, expires: expires, scopes: scopes)
    }

    var json: JSONValue {
        var object: JSONObject = [
            "iss": .string(issuer), "aud": .string(audience), "sub": .string(agent.text),
            "jti": .string(id), "iat": .integer(issued.seconds), "nbf": .integer(issued.seconds),
            "exp": .integer(expires.seconds), "run": .string(run.text),
        ]
        if let purpose { object["purpose"] = .string(purpose.text) }
        if let task = purpose?.task { object["task"] = .string(task.text) }
        if let onBehalfOf { object["behalf"] = .string(onBehalfOf.address) }
        if let scopes { object["scope"] = .string(scopes.text) }
        return .object(object)
    }
}

extension TokenClaims {
    /// Refuses an unknown claim: it could be a restriction that this version does not enforce.
    init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.value(bytes, limit: TokenClaims.largestToken),
            required: ["iss", "aud", "sub", "jti", "iat", "nbf", "exp", "run"],
            optional: ["purpose", "task", "behalf", "scope"])
        let seconds: ClosedRange<Int64> = 0...9_000_000_000
        issuer = try fields.string("iss", length: 1...256)
        audience = try fields.string("aud", length: 1...1024)
        agent = try fields.made("sub", "an agent's name", AgentName.init)
        id = try fields.string("jti", length: 1...64)
        issued = Timestamp(microseconds: try fields.integer("iat", in: seconds) * 1_000_000)
        guard try fields.integer("nbf", in: seconds) == issued.seconds else {
            throw fields.bad("nbf", "the time of `iat`")
        }
        expires = Timestamp(microseconds: try fields.integer("exp", in: seconds) * 1_000_000)
        run = try fields.made("run", "a run's id") { RunID($0) }
        let words: String? =
            fields.has("purpose")
            ? try fields.string("purpose", length: TokenClaims.purposeLengths) : nil
        let task: RunTaskName? =
            fields.has("task") ? try fields.made("task", "a task", RunTaskName.init) : nil
        if let task, task.text != words { throw fields.bad("task", "the purpose") }
        purpose = task.map { RunPurpose.task($0) } ?? words.map { RunPurpose.text($0) }
        onBehalfOf =
            fields.has("behalf")
            ? try fields.made("behalf", "an e-mail address", Person.init) : nil
        scopes = fields.has("scope") ? try fields.made("scope", "scopes") { ScopeSet($0) } : nil
    }
}

/// The only header that this program writes and accepts: `{"alg":"EdDSA","kid":...,"typ":"JWT"}` in the form of RFC
/// 8785. A token with any other header is refused before its signature is checked, so the sender cannot choose `alg`.
struct TokenHeader: Hashable, Sendable {
    /// The header in base64url, as in the token.
    let encoded: String
    let kid: String

    init(key: PublicKey, hashing: some Hashing) {
        // RFC 7638: the required members of the key in lexical order, without white space.
        let thumbprint = """
            {"crv":"Ed25519","kty":"OKP","x":"\(Base64.encodeURL(key.bytes))"}
            """
        kid = Base64.encodeURL(hashing.sha256(Array(thumbprint.utf8)).bytes)
        encoded = Base64.encodeURL(
            Array("{\"alg\":\"EdDSA\",\"kid\":\"\(kid)\",\"typ\":\"JWT\"}".utf8))
    }
}
