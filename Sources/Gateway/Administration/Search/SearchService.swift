package import InterlockEvidence
package import InterlockGovernor
import InterlockLedger
package import InterlockModel
import InterlockPolicy

/// Finds what the policy in force, the authorized keys and the gateway's runs have.
package final class SearchService: SearchQueries {
    private let gateway: Gateway
    private let people: AuthorizedKeysHolder
    private let policy: any PolicyQueries

    package init(gateway: Gateway, people: AuthorizedKeysHolder, policy: any PolicyQueries) {
        self.gateway = gateway
        self.people = people
        self.policy = policy
    }

    package func hits(
        _ kind: SearchKind, _ text: SearchedText, for visibility: Visibility
    ) -> [SearchHit] {
        let snapshot = gateway.policy.snapshot
        let found: [SearchHit] =
            switch kind {
            case .agents: Self.agents(text, of: snapshot, visibility)
            case .people: people(text, of: snapshot, visibility)
            case .servers:
                snapshot.servers.values.filter { text.isIn($0.name.text) }.map {
                    SearchHit(name: $0.name.text, note: "environment \($0.environment)")
                }
            case .tools:
                snapshot.table.rows.filter { text.isIn($0.address.description) }.map { row in
                    SearchHit(
                        name: row.address.description,
                        note: ([row.spec.toolClass.rawValue]
                            + row.spec.effects.effects.map(\.words)).uniqued.joined(separator: ", ")
                    )
                }
            case .rules: rules(text, visibility)
            case .runs: runs(text, of: snapshot, visibility)
            case .requests, .pages, .acts: []
            }
        // Agents are in their order, which takes long to find for ten thousand.
        return kind == .agents ? found : Self.sorted(found, by: text)
    }

    private static func sorted(_ hits: [SearchHit], by text: SearchedText) -> [SearchHit] {
        let ranked = hits.map { (isFirst: text.begins($0.name), hit: $0) }
        return ranked.sorted { a, b in
            a.isFirst == b.isFirst ? a.hit.name < b.hit.name : a.isFirst
        }.map(\.hit)
    }

    private static func agents(
        _ text: SearchedText, of policy: PolicySnapshot, _ visibility: Visibility
    ) -> [SearchHit] {
        var (first, others): ([SearchHit], [SearchHit]) = ([], [])
        for agent in policy.roster.all where visibility.sees(agent.name) {
            let name = agent.name.text
            guard text.isIn(name) || agent.purpose.map(text.isIn) ?? false else { continue }
            let hit = SearchHit(name: name, note: agent.purpose)
            if text.begins(name) { first.append(hit) } else { others.append(hit) }
        }
        return first + others
    }

    private func rules(_ text: SearchedText, _ visibility: Visibility) -> [SearchHit] {
        var found = policy.rules(for: visibility).filter {
            text.isIn($0.name) || text.isIn($0.subject) || text.isIn($0.text)
        }
        // The rules of single agents are too many to be searched, and are found by their whole name.
        if let named = policy.rule(named: text.text, for: visibility), !found.contains(named) {
            found.append(named)
        }
        return found.map { SearchHit(name: $0.name, note: $0.sentence ?? $0.text) }
    }

    private func runs(
        _ text: SearchedText, of policy: PolicySnapshot, _ visibility: Visibility
    ) -> [SearchHit] {
        gateway.runs.all.compactMap { run in
            guard visibility.sees(run.agent),
                text.isIn(run.run.text) || text.isIn(run.agent.text)
            else { return nil }
            return SearchHit(name: run.run.text, note: run.agent.text)
        }
    }
}

extension SearchService {
    /// The people whom the policy names to everyone, the owners of visible agents, the viewer, and for readers of all
    /// records everyone who is enrolled.
    private func people(
        _ text: SearchedText, of policy: PolicySnapshot, _ visibility: Visibility
    ) -> [SearchHit] {
        var notes: [Person: [String]] = [:]
        func add(_ person: Person, _ note: String?) {
            guard text.isIn(person.address) else { return }
            notes[person, default: []] += note.map { [$0] } ?? []
        }
        for group in policy.document.groups.values.sorted(by: { $0.name < $1.name }) {
            for member in group.members { add(member.value, "approves in \(group.name)") }
        }
        for owner in policy.owners { add(owner, "owner of the policy") }
        var owners: Set<Person> = []
        for (owner, agents) in policy.roster.owners(of: { visibility.sees($0) }) {
            owners.insert(owner)
            add(owner, "owner of \(agents) \(agents == 1 ? "agent" : "agents")")
        }
        for one in people.trust?.people ?? []
        where visibility.readsAll || one.person == visibility.person {
            add(
                one.person,
                one.roles.isEmpty ? nil : one.roles.map(\.rawValue).sorted().joined(separator: ", ")
            )
        }
        return notes.map { person, notes in
            SearchHit(
                name: person.address, note: notes.isEmpty ? nil : notes.joined(separator: "; "),
                isOwner: owners.contains(person))
        }
    }
}

extension [String] {
    /// The elements without repetitions, in their order.
    fileprivate var uniqued: [String] {
        var found: [String] = []
        for one in self where !found.contains(one) { found.append(one) }
        return found
    }
}
