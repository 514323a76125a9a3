package import InterlockGovernor
package import InterlockModel
import InterlockPolicy

/// What one person or service sees on the people plane, beside requests for approval (decision 0032). Made anew for each request,
/// so that a role that is taken away and an agent that changes hands count at once.
package struct Visibility: Sendable, Hashable {
    /// nil for a service.
    package let person: Person?
    /// As whose holder it is seen.
    package let roles: Set<Role>
    /// The agents that this person answers for.
    package let own: Set<AgentName>

    package init(person: Person, roles: Set<Role>, own: Set<AgentName>) {
        self.person = person
        self.roles = roles
        self.own = own
    }

    /// What a service sees: as whoever has its role and answers for no agent.
    package init(of service: ServiceAccount) {
        person = nil
        roles = [service.role]
        own = []
    }

    /// The operator's, at the local socket: of everything.
    package init(operator person: Person) {
        self.person = person
        roles = Set(Role.allCases)
        own = []
    }

    /// By which something may be done. A service only sees.
    package var powers: Set<Role> { person == nil ? [] : roles }

    /// Whoever may stop, resume or look after the house sees all agents.
    package var seesAll: Bool { !roles.isEmpty }

    /// That it is there, how it stands, what it may do and what was refused.
    package func sees(_ agent: AgentName) -> Bool { seesAll || own.contains(agent) }

    /// What it called with, what it got, and its records.
    package func reads(_ agent: AgentName) -> Bool { readsAll || own.contains(agent) }

    /// Records that are about no agent, or about all.
    package var readsAll: Bool { roles.contains(.security) }
}

extension PolicySnapshot {
    /// Whether this person reads the policy as a whole, with what it says of every agent: whoever has a role, or
    /// answers for the policy.
    func isRead(by sight: Visibility) -> Bool {
        sight.seesAll || sight.person.map(owners.contains) ?? false
    }
}

/// Says who sees what, by who is enrolled and by the policy in force.
package struct VisibilityService: Sendable {
    private let people: AuthorizedKeysHolder
    private let policy: PolicyHolder

    package init(people: AuthorizedKeysHolder, policy: PolicyHolder) {
        self.people = people
        self.policy = policy
    }

    package func sight(of person: Person) -> Visibility {
        Visibility(
            person: person, roles: people.trust?.person(person)?.roles ?? [],
            own: policy.snapshot.roster.agents(of: person))
    }
}
