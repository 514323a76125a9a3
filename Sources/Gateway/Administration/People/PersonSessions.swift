package import InterlockModel
package import InterlockPorts

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

    /// The live sessions of one person, the last used first; nil if they cannot be found out.
    func liveSessions(of person: Pseudonym) async -> [LiveSession]?

    /// Ends every session of this person but this one. Each ends in memory first, then in the store.
    ///
    /// - Returns: how many ended.
    /// - Throws: if one of them may not have ended.
    func endOthers(than session: PersonSession) async throws(StoreFailure) -> Int
}

/// A session as its person and the role `security` see it.
package struct LiveSession: Sendable, Hashable {
    /// The hash of its token, by which nothing can be done but to compare it.
    package let id: Digest
    /// The passkey with which it began.
    package let credential: PasskeyID
    package let began: Timestamp
    /// The last use.
    package let seen: Timestamp
    /// The end, unless it is used again.
    package let ends: Timestamp

    package init(
        id: Digest, credential: PasskeyID, began: Timestamp, seen: Timestamp, ends: Timestamp
    ) {
        self.id = id
        self.credential = credential
        self.began = began
        self.seen = seen
        self.ends = ends
    }
}

/// A signed-in person.
package struct PersonSession: Sendable, Hashable {
    package let person: Person
    package let pseudonym: Pseudonym
    /// A token that every form of this session's pages carries; bound to the session.
    package let formToken: String
    /// The nonce for this session's next proofs.
    package let nonce: String
    /// The hash of its token; nil for a session of no browser.
    package let id: Digest?

    package init(
        person: Person, pseudonym: Pseudonym, formToken: String, nonce: String = "",
        id: Digest? = nil
    ) {
        self.id = id
        self.nonce = nonce
        self.person = person
        self.pseudonym = pseudonym
        self.formToken = formToken
    }
}
