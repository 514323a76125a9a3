import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// The difference in meaning between two revisions of a policy (docs/specs/policy.md, section 8.3).
package struct PolicyComparison: Sendable {
    /// The differences in values, pins and forbids, followed by those in verdicts by agent and tool. An
    /// empty list means that both revisions decide alike.
    package let differences: [Difference]

    package var worst: Difference.Direction? { differences.map(\.direction).max() }

    /// - Parameters:
    ///   - now: the preferred time of witnesses, where their region leaves it free.
    ///   - agent: the only agent to compare, or nil for all agents and the organisation.
    ///   - latent: true to list also what changes no decision of today: for future grants, and for agents that are
    ///     held.
    package static func compare(
        _ old: PolicySnapshot, _ new: PolicySnapshot, at now: Timestamp, agent: AgentName? = nil,
        latent: Bool = true
    ) -> PolicyComparison {
        var names = Set(old.agents.keys).union(new.agents.keys)
        if let agent { names = names.intersection([agent]) }
        let verdicts = VerdictComparison(old: old, new: new, agents: names, now: now)
        var differences: [Difference] = []
        if let before = old.document.canonical()?.object,
            let after = new.document.canonical()?.object
        {
            let forms = SandboxForm(before, after, of: (old, new))
            differences += DataComparison.differences(forms.old, forms.new)
            differences += pinDifferences(old, new)
        } else {
            // A policy without a canonical form is never loaded; if one is compared, it is reported as not
            // comparable.
            differences.append(
                Difference(
                    direction: .notComparable, agent: nil, subject: "policy", new: "", old: ""))
        }
        if let agent { differences.removeAll { $0.agent != agent.text } }
        let decided = names.sorted().flatMap(verdicts.differences(of:))
            .filter { latent || !$0.onceComplete }
        if agent == nil {
            // A difference that an agent's own calls already show is not repeated.
            differences += verdicts.forbidDifferences(of: names.sorted()).filter { forbid in
                !decided.contains {
                    $0.subject == forbid.subject && $0.direction == forbid.direction
                }
            }
        }
        differences += decided
        if agent == nil, latent {
            differences += LatentComparison(verdicts, reported: differences).differences()
        }
        return PolicyComparison(differences: differences)
    }
}

/// The tools whose reviewed definition differs, because the arguments that their guards test may mean
/// something else. If only other parts of the lock differ, one difference names the lock file.
private func pinDifferences(_ old: PolicySnapshot, _ new: PolicySnapshot) -> [Difference] {
    guard old.lock?.digest != new.lock?.digest else { return [] }
    let tools = Set(old.table.rows.map(\.address)).union(new.table.rows.map(\.address))
    var differences = tools.sorted().compactMap { tool -> Difference? in
        let was = old.lock?.pin(of: tool)
        let isNow = new.lock?.pin(of: tool)
        guard was != isNow else { return nil }
        let direction: Difference.Direction =
            was == nil ? .widens : isNow == nil ? .narrows : .notComparable
        return Difference(
            direction: direction, agent: nil, subject: "pin of \(tool)",
            new: isNow?.prefixed ?? "absent", old: was?.prefixed ?? "absent")
    }
    if differences.isEmpty {
        differences.append(
            Difference(
                direction: .notComparable, agent: nil, subject: "interlock.lock",
                new: new.lock?.digest.prefixed ?? "absent",
                old: old.lock?.digest.prefixed ?? "absent"))
    }
    return differences
}
