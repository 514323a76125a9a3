/// The identity of the credential that made a signature.
package enum CredentialName: Hashable, Sendable {
    case key(PublicKey)
    case passkey(PasskeyID)
}
