import InterlockGovernor
package import InterlockModel

/// A halt in force, with the names of its author and owner.
package struct ActiveHalt: Sendable {
    package let order: HaltOrder
    /// Is nil if the gateway or a detector ordered the halt.
    package let author: Person?
    /// The owner whose agents are stopped, if the target is an owner.
    package let owner: Person?
}

extension HaltService {
    /// The halts in force, newest first.
    package var standingHalts: [ActiveHalt] {
        let trust = judge.organisation.trust
        return gateway.halts.halts.active.values
            .sorted { ($0.at, $0.id.text) > ($1.at, $1.id.text) }
            .map { named($0, trust) }
    }

    /// Adds the names to an order, whether or not it is still in force.
    package func named(_ order: HaltOrder) -> ActiveHalt { named(order, judge.organisation.trust) }

    package func roles(of person: Pseudonym) -> Set<Role> {
        judge.organisation.trust.person(person)?.roles ?? []
    }

    private func named(_ order: HaltOrder, _ trust: AuthorizedKeys) -> ActiveHalt {
        var owner: Person?
        if case .owner(let pseudonym) = order.target { owner = trust.person(pseudonym)?.person }
        return ActiveHalt(order: order, author: trust.person(order.author)?.person, owner: owner)
    }
}
