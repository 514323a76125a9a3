package import InterlockModel
package import InterlockPorts

/// Signing in and out, as the pages need it; see `PersonSessionService`.
package protocol SignInActions: Sendable {
    func challenge(for key: PersonSessionKey, from source: String?) throws(PersonSignInRefusal)
        -> [UInt8]
    func signIn(
        _ assertion: PasskeyAssertion, challenge: [UInt8], for key: PersonSessionKey,
        from source: String?
    ) async throws(PersonSignInRefusal) -> String
    func end(_ token: String)
}

extension PersonSessionService: SignInActions {}

/// Enrolling a passkey with an invitation, as the pages need it.
package protocol EnrolmentActions: Sendable {
    /// Who is invited by the holder of this token; nil for one that is unknown, used or over.
    func invited(_ token: String) -> InvitedPerson?

    /// What a new passkey is to be made over: single use, for this invitation alone.
    func challenge(_ token: String, from source: String?) throws(EnrolmentRefusal) -> [UInt8]

    /// The invitation is used up on return, and the passkey is on disk.
    func enrol(
        _ token: String, _ offer: RegistrationResponse, challenge: [UInt8], from source: String?
    ) async throws(EnrolmentRefusal) -> Enrolled
}

package struct InvitedPerson: Sendable, Hashable {
    package let person: Person
    package let pseudonym: Pseudonym
    package let roles: [Role]
    /// The person's passkeys: another is not made on a device that has one.
    package let known: [PasskeyID]

    package init(person: Person, pseudonym: Pseudonym, roles: [Role], known: [PasskeyID]) {
        self.person = person
        self.pseudonym = pseudonym
        self.roles = roles
        self.known = known
    }
}

package enum Enrolled: Sendable, Hashable {
    /// A founding person's: it counts now.
    case counts
    /// For a second person, who names this order.
    case waits(OrderID)
}

/// Why a passkey was not enrolled.
package enum EnrolmentRefusal: Error, Hashable, Sendable {
    /// To be tried again after so long.
    case tooOften(Duration)
    /// Unknown, used, or over.
    case noInvitation
    /// Unknown, used before, of another invitation, or older than five minutes.
    case staleChallenge
    /// What the browser made is not believed.
    case notBelieved
    /// It is enrolled already.
    case known
    /// It could not be kept or recorded; nothing was enrolled.
    case unavailable
}
