/// The origin of a credential's use, as far as the connection proves it.
package enum Workload: Hashable, Sendable, CustomStringConvertible {
    /// A client certificate, identified by the SHA-256 of its SubjectPublicKeyInfo (RFC 7469, section 2.4).
    case key(Digest)
    /// A unix socket, with the user at the other end as the kernel reports it.
    case user(UInt32)
    /// A TCP connection without proof of its origin.
    case anyone

    package var description: String {
        switch self {
        case .key(let digest): "key \(digest.prefixed)"
        case .user(let uid): "uid \(uid)"
        case .anyone: "network"
        }
    }
}
