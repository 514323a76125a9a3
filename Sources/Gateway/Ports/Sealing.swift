/// Seals what a client carries for the gateway from one request to the next, so that it can neither be
/// read nor changed. What was sealed may still be shown twice: who opens it spends its nonce.
package protocol StateSealer: Sendable {
    /// `v1.<key id>.<base64url of nonce, ciphertext and tag>`, bound to this deployment.
    func seal(_ plaintext: [UInt8]) -> String

    /// - Returns: nil for whatever was not sealed here, or was changed since.
    func open(_ text: String) -> [UInt8]?
}
