package import InterlockModel

/// Who is signed in on the people plane, as far as pages need it.
package protocol PersonSessions: Sendable {
    /// Who holds this cookie; nil for a token that is unknown, too old or ended. Asked with each request and,
    /// while a stream is open, again: nothing outlives its session.
    ///
    /// - Parameter isUse: whether a person is at it; what a page does by itself does not keep a session.
    func session(of token: String, isUse: Bool) async -> PersonSession?

    /// Whether a form was made for this session: compares in constant time.
    func made(_ formToken: String, for session: PersonSession) -> Bool

    /// Checks that a request was made with the key of its session, and uses the proof up.
    ///
    /// - Parameter token: of the session.
    /// - Returns: why the request is refused; nil where it is proven.
    func check(
        _ proof: SessionProof, of request: ProvenRequest, in token: String
    ) -> SessionProofFault?
}

/// A person who has proven who they are.
package struct PersonSession: Sendable, Hashable {
    package let person: Person
    package let pseudonym: Pseudonym
    /// Stands in each form of this session's pages and nowhere else; bound to the session.
    package let formToken: String
    /// For the next proofs of this session.
    package let nonce: String

    package init(
        person: Person, pseudonym: Pseudonym, formToken: String, nonce: String = ""
    ) {
        self.nonce = nonce
        self.person = person
        self.pseudonym = pseudonym
        self.formToken = formToken
    }
}
