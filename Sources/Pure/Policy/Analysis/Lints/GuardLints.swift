import InterlockJSON
import InterlockModel

/// The domains of the tools whose arguments the lock types, by number of the tool.
func inputDomains(of table: ToolTable, _ lock: PolicyLock?) -> [Int: InputDomain] {
    var domains: [Int: InputDomain] = [:]
    for number in table.rows.indices {
        let schema = lock?.inputSchema(of: table.rows[number].address)
        domains[number] = schema.map(InputDomain.init(schema:))
    }
    return domains
}

/// The lints that depend on the meaning of guards: W201, W202, W203, W206, W208 and W221
/// (docs/specs/policy.md, section 7.3). Each text is analysed once for each tool with a schema of its own,
/// regardless of how many agents use it.
struct GuardLint {
    let document: PolicyDocument
    let table: ToolTable
    let domains: [Int: InputDomain]
    private let truths = GuardTruths()
    private let meanings = GuardMeanings()
    private let texts: GuardTexts

    init(document: PolicyDocument, table: ToolTable, domains: [Int: InputDomain]) {
        self.document = document
        self.table = table
        self.domains = domains
        texts = GuardTexts(truths)
    }

    private func meaning(_ text: GuardText, _ tool: Int, _ agent: AgentSpec) -> GuardMeaning {
        let use = GuardUse(
            text: ExactText(text.source),
            tool: domains[tool] != nil || texts[text].readsCell ? tool : nil,
            constants: texts[text].readsCell
                ? guardConstants(table.rows[tool], agent, agent.writtenStage) : [:])
        return meanings.known(use) {
            let context = GuardContext(domain: domain(tool), constants: use.constants)
            let truth = try? truths.truth(of: text, for: use.tool, in: context)
            return GuardMeaning(truth, in: context.domain)
        }
    }

    /// A guarded grant and the reachable cells that it contributes to.
    private struct GrantUse {
        let grant: GrantSpec
        let text: GuardText
        /// The cells, at least one.
        var cells: [Cell] = []
        /// True if only the meaning of the text matters: no limit, forbid or schema is involved.
        var isTextAll = true
    }

    /// A grant and one of the tools that it covers.
    private struct Use {
        let grant: GrantSpec
        let cell: Cell
        let tool: Int
    }

    /// The tools for which a text can have different meanings. One represents all, unless a schema or a
    /// rule distinguishes them.
    private func told(_ text: GuardText, of cell: Cell) -> ArraySlice<Int> {
        let isSame =
            !texts[text].readsCell
            && cell.forbids.allSatisfy { $0.when.map { !texts[$0].readsCell } ?? true }
            && cell.tools.allSatisfy { domains[$0] == nil }
        return isSame ? cell.tools.prefix(1) : cell.tools[...]
    }

    private func domain(_ tool: Int) -> InputDomain { domains[tool] ?? .untyped }

    /// The guarded grants of an agent, each with the reachable cells that use it.
    private func uses(_ cells: [Cell], of agent: AgentSpec) -> [GrantUse] {
        var all: [GrantUse] = []
        var known: [ObjectIdentifier: Int] = [:]
        for cell in cells where cell.isReachable {
            let isTextAll =
                agent.limits.isEmpty && cell.forbids.isEmpty
                && (domains.isEmpty || cell.tools.allSatisfy { domains[$0] == nil })
            for grant in cell.allGrants {
                guard let text = grant.when else { continue }
                let place = known[ObjectIdentifier(grant)] ?? all.count
                if place == all.count {
                    known[ObjectIdentifier(grant)] = place
                    all.append(GrantUse(grant: grant, text: text))
                }
                all[place].cells.append(cell)
                if !isTextAll { all[place].isTextAll = false }
            }
        }
        return all
    }

    func grants(of agent: AgentSpec, _ cells: [Cell], _ findings: inout Findings) {
        for use in uses(cells, of: agent) {
            let facts = texts[use.text]
            if use.isTextAll, facts.isPlain { continue }
            let server = use.cells[0].kind.server
            if let offset = facts.negatedTest {
                findings.add(
                    .negatedTest, at: use.text.place(ofOffset: offset), path: use.grant.path,
                    subject: agent.name, "\(server): a grant of all that is not named",
                    help: "name what is granted: `==`, `in`, `startsWith`")
            }
            if use.isTextAll, let meaning = facts.meaning {
                constancy([meaning], use, server, agent, &findings)
            } else {
                inCells(use, server, agent, &findings)
            }
        }
    }

