import InterlockJSON
package import InterlockModel

/// The rules of the policy in force for elevations of the store (docs/specs/policy.md, section 4.3).
package struct ElevationRules: Sendable {
    private let policy: PolicySnapshot
    private var document: PolicyDocument { policy.document }
    private var table: ToolTable { policy.table }

    package init(_ policy: PolicySnapshot) { self.policy = policy }

    /// - Throws: `unknownAgent`, `unfitGrant` or `tooLong`; the elevation then grants nothing under this policy.
    package func terms(of order: ElevationOrder) throws(ElevationRefusal) -> ElevationTerms {
        guard let agent = document.agents.first(where: { $0.name == order.agent }) else {
            throw .unknownAgent(order.agent)
        }
        let scopes = order.fact(proposer: nil).scopes
        var findings = GrantCheck(policy: policy).findings(order, scopes)
        guard findings.all.isEmpty else { throw .unfitGrant(findings.all) }
        let bounds = document.elevationDefaults
        guard order.until - order.from <= bounds.max else { throw .tooLong(bounds.max) }
        let tools = GrantedTool.all(scopes, for: agent, document, table)
        let voters = VoterCount(of: agent, in: document, at: order.from)
        let shortages = tools.lazy.compactMap { $0.shortage(for: agent, document, voters) }
        if let shortage = shortages.first {
            findings.add(.elevationUnfit, at: order.place, path: "grant", shortage)
            throw .unfitGrant(findings.all)
        }
        let isGrave = tools.contains { $0.effects.excludesOwner }
        var eligible = Set(document.owners.map(\.value))
        if let group = agent.approvers, let members = document.groups[group.value]?.members {
            eligible.formUnion(members.map(\.value))
        }
        let owner = agent.owner?.value
        if let owner { eligible.insert(owner) }
        return ElevationTerms(
            need: bounds.approvers, eligible: eligible, excludedOwner: isGrave ? owner : nil)
    }
}

/// The approvals that one elevation requires.
///
/// INVARIANT: an elevation grants only what enough people signed, and ends by the clock. Kept by `ElevationTests`,
/// `test_elevate.py`.
package struct ElevationTerms: Sendable, Hashable {
    /// The required number of distinct people.
    package let need: Int
    /// The owners of the policy, and the agent's owner and approvers. The role `security` counts too.
    package let eligible: Set<Person>
    /// The agent's owner if a granted tool can spend money or touch production, otherwise nil.
    let excludedOwner: Person?

    package func exclusion(of approval: ElevationApproval) -> ElevationRefusal.Ineligibility? {
        exclusion(of: approval.person, with: approval.signature.person.roles)
    }

    /// Returns the reason why an approval by this person would not count, or nil.
    package func exclusion(
        of person: Person, with roles: Set<Role>
    ) -> ElevationRefusal.Ineligibility? {
        if person == excludedOwner { return .ownerOfGrave }
        return roles.contains(.security) || eligible.contains(person) ? nil : .stranger
    }

    /// The number of people whose approvals count.
    func count(_ approvals: [ElevationApproval]) -> Int {
        Set(approvals.filter { exclusion(of: $0) == nil }.map(\.person)).count
    }

    /// Returns true if enough people approved, and not only the author: a single required approval must be
    /// another person's.
    func areMet(by approvals: [ElevationApproval], author: Person) -> Bool {
        count(approvals) >= need
            && approvals.contains { $0.person != author && exclusion(of: $0) == nil }
    }
}

/// Checks that a grant names what the policy has, with the same findings as for an elevation in a file.
private struct GrantCheck {
    let policy: PolicySnapshot
    private var document: PolicyDocument { policy.document }

    func findings(_ order: ElevationOrder, _ scopes: [ScopeSpec]) -> Findings {
        var findings = Findings()
        func wrongShape(_ what: String) {
            findings.add(.wrongShape, at: order.place, path: "grant", "grant: expected \(what)")
        }
        guard let servers = order.grants.object, !servers.isEmpty else {
            wrongShape("a mapping from servers to grants")
            return findings
        }
        guard scopes.count <= ElevationLimits.servers else {
            wrongShape("at most \(ElevationLimits.servers) servers")
            return findings
        }
        for scope in scopes {
            let entries = servers[scope.server]?.array?.count ?? 0
            guard entries > 0, entries == scope.grants.count, entries <= ElevationLimits.entries
            else {
                wrongShape("a list of `{class or tool, when?, sandboxed?}` for `\(scope.server)`")
                continue
            }
            check(scope, &findings)
        }
        if !findings.hasErrors { findings.add(contentsOf: guardErrors(scopes)) }
        return findings
    }

    /// The findings E301 to E315 of each guard, for every tool that its grant names.
    private func guardErrors(_ scopes: [ScopeSpec]) -> [Finding] {
        let guards = GuardCompiler(
            policy.maker.engines, lock: policy.lock, resources: policy.table.templates)
        for scope in scopes {
            for number in policy.table.numbers(of: scope.server) ?? 0..<0 {
                let row = policy.table.rows[number]
                for grant in scope.grants
                where grant.names(row.spec.name.text, of: row.spec.toolClass) {
                    guard let text = grant.when else { continue }
                    guards.check(text, for: row.address, path: grant.path)
                }
            }
        }
        return guards.findings.filter { $0.code.grade == .error }
    }

    private func check(_ scope: ScopeSpec, _ findings: inout Findings) {
        guard let server = document.servers.first(where: { $0.name.text == scope.server }) else {
            findings.add(
                .noSuchName, at: scope.place, path: scope.path,
                "grant: no server `\(scope.server)`",
                help: didYouMean(scope.server, among: document.servers.map(\.name.text)))
            return
        }
        for grant in scope.grants {
            guard case .tool(let name) = grant.selector, !server.has(name) else { continue }
            let words = ToolClass.allCases.map(\.rawValue) + server.tools.map(\.name.text)
            findings.add(
                name.contains("*") ? .wildcardGrant : .noSuchTool, at: grant.place,
                path: grant.path,
                "\(scope.server): `\(name)` names no class or tool of server \(scope.server)",
                help: didYouMean(name, among: words))
        }
    }
}
