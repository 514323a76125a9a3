package import InterlockAdministration

/// The means to sign in, enrol and approve by passkey.
package struct ConsoleEntry: Sendable {
    /// The relying party id of the passkeys.
    package let relyingParty: String
    package let signIn: any SignInActions
    package let enrolment: any EnrolmentActions
    package let voting: any PasskeyVoting

    package init(
        relyingParty: String, signIn: any SignInActions, enrolment: any EnrolmentActions,
        voting: any PasskeyVoting
    ) {
        self.relyingParty = relyingParty
        self.signIn = signIn
        self.enrolment = enrolment
        self.voting = voting
    }
}
