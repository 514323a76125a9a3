import InterlockJSON

/// The certificate at the other end of a TLS connection that has proven to hold its key. No authority was asked, so
/// nothing else of it is known.
package struct PeerCertificate: Hashable, Sendable {
    /// SHA-256 of its SubjectPublicKeyInfo (RFC 7469, section 2.4).
    package let key: Digest
    /// Its URI name; nil if it has none, or more than one.
    package let uri: String?
    /// The first and the last second of its validity.
    package let begin: Timestamp
    package let end: Timestamp

    package init(key: Digest, uri: String?, begin: Timestamp, end: Timestamp) {
        self.key = key
        self.uri = uri
        self.begin = begin
        self.end = end
    }

    package enum Fault: Hashable, Sendable {
        /// It is not valid yet, or not any more.
        case notValid
        case otherName
        case otherKey
    }

    /// Returns the reason why the certificate is not that of the holder of a known key and URI name; nil if it is.
    package func fault(expecting uri: String, key: Digest, at now: Timestamp) -> Fault? {
        guard isValid(at: now) else { return .notValid }
        guard let own = self.uri, sameBytes(own, uri) else { return .otherName }
        return self.key == key ? nil : .otherKey
    }

    package func isValid(at now: Timestamp) -> Bool { begin <= now && now <= end }
}
