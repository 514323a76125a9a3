import InterlockModel

/// The SPIFFE trust domain of a cluster: `[a-z0-9._-]`, at most 255 bytes. Its nodes are
/// `spiffe://<domain>/interlock/<name>` (docs/specs/cluster.md, section 11).
package struct TrustDomain: Hashable, Sendable {
    package let text: String

    package init?(_ text: String) {
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789._-".utf8
        guard (1...255).contains(text.utf8.count), text.utf8.allSatisfy(letters.contains) else {
            return nil
        }
        self.text = text
    }

    /// The id of a node: the only URI name of its certificate.
    package func uri(of node: NodeName) -> String { prefix + node.text }

    /// Returns the node that an id names; nil if it is of another domain or of something else than a node.
    package func node(of uri: String) -> NodeName? {
        let prefix = prefix.utf8
        guard uri.utf8.starts(with: prefix) else { return nil }
        return NodeName(String(decoding: uri.utf8.dropFirst(prefix.count), as: UTF8.self))
    }

    /// Returns the member that has proven to be at the other end: its id, validity and key, which people have signed.
    ///
    /// - Parameter keys: returns the keys of a member.
    func sender(
        of certificate: PeerCertificate?, at now: Timestamp, keys: (NodeName) -> MemberKeys?
    ) -> Result<NodeName, PeerRefusal> {
        guard let certificate else { return .failure(.noCertificate) }
        guard certificate.isValid(at: now) else { return .failure(.expired) }
        guard let node = certificate.uri.flatMap(node) else { return .failure(.otherDomain) }
        guard let keys = keys(node) else { return .failure(.unknownNode) }
        guard keys.tls == certificate.key else { return .failure(.otherKey) }
        return .success(node)
    }

    private var prefix: String { "spiffe://\(text)/interlock/" }
}
