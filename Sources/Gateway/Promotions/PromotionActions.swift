package import InterlockAdministration
package import InterlockJSON
package import InterlockModel

/// The promotions that wait for people, for pages and the API of the people plane. Lists are read from memory; callers
/// must check who may read them.
package protocol PromotionActions: Sendable {
    /// Returns the proposals that can be signed, the newest first; nil until they were read after the start.
    func waiting() -> [ProposalView]?

    /// Returns one proposal, whether or not it can still be signed.
    ///
    /// - Throws: `noSuchOrder`, `notRead`.
    func view(_ evidence: Digest) async throws(Problem) -> ProposalView

    /// Returns the document for this person's passkey to sign. Stores nothing.
    ///
    /// - Parameter terms: ignored if there is a document, which this person then signs as it is.
    /// - Throws: `noSuchOrder`, `otherState`, `notEligible`, `signedAlready`, `notRead`, `malformed`.
    func draft(
        _ evidence: Digest, _ terms: PromotionTerms?, by person: Person
    ) async throws(Problem) -> OrderDraft

    /// Takes the signature of a decider, as `PromotionService` says.
    func sign(
        _ evidence: Digest, _ body: JSONValue, by: Pseudonym
    ) async throws(Problem) -> JSONValue
}
