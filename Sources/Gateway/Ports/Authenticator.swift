package import InterlockModel

/// Whose credential this is. Called on the loop for every request: from a cache, without waiting.
package protocol Authenticator: Sendable {
    /// - Parameter bearer: the token of the Authorization header, nil without one.
    func identify(bearer: String?, now: Timestamp) throws(IdentityFailure) -> Principal

    /// Rises, before a revocation returns, whenever a credential may no longer count for another
    /// reason than its time or its agent. While it stands still, an identification that began after
    /// it was read holds from its own time to the principal's expiry.
    var revocations: UInt64 { get }

    /// Runs of which no credential counts any more, whatever its time, for as long as one could live.
    var revokedRuns: [RunID] { get }

    /// Refuses every credential of these runs from now on.
    func revoke(runs: [RunID], now: Timestamp)
}

package enum IdentityFailure: Error, Equatable, Sendable {
    case missing
    case malformed
    case badSignature
    case wrongAudience
    case expired
    case notYetValid
    case unknownAgent(String)
    /// Its review is more than 14 days late.
    case overdueAgent(String)
    case revoked
    /// It names an algorithm, a type or a condition that this gateway does not take.
    case unsupportedToken
    /// Neither this gateway's nor of an issuer that is trusted here.
    case unknownIssuer
    /// Its issuer has no such key, as far as is known; the keys are looked at again.
    case unknownKey
    /// The issuer's keys could not be fetched, or not for too long.
    case noKeys
    /// It stands for no agent here.
    case unknownClient
    /// The policy names where the agent runs, and this is elsewhere.
    case foreignWorkload
    /// Another workload used it first.
    case boundElsewhere
    /// Nothing more can be remembered of where credentials are used.
    case noRoom
}

/// Makes pseudonyms of people (HMAC-SHA256, first 16 bytes; specs of the ledger, section 5).
package protocol Pseudonyms: Sendable {
    func pseudonym(of person: Person) -> Pseudonym
}
