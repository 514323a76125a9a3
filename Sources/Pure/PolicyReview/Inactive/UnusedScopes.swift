package import InterlockModel
package import InterlockPolicy

/// The scopes that were granted for a whole window and that no call used in it (W204).
///
/// A scope counts as used if a call of one of its tools was permitted, or waited for people. Scopes that an elevation grants
/// end by themselves and are not judged.
package struct UnusedScopes {
    package static let window = Duration.seconds(30 * 86_400)
    package let findings: [Finding]

    /// - Parameters:
    ///   - policy: the policy in force.
    ///   - earlier: the other policies that were in force in the window.
    ///   - used: the tools that each agent called in the window.
    package init(
        _ policy: PolicySnapshot, earlier: [PolicySnapshot],
        used: [AgentName: Set<ToolAddress>], at now: Timestamp
    ) {
        let document = policy.document
        let table = ToolTable(document)
        let compiler = CellCompiler(document: document, table: table, at: now)
        var found = Findings()
        for agent in document.agents {
            let before = earlier.map { Set($0.callable(by: agent.name)) }
            for scope in Self.scopes(of: agent, compiler, table)
            where used[agent.name, default: []].isDisjoint(with: scope.tools)
                && before.allSatisfy({ $0.isSuperset(of: scope.tools) })
            {
                var finding = Finding(
                    .scopeUnused, at: scope.grant.place, path: scope.grant.path,
                    subject: agent.name,
                    "\(agent.name): no call of \(Self.named(scope.tools)) in 30 days",
                    help: "remove the scope, or waive the finding with a reason")
                finding.waived = document.waives(finding, at: now)
                found.add(finding)
            }
        }
        findings = found.all
    }

    private struct Scope {
        let grant: GrantSpec
        var tools: Set<ToolAddress> = []
    }

    /// The standing grants of an agent, with the tools that they reach.
    private static func scopes(
        of agent: AgentSpec, _ compiler: CellCompiler, _ table: ToolTable
    ) -> [Scope] {
        var scopes: [ObjectIdentifier: Scope] = [:]
        for cell in compiler.cells(of: agent) where cell.isReachable && cell.isStanding {
            for grant in cell.grants {
                scopes[ObjectIdentifier(grant), default: Scope(grant: grant)].tools
                    .formUnion(cell.tools.map { table.rows[$0].address })
            }
        }
        return Array(scopes.values)
    }

    private static func named(_ tools: Set<ToolAddress>) -> String {
        let names = tools.map(\.description).sorted()
        let rest = names.count > 3 ? " and \(names.count - 3) more" : ""
        return names.prefix(3).joined(separator: ", ") + rest
    }
}
