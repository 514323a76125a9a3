/// Encrypts and authenticates the state that a client carries for the gateway between requests. Sealed state can be
/// replayed: the caller that opens it must spend its nonce.
package protocol StateSealer: Sendable {
    /// Returns `v1.<key id>.<base64url of nonce, ciphertext and tag>`, bound to this deployment.
    func seal(_ plaintext: [UInt8]) -> String

    /// - Returns: nil if `text` was not sealed by this deployment, or was changed.
    func open(_ text: String) -> [UInt8]?
}
