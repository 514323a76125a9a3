package import InterlockModel

extension PeopleDirectory {
    /// The enrolment time of the person's first credential, or nil without a credential.
    package func firstEnrolment(of person: Pseudonym) -> Timestamp? { enrolments(of: person).min() }

    /// The enrolment time of the person's newest credential. Except for founding credentials, security confirmed each
    /// enrolment.
    package func lastEnrolment(of person: Pseudonym) -> Timestamp? { enrolments(of: person).max() }

    private func enrolments(of person: Pseudonym) -> [Timestamp] {
        let keys = trust.people.first { $0.pseudonym == person }?.keys.map(\.added) ?? []
        return keys + passkeys.values.filter { $0.holder == person }.map(\.added)
    }
}
