package import InterlockGovernor
package import InterlockModel
package import InterlockPolicy

/// The agents, records and actions of the people plane that are open to one person or service account, except approval
/// requests (decision 0032). Computed for each request, so that a removed role or a new owner of an agent takes effect
/// at once.
package struct Visibility: Sendable, Hashable {
    /// The person, or nil for a service account.
    package let person: Person?
    /// The roles that extend what is visible.
    package let roles: Set<Role>
    /// The agents that this person owns.
    package let own: Set<AgentName>

    package init(person: Person, roles: Set<Role>, own: Set<AgentName>) {
        self.person = person
        self.roles = roles
        self.own = own
    }

    /// The visibility of a service account: that of a person who has its role and owns no agent.
    package init(of service: ServiceAccount) {
        person = nil
        roles = [service.role]
        own = []
    }

    /// The visibility of the operator at the local socket, who has every role.
    package init(operator person: Person) {
        self.person = person
        roles = Set(Role.allCases)
        own = []
    }

    /// The roles that permit actions; empty for a service account, which only reads.
    package var powers: Set<Role> { person == nil ? [] : roles }

    /// True if all agents are visible: any role suffices.
    package var seesAll: Bool { !roles.isEmpty }

    /// True if at least one agent may be visible.
    package var seesSomeAgents: Bool { seesAll || !own.isEmpty }

    /// True if the agent, its status, its permissions and its refusals are visible.
    package func sees(_ agent: AgentName) -> Bool { seesAll || own.contains(agent) }

    /// True if the agent's arguments, results and records are visible.
    package func reads(_ agent: AgentName) -> Bool { readsAll || own.contains(agent) }

    /// True if arguments, results and records of at least one agent may be visible.
    package var readsSome: Bool { readsAll || !own.isEmpty }

    /// True if alerts about the agent are visible. An alert without an agent concerns the gateway itself, so only readers
    /// who see all agents see it.
    package func seesAlerts(about agent: AgentName?) -> Bool { agent.map(sees) ?? seesAll }

    /// True if the viewer may record the disposition of alerts about the agent.
    package func mayDispose(ofAlertsAbout agent: AgentName?) -> Bool {
        powers.contains(.security) || agent.map(own.contains) ?? false
    }

    /// True if the viewer may record what became of an agent's calls whose outcome is unknown.
    package func mayCheckOutcomes(of agent: AgentName?) -> Bool {
        mayDispose(ofAlertsAbout: agent)
    }

    /// True if the viewer may record what became of the calls of some agent.
    package var mayCheckSomeOutcomes: Bool { powers.contains(.security) || !own.isEmpty }

    /// True if all records are visible, including those that concern no agent or all agents.
    package var readsAll: Bool { roles.contains(.security) }
}

extension PolicySnapshot {
    /// Returns true if the whole policy, with its rules for every agent, is visible: to holders of any role and to
    /// owners of the policy.
    package func isRead(by visibility: Visibility) -> Bool {
        visibility.seesAll || visibility.person.map(owners.contains) ?? false
    }
}

/// Computes visibility from the authorized keys and the policy in force.
package struct VisibilityService: Sendable {
    private let people: AuthorizedKeysHolder
    private let policy: PolicyHolder

    package init(people: AuthorizedKeysHolder, policy: PolicyHolder) {
        self.people = people
        self.policy = policy
    }

    package func visibility(of person: Person) -> Visibility {
        Visibility(
            person: person, roles: people.trust?.person(person)?.roles ?? [],
            own: policy.snapshot.roster.agents(of: person))
    }
}
