/// Which of a person's credentials something was signed with.
package enum CredentialName: Hashable, Sendable {
    case key(PublicKey)
    case passkey(PasskeyID)
}
