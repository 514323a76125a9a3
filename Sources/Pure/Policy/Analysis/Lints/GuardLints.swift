import InterlockJSON
import InterlockModel

/// W201, W202, W203, W206, W208, W221: what the meaning of guards says about a policy (specs of the
/// policy, 7.3). Policies with E findings are not looked at: there a guard may mean nothing.
func lintGuards(
    _ document: PolicyDocument, _ table: ToolTable, _ cells: [AgentName: [Cell]],
    lock: PolicyLock?, _ findings: inout Findings
) {
    guard !findings.hasErrors else { return }
    let lint = GuardLint(document: document, table: table, lock: lock)
    for agent in document.agents { lint.grants(of: agent, cells[agent.name] ?? [], &findings) }
    lint.rules(document.forbids, isForbid: true, &findings)
    lint.rules(document.effectRules, isForbid: false, &findings)
}

/// Looks at each text once for each tool with a schema of its own, whoever uses it.
private struct GuardLint {
    let document: PolicyDocument
    let table: ToolTable
    let lock: PolicyLock?
    private let truths = GuardTruths()
    private let meanings = GuardMeanings()
    private let texts: GuardTexts
    private let domains: [Int: InputDomain]

    init(document: PolicyDocument, table: ToolTable, lock: PolicyLock?) {
        self.document = document
        self.table = table
        self.lock = lock
        texts = GuardTexts(truths)
        var domains: [Int: InputDomain] = [:]
        for number in table.rows.indices {
            let schema = lock?.inputSchema(of: table.rows[number].address)
            domains[number] = schema.map(InputDomain.init(schema:))
        }
        self.domains = domains
    }

    private func meaning(_ text: GuardText, _ tool: Int, _ agent: AgentSpec) -> GuardMeaning {
        let use = GuardUse(
            text: ExactText(text.source),
            tool: domains[tool] != nil || texts[text].readsCell ? tool : nil,
            constants: texts[text].readsCell
                ? guardConstants(table.rows[tool], agent, agent.effectiveStage) : [:])
        return meanings.known(use) {
            let context = GuardContext(domain: domain(tool), constants: use.constants)
            let truth = try? truths.truth(of: text, for: use.tool, in: context)
            return GuardMeaning(truth, in: context.domain)
        }
    }

    /// A grant and one of the tools that it names.
    private struct Use {
        let grant: GrantSpec
        let cell: Cell
        let tool: Int
    }

    /// The tools for which a text can mean different things: one stands for all, unless a schema or a
    /// rule tells them apart.
    private func told(_ text: GuardText, of cell: Cell) -> ArraySlice<Int> {
        let isSame =
            !texts[text].readsCell
            && cell.forbids.allSatisfy { $0.when.map { !texts[$0].readsCell } ?? true }
            && cell.tools.allSatisfy { domains[$0] == nil }
        return isSame ? cell.tools.prefix(1) : cell.tools[...]
    }

    /// The grants that have to be looked at: with a text that is not plain, or on tools where more than
    /// the text matters.
    private func remarkablePaths(of agent: AgentSpec, _ cells: [Cell]) -> Set<String> {
        var paths: Set<String> = []
        for cell in cells where cell.isReachable {
            let isTextAll =
                agent.limits.isEmpty && cell.forbids.isEmpty
                && (domains.isEmpty || cell.tools.allSatisfy { domains[$0] == nil })
            for grant in cell.allGrants {
                guard let text = grant.when, !isTextAll || !texts[text].isPlain else { continue }
                paths.insert(grant.path)
            }
        }
        return paths
    }

    private func domain(_ tool: Int) -> InputDomain { domains[tool] ?? .untyped }

    func grants(of agent: AgentSpec, _ cells: [Cell], _ findings: inout Findings) {
        let remarkable = remarkablePaths(of: agent, cells)
        guard !remarkable.isEmpty else { return }
        var uses: [String: [Use]] = [:]
        for cell in cells where cell.isReachable {
            for grant in cell.allGrants where remarkable.contains(grant.path) {
                guard let text = grant.when else { continue }
                uses[grant.path, default: []] += told(text, of: cell).map {
                    Use(grant: grant, cell: cell, tool: $0)
                }
            }
        }
        for path in uses.keys.sorted() {
            guard let all = uses[path], let grant = all.first?.grant, let text = grant.when else {
                continue
            }
            let server = all.first.map { table.rows[$0.cell.tool].address.server.text } ?? ""
            negatedTests(grant, text, server, agent, &findings)
            let meant = all.map { (meaning: meaning(text, $0.tool, agent), use: $0) }
            undecidable(text, path, server, meant.map(\.meaning), &findings)
            if meant.allSatisfy(\.meaning.isNeverTrue) {
                findings.add(
                    .guardConstant, at: text.place, path: path, subject: agent.name,
                    "\(server): a guard that is never true")
            } else if meant.allSatisfy(\.meaning.isAlwaysTrue) {
                findings.add(
                    .guardConstant, at: text.place, path: path, subject: agent.name,
                    "\(server): a guard that is always true", help: "leave it out")
            } else if meant.allSatisfy({ isForbidden($0.meaning, $0.use, agent) }) {
                findings.add(
                    .grantWithoutEffect, at: grant.place, path: path, subject: agent.name,
                    "\(server): a grant of calls that are all forbidden")
            }
            unboundedSpend(agent, all, text, &findings)
        }
    }

