import InterlockJSON
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Identifies agents by tokens of external issuers. A token is verified once and then found by its SHA-256; its key,
/// times and agent are checked on every request.
///
/// INVARIANT: an outside token counts by a key of its own issuer, for this gateway and one agent, and never wider
/// than the policy. Kept by `OutsideTokenTests`, `KeySetTests`, `Fuzz/Issuer`, `test_issuers.py`.
package final class ExternalTokenAuthenticator: Sendable {
    /// The issuers in order of configuration; each `iss` occurs once.
    private let issuers: [IssuerKeys]
    private let audience: CanonicalURI
    private let hashing: any Hashing
    private let state: Mutex<State>
    private let changes = Atomic<UInt64>(0)

    package static let largestCache = 10_000

    private struct Verified {
        let issuer: Int
        let kid: String
        let key: VerificationKey
        let claims: IssuerClaims
        let agent: AgentName
        let person: Person?
        /// The token's name in records: `jti`, or a digest of the token if `jti` is missing or unsuitable.
        let credential: String
    }
    private struct State {
        var verified: [Digest: Verified] = [:]
        var runs: OutsideRuns
    }

    /// - Parameters:
    ///   - audience: the gateway's canonical URI.
    ///   - secret: 32 bytes, from which the ids of runs are derived; the same after a restart.
    ///   - report: receives the events of the issuers' keys.
    package init(
        _ issuers: [TrustedIssuer], times: KeySetTimes, audience: CanonicalURI,
        hashing: any Hashing, clock: any Clock, secret: [UInt8], fetch: @escaping KeySetFetch,
        report: @escaping @Sendable (IssuerEvent) -> Void
    ) {
        self.audience = audience
        self.hashing = hashing
        state = Mutex(State(runs: OutsideRuns(secret: secret)))
        let changed = Changed()
        self.issuers = issuers.map { issuer in
            IssuerKeys(
                issuer, times: times, fetch: fetch, clock: clock, changed: { changed.call() },
                report: report)
        }
        changed.body.withLock { $0 = { [weak self] in self?.noteChange() } }
    }

    /// Increases with every change of keys that may invalidate a token.
    var revocations: UInt64 { changes.load(ordering: .acquiring) }

    /// A token of the same client that is issued later begins another run.
    func revoke(_ runs: [RunID], now: Timestamp) {
        state.withLock { $0.runs.revoke(runs, at: now) }
    }

    /// Continues those runs that a start found open and that outside tokens had begun.
    package func resume(_ open: [RunID]) { state.withLock { $0.runs.resume(open) } }

    /// Fetches each issuer's keys if they are due. Called about once a second, off the call path.
    package func lookForKeys() async {
        for issuer in issuers { await issuer.lookIfDue() }
    }

    /// Does not wait.
    ///
    /// - Throws: the reason that the token is not accepted.
    package func identify(_ bearer: String, now: Timestamp) throws(IdentityFailure) -> Principal {
        guard bearer.utf8.count <= JSONWebToken.largest else { throw .malformed }
        let digest = hashing.sha256(Array(bearer.utf8))
        let verified: Verified
        if let known = state.withLock({ $0.verified[digest] }),
            issuers[known.issuer].stillHas(known.key, known.kid)
        {
            verified = known
        } else {
            verified = try verify(bearer, digest)
            remember(verified, digest, now)
        }
        let claims = verified.claims
        try Self.checkTimes(of: claims, now: now)
        let line = OutsideRuns.Line(
            issuer: ExactText(claims.issuer), client: claims.client.map { ExactText($0) },
            subject: claims.subject.map { ExactText($0) }, agent: verified.agent,
            person: verified.person)
        let issued = claims.issued ?? claims.notBefore
        let run = state.withLock {
            $0.runs.run(of: line, issued: issued, until: claims.expires, now)
        }
        return Principal(
            agent: verified.agent, run: run, purpose: nil, onBehalfOf: verified.person,
            credential: verified.credential, issued: issued,
            expires: claims.expires,
            scopes: issuers[verified.issuer].issuer.needsScopes
                ? claims.scopes ?? ScopeSet.empty : nil,
            isFromOutside: true)
    }

    /// Checks the properties that do not change with time, in this order: form, issuer, key, signature, audience,
    /// agent.
    private func verify(_ bearer: String, _ digest: Digest) throws(IdentityFailure) -> Verified {
        let token = try JSONWebToken(bearer)
        // Read before the signature is checked, only to find the issuer whose keys verify it.
        let unproven = try IssuerClaims(parsing: token.payload, personClaim: nil)
        guard
            let number = issuers.firstIndex(where: { sameBytes($0.issuer.issuer, unproven.issuer) })
        else { throw .unknownIssuer }
        let keys = issuers[number]
        let key = try keys.key(token.kid, token.algorithm)
        guard key.verifies(token.signature, of: token.signed) else { throw .badSignature }
        let claims = try IssuerClaims(parsing: token.payload, personClaim: keys.issuer.personClaim)
        guard claims.audiences.contains(where: audience.isNamed) else { throw .wrongAudience }
        guard let (agent, person) = keys.issuer.identity(of: claims) else { throw .unknownClient }
        return Verified(
            issuer: number, kid: token.kid, key: key, claims: claims, agent: agent, person: person,
            credential: claims.id.flatMap { $0.isLeafName ? $0 : nil }
                ?? "sha256-" + Hex.encode(digest.bytes.prefix(16)))
    }

    private static func checkTimes(
        of claims: IssuerClaims, now: Timestamp
    ) throws(IdentityFailure) {
        let leeway = TokenLife.leeway
        guard now < claims.expires + leeway else { throw .expired }
        for start in [claims.notBefore, claims.issued] {
            guard start.map({ now + leeway >= $0 }) ?? true else { throw .notYetValid }
        }
        let began = claims.issued ?? now
        guard claims.expires - began <= TokenLife.bounds.upperBound else { throw .malformed }
    }

    private func remember(_ verified: Verified, _ digest: Digest, _ now: Timestamp) {
        state.withLock { state in
            if state.verified.count >= Self.largestCache {
                state.verified = state.verified.filter { $0.value.claims.expires > now }
                if state.verified.count >= Self.largestCache { state.verified = [:] }
            }
            state.verified[digest] = verified
        }
    }

    private func noteChange() {
        state.withLock { $0.verified = [:] }
        changes.add(1, ordering: .acquiringAndReleasing)
    }
}

/// Lets parts that are created before their owner notify it of a change.
private final class Changed: Sendable {
    let body = Mutex<(@Sendable () -> Void)?>(nil)
    func call() { body.withLock { $0 }?() }
}

extension String {
    /// Is true if the text fits a record's field: 1 to 64 letters, digits, `-`, `_` and `.`.
    fileprivate var isLeafName: Bool {
        (1...64).contains(utf8.count)
            && utf8.allSatisfy { isLetter($0) || isDigit($0) || "-_.".utf8.contains($0) }
    }
}
