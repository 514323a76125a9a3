package import InterlockModel

extension PeopleDirectory {
    /// When the first of this person's credentials was enrolled; nil for nobody.
    package func firstEnrolment(of person: Pseudonym) -> Timestamp? { enrolments(of: person).min() }

    /// When the newest of this person's credentials was enrolled. Security was asked for it, founding ones apart.
    package func lastEnrolment(of person: Pseudonym) -> Timestamp? { enrolments(of: person).max() }

    private func enrolments(of person: Pseudonym) -> [Timestamp] {
        let keys = trust.people.first { $0.pseudonym == person }?.keys.map(\.added) ?? []
        return keys + passkeys.values.filter { $0.holder == person }.map(\.added)
    }
}
