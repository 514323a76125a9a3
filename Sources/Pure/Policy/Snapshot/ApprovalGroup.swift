package import InterlockModel

package struct ApprovalGroup: Sendable {
    package let name: String
    /// The members, sorted.
    package let members: [Person]
    /// The time for which a request waits.
    package let expires: Duration
    package let escalate: Escalation?
    package let place: PolicyLocation

    init(_ group: GroupSpec) {
        name = group.name
        members = Set(group.members.map(\.value)).sorted()
        expires = group.expires
        place = group.place
        if let after = group.escalateAfter, let to = group.escalateTo?.value {
            escalate = Escalation(after: after, to: to)
        } else {
            escalate = nil
        }
    }
}

package struct Escalation: Sendable, Hashable {
    package let after: Duration
    package let to: Person
}
