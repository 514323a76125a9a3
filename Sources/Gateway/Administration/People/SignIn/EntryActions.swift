package import InterlockModel
package import InterlockPorts

/// Sign-in and sign-out for the pages; see `PersonSessionService`.
package protocol SignInActions: Sendable {
    func challenge(
        for key: PersonSessionKey, from source: String?
    ) async throws(PersonSignInRefusal) -> [UInt8]
    func signIn(
        _ assertion: PasskeyAssertion, challenge: [UInt8], for key: PersonSessionKey,
        from source: String?
    ) async throws(PersonSignInRefusal) -> String
    /// - Throws: if the session may not have ended.
    func end(_ token: String) async throws(StoreFailure)
}

extension PersonSessionService: SignInActions {}

/// Passkey enrolment by invitation, for the pages.
package protocol EnrolmentActions: Sendable {
    /// The person invited with this token, or nil if the token is unknown, used or expired.
    func invited(_ token: String) -> InvitedPerson?

    /// Returns the challenge for creating a passkey: single use, for this invitation only.
    func challenge(
        _ token: String, from source: String?
    ) async throws(EnrolmentRefusal) -> [UInt8]

    /// Enrols the passkey and uses up the invitation; both are durable on return.
    func enrol(
        _ token: String, _ offer: RegistrationResponse, challenge: [UInt8], from source: String?
    ) async throws(EnrolmentRefusal) -> Enrolled
}

package struct InvitedPerson: Sendable, Hashable {
    package let person: Person
    package let pseudonym: Pseudonym
    package let roles: [Role]
    /// The person's passkeys, so that the browser does not create a second one on the same device.
    package let known: [PasskeyID]

    package init(person: Person, pseudonym: Pseudonym, roles: [Role], known: [PasskeyID]) {
        self.person = person
        self.pseudonym = pseudonym
        self.roles = roles
        self.known = known
    }
}

package enum Enrolled: Sendable, Hashable {
    /// A founding person's passkey, which is valid at once.
    case counts
    /// The passkey is valid after a second person confirms the order with this id.
    case waits(OrderID)
}

/// The reason a passkey was not enrolled.
package enum EnrolmentRefusal: Error, Hashable, Sendable {
    /// Too many attempts; the duration is the wait until the next one.
    case tooOften(Duration)
    /// The invitation is unknown, used or expired.
    case noInvitation
    /// The challenge is unknown, used, for another invitation, or older than five minutes.
    case staleChallenge
    /// The verification of the browser's registration response failed.
    case notBelieved
    /// The passkey is already enrolled.
    case known
    /// The passkey could not be recorded or stored; nothing was enrolled.
    case unavailable
}
