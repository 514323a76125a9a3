package import InterlockModel

/// The key with which a person signs votes, halts and releases. There is no third form: a flag, a uid
/// or an environment variable never stands for a person.
package enum PersonKey: Sendable {
    /// From a passphrase-encrypted file.
    case file(Ed25519PrivateKey)
    /// Held by ssh-agent.
    case agent(SSHAgent, PublicKey)

    package var publicKey: PublicKey {
        switch self {
        case .file(let key): key.publicKey
        case .agent(_, let key): key
        }
    }

    /// Signs the pre-authentication encoding of a statement.
    package func envelope(
        _ type: PayloadType, _ payload: [UInt8]
    ) throws(KeyFailure) -> Envelope {
        let message = preAuthenticationEncoding(type.text, payload)
        let signature: [UInt8]
        switch self {
        case .file(let key): signature = key.sign(message)
        case .agent(let agent, let key): signature = try agent.sign(message, with: key)
        }
        return Envelope(
            payloadType: type, payload: payload,
            signatures: [.key(publicKey, signature)])
    }
}