    /// Whether forbids take everything that a grant gives.
    private func isForbidden(
        _ meaning: GuardMeaning, _ use: Use, _ agent: AgentSpec
    ) -> Bool {
        guard var left = meaning.truth?.isTrue, !use.cell.forbids.isEmpty else { return false }
        for rule in use.cell.forbids {
            guard let text = rule.when, let forbidden = self.meaning(text, use.tool, agent).truth,
                let rest = try? left.intersection(forbidden.isFalse)
            else { return false }
            left = rest
        }
        return left.isShownEmpty(in: domain(use.tool))
    }

    private func negatedTests(
        _ grant: GrantSpec, _ text: GuardText, _ server: String, _ agent: AgentSpec,
        _ findings: inout Findings
    ) {
        guard let tree = truths.tree(of: text), let offset = tree.firstNegatedTest else { return }
        findings.add(
            .negatedTest, at: text.place(ofOffset: offset), path: grant.path, subject: agent.name,
            "\(server): a grant of all that is not named",
            help: "name what is granted: `==`, `in`, `startsWith`")
    }

    private func undecidable(
        _ text: GuardText, _ path: String, _ name: String, _ meanings: [GuardMeaning],
        _ findings: inout Findings
    ) {
        if meanings.contains(where: \.isOpaque) {
            findings.add(
                .guardUndecidable, at: text.place, path: path,
                "\(name): a guard outside the decidable subset, so changes of it cannot be compared"
            )
        }
    }

    /// W208: an argument that is summed up and that the grant leaves without an upper bound.
    private func unboundedSpend(
        _ agent: AgentSpec, _ uses: [Use], _ text: GuardText,
        _ findings: inout Findings
    ) {
        for limit in agent.limits {
            guard case .spend(let name, let field) = limit.subject,
                case .tool(let tool) = document.resolver.resolve(name, for: agent),
                let use = uses.first(where: { table.rows[$0.tool].address == tool }),
                use.cell.allEffects.has(.spendsMoney)
            else { continue }
            let path = InputPath.place(field.split(separator: ".").map(String.init))
            let domain = domain(use.tool)
            let isBounded = meaning(text, use.tool, agent).truth?.isTrue.cubes.allSatisfy {
                cube in
                let own = cube.constraints[path] ?? domain.constraint(at: path.names)
                return own.map { $0.numbers.ranges.last?.upperBound != $0.numbers.grid.highest }
                    ?? false
            }
            guard isBounded == false else { continue }
            findings.add(
                .spendUnbounded, at: text.place, path: use.grant.path, subject: agent.name,
                "\(tool): `\(field)` has no upper bound in one call")
        }
    }

    /// Forbids and effect rules: one that applies to no input, or that is not looked into.
    func rules(_ rules: [RuleSpec], isForbid: Bool, _ findings: inout Findings) {
        var tools: [String: [Int]] = [:]
        for number in table.rows.indices {
            let row = table.rows[number]
            for index in isForbid ? row.forbids : row.effectRules {
                tools[rules[index].path, default: []].append(number)
            }
        }
        for rule in rules {
            guard let text = rule.when, let matched = tools[rule.path] else { continue }
            let agents = document.agents.filter(rule.concerns)
            guard let agent = agents.first else { continue }
            let meanings = matched.map { meaning(text, $0, agent) }
            undecidable(text, rule.path, rule.id.value, meanings, &findings)
            // A text that looks at the agent may mean another thing for the next one.
            guard agents.count == 1 || !text.source.contains("agent") else { continue }
            if meanings.allSatisfy(\.isAlwaysFalse) {
                findings.add(
                    isForbid ? .forbidWithoutEffect : .guardConstant, at: text.place,
                    path: rule.path,
                    "\(rule.id.value): applies to no call")
            } else if meanings.allSatisfy(\.isNeverFalse) {
                findings.add(
                    .guardConstant, at: text.place, path: rule.path,
                    "\(rule.id.value): a guard that applies to every call",
                    help: "leave the guard out")
            }
        }
    }
}

extension Cell {
    /// Of scopes and elevations.
    fileprivate var allGrants: [GrantSpec] {
        elevations.isEmpty ? grants : grants + elevations.flatMap(\.grants)
    }
}
