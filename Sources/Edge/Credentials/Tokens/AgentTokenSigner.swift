import InterlockJSON
package import InterlockModel

/// Signs agents' tokens. A token is shown once and never stored; records name it by its `jti`.
package struct AgentTokenSigner: Sendable {
    private let key: Ed25519PrivateKey
    private let issuer: String
    private let audience: String
    private let header: TokenHeader

    /// - Parameter audience: the gateway's canonical URI, which the gateway compares byte by byte.
    package init(key: Ed25519PrivateKey, issuer: String, audience: String, hashing: some Hashing) {
        self.key = key
        self.issuer = issuer
        self.audience = audience
        header = TokenHeader(key: key.publicKey, hashing: hashing)
    }

    /// - Parameter run: nil for a new run.
    /// - Throws: `argument` if the lifetime, the purpose, the task or the token's size is out of bounds.
    package func mint(
        agent: AgentName, run: RunID? = nil, purpose: String? = nil, onBehalfOf: Person? = nil,
        scopes: ScopeSet? = nil, task: RunTaskName? = nil, lifetime: Duration, now: Timestamp,
        entropy: some Entropy
    ) throws(KeyFailure) -> (token: String, claims: TokenClaims) {
        guard TokenClaims.lifetimes.contains(lifetime) else {
            throw KeyFailure(.argument, "a token lives from one minute to 31 days")
        }
        if let purpose, !TokenClaims.purposeLengths.contains(purpose.utf8.count) {
            throw KeyFailure(.argument, "a purpose has 1 to 500 bytes")
        }
        guard task == nil || task?.text == purpose else {
            throw KeyFailure(.argument, "a task is the purpose of its run")
        }
        let issued = now.wholeSecond
        let claims = TokenClaims(
            issuer: issuer, audience: audience, agent: agent,
            id: Identifier<TokenTag>(
                milliseconds: now.milliseconds, random: entropy.bytes(10)
            ).text,
            run: run ?? RunID(milliseconds: now.milliseconds, random: entropy.bytes(10)),
            purpose: task.map { RunPurpose.task($0) } ?? purpose.map { RunPurpose.text($0) },
            onBehalfOf: onBehalfOf, scopes: scopes, issued: issued,
            expires: (issued + lifetime).wholeSecond)
        let signed = header.encoded + "." + Base64.encodeURL(claims.json.serialized())
        let token = signed + "." + Base64.encodeURL(key.sign(Array(signed.utf8)))
        guard token.utf8.count <= TokenClaims.largestToken else {
            throw KeyFailure(.argument, "the token would be larger than 4096 bytes")
        }
        return (token, claims)
    }
}

private enum TokenTag {}
