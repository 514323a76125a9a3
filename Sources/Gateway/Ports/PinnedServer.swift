package import InterlockModel

/// A server that is known by its key: another node of the cluster (docs/specs/cluster.md, section 11).
package struct PinnedServer: Hashable, Sendable {
    /// A host and a port, as in a URL.
    package let authority: String
    /// SHA-256 of the SubjectPublicKeyInfo of its TLS key.
    package let key: Digest
    /// The only URI name of its certificate.
    package let uri: String

    package init(authority: String, key: Digest, uri: String) {
        self.authority = authority
        self.key = key
        self.uri = uri
    }
}

/// Sends requests to servers that are known by their keys, with the certificate of this node.
package protocol PinnedCaller: Sendable {
    /// Posts a JSON body and waits at most `limit` for the whole response, which may have `limitBytes`. Nothing is sent
    /// unless the key, the name and the validity of the server's certificate are as they must be. Redirects are returned
    /// as responses.
    func post(
        _ body: [UInt8], to server: PinnedServer, path: String, limitBytes: Int,
        within limit: Duration
    ) async -> PinnedResponse
}

package enum PinnedResponse: Sendable, Equatable {
    case answer(status: Int, body: [UInt8])
    /// There is no response, or it is late, oversized or not HTTP; with one sentence.
    case failed(String)
}
