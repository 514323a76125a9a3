/// Where a credential is used from, as far as the connection proves it.
package enum Workload: Hashable, Sendable, CustomStringConvertible {
    /// A client certificate: SHA-256 of its SubjectPublicKeyInfo (RFC 7469, section 2.4).
    case key(Digest)
    /// A unix socket: the user at its other end, from the kernel.
    case user(UInt32)
    /// A TCP connection that proves nothing.
    case anyone

    package var description: String {
        switch self {
        case .key(let digest): "key \(digest.prefixed)"
        case .user(let uid): "uid \(uid)"
        case .anyone: "network"
        }
    }
}
