import InterlockGovernor
package import InterlockModel

/// A halt that is in force, as people see it.
package struct ActiveHalt: Sendable {
    package let order: HaltOrder
    /// nil for a gateway's own, be it of a detector.
    package let author: Person?
    /// Whose agents it stops, where it stops those of one owner.
    package let owner: Person?

    package init(order: HaltOrder, author: Person?, owner: Person?) {
        self.order = order
        self.author = author
        self.owner = owner
    }
}

extension HaltService {
    /// The newest first.
    package var standingHalts: [ActiveHalt] {
        let trust = judge.trust
        return gateway.halts.halts.active.values
            .sorted { ($0.at, $0.id.text) > ($1.at, $1.id.text) }
            .map { named($0, trust) }
    }

    /// One that was ordered, whether it is still in force or not.
    package func named(_ order: HaltOrder) -> ActiveHalt { named(order, judge.trust) }

    package func roles(of person: Pseudonym) -> Set<Role> {
        judge.trust.person(person)?.roles ?? []
    }

    private func named(_ order: HaltOrder, _ trust: AuthorizedKeys) -> ActiveHalt {
        var owner: Person?
        if case .owner(let pseudonym) = order.target { owner = trust.person(pseudonym)?.person }
        return ActiveHalt(
            order: order, author: trust.person(order.author)?.person, owner: owner)
    }
}
