/// The people to whom members of a group may pass their seats, as the policy states it (`approvals.GROUP.delegates`).
package enum DelegateChoice: String, Sendable, CaseIterable {
    case never
    /// Members of the same group alone.
    case members
    /// Every enrolled person; this holds if nothing is stated.
    case anyone

    package func permits(_ person: Person, members: [Person]) -> Bool {
        switch self {
        case .never: false
        case .members: members.contains(person)
        case .anyone: true
        }
    }
}
