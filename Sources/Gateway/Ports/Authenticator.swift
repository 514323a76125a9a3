package import InterlockModel

/// Maps a bearer token to its principal. Called on the event loop for every request: reads a cache and must not block.
package protocol Authenticator: Sendable {
    /// - Parameter bearer: the token of the Authorization header, or nil if it is absent.
    func identify(bearer: String?, now: Timestamp) throws(IdentityFailure) -> Principal

    /// Increases, before a revocation returns, whenever a credential may become invalid for a reason other than its
    /// expiry or its agent. While it is unchanged, an identification that began after it was read stays valid from its
    /// own time to the principal's expiry.
    var revocations: UInt64 { get }

    /// The runs whose credentials are all revoked, for as long as one of them could be valid.
    var revokedRuns: [RunID] { get }

    /// Refuses every credential of these runs from this call on.
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
    /// The agent's review is more than 14 days late.
    case overdueAgent(String)
    case revoked
    /// The token names an algorithm, a type or a condition that this gateway does not support.
    case unsupportedToken
    /// The token comes neither from this gateway nor from a trusted issuer.
    case unknownIssuer
    /// The issuer has no such key as far as is known; a refresh of its keys is requested.
    case unknownKey
    /// The issuer's keys could not be fetched, or the last fetch is too old.
    case noKeys
    /// The token does not identify a registered agent.
    case unknownClient
    /// The policy binds the agent to a workload, and the request comes from another.
    case foreignWorkload
    /// The credential is bound to another workload that used it first.
    case boundElsewhere
    /// The table of credential bindings is full.
    case noRoom
}

/// Makes pseudonyms of people (HMAC-SHA256, first 16 bytes; docs/specs/ledger.md, section 5).
package protocol Pseudonyms: Sendable {
    func pseudonym(of person: Person) -> Pseudonym
}
