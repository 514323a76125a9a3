package import InterlockModel

package struct ApprovalGroup: Sendable {
    package let name: String
    /// The members, sorted.
    package let members: [Person]
    /// The time for which a request waits.
    package let expires: Duration
    package let escalate: Escalation?
    package let delegates: DelegateChoice
    package let denials: DenialDisclosure
    package let place: PolicyLocation

    init(_ group: GroupSpec) {
        name = group.name
        members = Set(group.members.map(\.value)).sorted()
        expires = group.expires
        place = group.place
        delegates = group.delegates
        denials = group.denials
        escalate = group.escalateAfter.flatMap { after in
            group.escalateTo.map { Escalation(after: after, to: $0.value) }
        }
    }
}

package struct Escalation: Sendable, Hashable {
    package let after: Duration
    package let to: Person
}