    /// Reports on a grant whose findings depend on more than its text.
    private func inCells(
        _ use: GrantUse, _ server: String, _ agent: AgentSpec, _ findings: inout Findings
    ) {
        let all = use.cells.flatMap { cell in
            told(use.text, of: cell).map { Use(grant: use.grant, cell: cell, tool: $0) }
        }
        let meant = all.map { (meaning: meaning(use.text, $0.tool, agent), use: $0) }
        let isConstant = constancy(meant.map(\.meaning), use, server, agent, &findings)
        if !isConstant, let forbids = coveringForbids(meant, agent) {
            findings.add(
                .grantWithoutEffect, at: use.grant, subject: agent.name,
                "\(server): a grant of calls that are all forbidden, by \(forbids.text)",
                help: forbids.help)
        }
        unboundedSpend(agent, all, use.text, &findings)
    }

    /// Reports a guard that is constant or undecidable.
    ///
    /// - Returns: true if the guard is never true or always true.
    @discardableResult private func constancy(
        _ meanings: [GuardMeaning], _ use: GrantUse, _ server: String, _ agent: AgentSpec,
        _ findings: inout Findings
    ) -> Bool {
        undecidable(use.text, use.grant.path, server, meanings, &findings)
        let isNever = meanings.allSatisfy(\.isNeverTrue)
        guard isNever || meanings.allSatisfy(\.isAlwaysTrue) else { return false }
        findings.add(
            .guardConstant, at: use.text.place, path: use.grant.path, subject: agent.name,
            "\(server): a guard that is \(isNever ? "never" : "always") true",
            help: isNever ? nil : "leave it out")
        return true
    }

    /// The forbids that together cover everything that a grant gives, or nil if something is left.
    private func coveringForbids(
        _ meant: [(meaning: GuardMeaning, use: Use)], _ agent: AgentSpec
    ) -> ForbidNames? {
        var all: [RuleSpec] = []
        for (meaning, use) in meant {
            guard let forbids = coveringForbids(meaning, use, agent) else { return nil }
            all += forbids
        }
        return ForbidNames(all)
    }

    private func coveringForbids(
        _ meaning: GuardMeaning, _ use: Use, _ agent: AgentSpec
    ) -> [RuleSpec]? {
        guard var left = meaning.truth?.isTrue, !use.cell.forbids.isEmpty else { return nil }
        let domain = domain(use.tool)
        var forbids: [RuleSpec] = []
        for rule in use.cell.forbids where !left.isShownEmpty(in: domain) {
            guard let text = rule.when, let forbidden = self.meaning(text, use.tool, agent).truth,
                let met = try? left.intersection(forbidden.isNotFalse),
                let rest = try? left.intersection(forbidden.isFalse)
            else { return nil }
            if !met.isShownEmpty(in: domain) { forbids.append(rule) }
            left = rest
        }
        return left.isShownEmpty(in: domain) ? forbids : nil
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

    /// Reports an argument with a spend limit that the grant leaves without an upper bound (W208).
    private func unboundedSpend(
        _ agent: AgentSpec, _ uses: [Use], _ text: GuardText, _ findings: inout Findings
    ) {
        for limit in agent.limits {
            guard case .spend(let name, let field) = limit.subject,
                case .tool(let tool) = document.resolver.resolve(name, for: agent),
                let use = uses.first(where: { table.rows[$0.tool].address == tool }),
                use.cell.allEffects.has(.spendsMoney)
            else { continue }
            let path = InputPath.place(field.split(separator: ".").map(String.init))
            let domain = domain(use.tool)
            let isBounded = meaning(text, use.tool, agent).truth?.isTrue.cubes.allSatisfy { cube in
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

    /// Reports forbids and effect rules whose guard applies to no call or to every call, or is not
    /// decidable.
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
            // A text that reads the agent may have another meaning for the next agent.
            guard agents.count == 1 || !text.source.contains("agent") else { continue }
            if meanings.allSatisfy(\.isAlwaysFalse) {
                findings.add(
                    isForbid ? .forbidWithoutEffect : .guardConstant, at: text.place,
                    path: rule.path, "\(rule.id.value): applies to no call")
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
    /// The grants of scopes and elevations.
    fileprivate var allGrants: [GrantSpec] {
        elevations.isEmpty ? grants : grants + elevations.flatMap(\.grants)
    }
}
