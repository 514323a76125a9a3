package import InterlockModel

/// The sessions of people on the people plane, as pages need them.
package protocol PersonSessions: Sendable {
    /// The session of this cookie, or nil if the token is unknown, expired or ended. Called for each request and, while
    /// a stream is open, repeatedly, so that no stream outlives its session.
    ///
    /// - Parameter isUse: true if a person acts; automatic requests of a page must not extend the session.
    func session(of token: String, isUse: Bool) async -> PersonSession?

    /// Returns whether the form token belongs to this session. Compares in constant time.
    func made(_ formToken: String, for session: PersonSession) -> Bool

    /// Checks that a request was signed with the session's key, and uses the proof up.
    ///
    /// - Parameter token: the session's token.
    /// - Returns: the fault of the proof, or nil if the request is proven.
    func check(
        _ proof: SessionProof, of request: ProvenRequest, in token: String
    ) async -> SessionProofFault?
}

/// A signed-in person.
package struct PersonSession: Sendable, Hashable {
    package let person: Person
    package let pseudonym: Pseudonym
    /// A token that every form of this session's pages carries; bound to the session.
    package let formToken: String
    /// The nonce for this session's next proofs.
    package let nonce: String

    package init(person: Person, pseudonym: Pseudonym, formToken: String, nonce: String = "") {
        self.nonce = nonce
        self.person = person
        self.pseudonym = pseudonym
        self.formToken = formToken
    }
}
