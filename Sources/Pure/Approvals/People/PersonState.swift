package import InterlockModel

/// The worth of a credential at one time.
package enum CredentialState: Hashable, Sendable {
    case active
    /// It is new, and does not yet vote at tier high.
    case limited(until: Timestamp)
    case expired
    /// It was revoked, or suspended because its counter went back.
    case revoked

    /// - Parameter founding: true for credentials of `interlock init`, which count at once.
    package init(
        added: Timestamp, founding: Bool, expires: Timestamp?, revoked: Timestamp?,
        at now: Timestamp
    ) {
        let whole = added + VoteVerifier.waitAtTierHigh
        if revoked != nil {
            self = .revoked
        } else if expires.map({ now >= $0 }) ?? false {
            self = .expired
        } else if !founding, now < whole {
            self = .limited(until: whole)
        } else {
            self = .active
        }
    }
}

/// The state of a person, by all of their credentials.
package enum PersonState: String, Hashable, Sendable, CaseIterable {
    case active
    /// Each credential that counts is new, so none votes at tier high yet.
    case limited
    /// Each credential that was not revoked has expired.
    case expired
    /// Every credential was revoked.
    case left
    /// There was never a credential.
    case notEnrolled = "not_enrolled"
}

extension PeopleDirectory {
    /// The state of each credential of a person, keys first.
    package func credentialStates(of person: TrustedPerson, at now: Timestamp) -> [CredentialState]
    {
        person.keys.map {
            CredentialState(
                added: $0.added, founding: $0.founding, expires: $0.expires, revoked: $0.revoked,
                at: now)
        }
            + passkeys(of: person.pseudonym).map { $0.state(at: now) }
    }

    package func state(of person: TrustedPerson, at now: Timestamp) -> PersonState {
        let states = credentialStates(of: person, at: now)
        if states.isEmpty { return .notEnrolled }
        if states.contains(.active) { return .active }
        if states.contains(where: { if case .limited = $0 { true } else { false } }) {
            return .limited
        }
        return states.contains(.expired) ? .expired : .left
    }

    /// A person's passkeys, revoked ones too, the oldest first.
    package func passkeys(of holder: Pseudonym) -> [EnrolledPasskey] {
        passkeys.values.filter { $0.holder == holder }
            .sorted { ($0.added, $0.id.text) < ($1.added, $1.id.text) }
    }

    /// The invitations that can still be used, the first to end first.
    package func openInvitations(at now: Timestamp) -> [Invitation] {
        invitations.values.filter { now < $0.expires }
            .sorted { ($0.expires, $0.hash.hex) < ($1.expires, $1.hash.hex) }
    }
}
