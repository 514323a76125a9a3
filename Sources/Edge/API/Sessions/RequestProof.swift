package import InterlockAdministration
package import InterlockModel
package import InterlockPorts

/// Checks by its proof that a request comes from the browser that signed in (decision 0040). Plain reads of pages need
/// no proof: they are opened by links, with which browsers send no header of ours.
///
/// INVARIANT: a page is shown to its signed-in person; a change takes a proven form of that session and this origin
/// alone. Kept by `RouteTests`, `ChangesTests`.
package struct RequestProof: Sendable {
    let origins: OwnOrigins
    let sessions: any PersonSessions
    let hashing: any Hashing

    package init(origins: OwnOrigins, sessions: any PersonSessions, hashing: any Hashing) {
        self.origins = origins
        self.sessions = sessions
        self.hashing = hashing
    }

    /// - Parameter token: the session's token.
    /// - Returns: nil if the request is proven; the proof is then used up.
    package func fault(_ head: RequestHead, body: [UInt8], in token: String) async
        -> SessionProofFault?
    {
        let sent = head.headers.filter { $0.name == SessionProof.header }
        guard let text = sent.first?.value else { return .missing }
        guard sent.count == 1, let proof = SessionProof(text),
            let origin = origins.origin(of: head)
        else { return .malformed }
        let request = ProvenRequest(
            method: head.method, origin: origin, target: head.target,
            body: hashing.sha256(body.span))
        return await sessions.check(proof, of: request, in: token)
    }
}

extension RequestHead {
    /// Path and query as they were sent.
    fileprivate var target: String { path + (query.map { "?" + $0 } ?? "") }
}

extension HTTPResponse {
    /// Adds the nonce for the session's next proof.
    package func giving(_ session: PersonSession?) -> HTTPResponse {
        guard let session else { return self }
        var response = self
        response.headers.append((SessionProof.nonceHeader, session.nonce))
        return response
    }
}
