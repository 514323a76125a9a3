package import InterlockModel

extension PeopleDirectory {
    /// Stores the counter of the passkey that signed an order; nothing for an order signed by a key.
    ///
    /// - Throws: `tooNew`, or `badAssertion` if another assertion of the passkey advanced the counter first.
    package mutating func count(
        _ accepted: AcceptedPeopleOrder, at now: Timestamp
    ) throws(PeopleRefusal) {
        try refuseNewPasskey(of: accepted, at: now)
        guard let used = accepted.signatures[0].passkey else { return }
        guard count(used.id, used.counter) else {
            throw .order(.badAssertion(.counterWentBack))
        }
    }

    /// - Throws: `tooNew` if the order gives rights and was signed by a passkey that does not sign such orders yet;
    ///   `unknownKey` if its passkey is not enrolled.
    package func refuseNewPasskey(
        of accepted: AcceptedPeopleOrder, at now: Timestamp
    ) throws(PeopleRefusal) {
        guard let used = accepted.signatures[0].passkey else { return }
        guard let passkey = passkeys[used.id] else { throw .order(.unknownKey) }
        if accepted.order.action.gives, case .limited(let end) = passkey.state(at: now) {
            throw .tooNew(end)
        }
    }

    /// Returns the passkeys of a person that can sign an order now, and the time from which another can, if none can
    /// yet.
    ///
    /// - Parameter gives: true for an order that gives rights, which no new passkey signs.
    package func passkeys(
        of person: Pseudonym, giving gives: Bool, at now: Timestamp
    ) -> (usable: [EnrolledPasskey], from: Timestamp?) {
        var ends: [Timestamp] = []
        let usable = passkeys(of: person).filter { passkey in
            switch passkey.state(at: now) {
            case .active: return true
            case .limited(let end):
                ends.append(end)
                return !gives
            case .expired, .revoked: return false
            }
        }
        return (usable, usable.isEmpty ? ends.min() : nil)
    }
}

extension EnrolledPasskey {
    package func state(at now: Timestamp) -> CredentialState {
        CredentialState(
            added: added, founding: founding, expires: expires, revoked: revoked, at: now)
    }
}
