import InterlockJSON
package import InterlockModel

/// All findings about a policy whose files are valid: its guards (E301 to E315), its lock, and lint errors
/// and warnings as of a time (docs/specs/policy.md, section 7).
package struct PolicyCheck: Sendable {
    /// The findings, sorted; those that a waiver covers are marked.
    package let findings: [Finding]
    let table: ToolTable
    let compiler: CellCompiler
    /// The cells of each agent, in the order of the document's agents.
    let cells: [[Cell]]
    /// The compiled guards, for the snapshot that is made next.
    let guards: [ExactText: Guard]

    /// The minimum number of agents for one thread, because each thread analyses guards for itself.
    static let leastAgents = 250

    package init(
        _ document: PolicyDocument, lock: LockUse = .ignored, with engines: PolicyEngines,
        at now: Timestamp
    ) {
        let table = ToolTable(document)
        let compiler = CellCompiler(document: document, table: table, at: now)
        self.table = table
        self.compiler = compiler
        let common = AgentsCheck.Common(
            document: document, table: table, compiler: compiler,
            domains: inputDomains(of: table, lock.lock), lock: lock.lock, engines: engines, now: now
        )
        let agents = engines.workers.map(
            runsOf: document.agents.count, least: Self.leastAgents
        ) { AgentsCheck(document.agents[$0], common) }
        cells = agents.flatMap(\.cells)
        var found = Findings()
        for part in agents { found.add(contentsOf: part.findings.unsorted) }
        lintOrganisation(document, table, at: now, &found)
        lintElevations(document, table, at: now, &found)
        lintLock(document, lock, &found)
        checkUnits(document, lock.lock, &found)
        found.add(
            contentsOf: FlowCheck(document, table, cells, lock.lock, at: now).run().unsorted)
        lintCuts(document, lock.lock, &found)
        checkHookUsers(document, &found)
        lintTasks(document, table, cells, &found)
        lintSafety(document, at: now, &found)
        let rules = GuardCompiler(
            engines, lock: lock.lock, resources: table.templates,
            given: agents.reduce(into: [:]) { $0.merge($1.guards) { first, _ in first } })
        var guardCheck = GuardCheck(document: document, table: table, guards: rules)
        guardCheck.checkRules()
        guards = rules.guards
        found.add(contentsOf: rules.findings)
        // A guard may mean nothing if there are E findings.
        if !found.hasErrors {
            for part in agents { found.add(contentsOf: part.meanings.unsorted) }
            let lint = GuardLint(document: document, table: table, domains: common.domains)
            lint.rules(document.forbids, isForbid: true, &found)
            lint.rules(document.effectRules, isForbid: false, &found)
        }
        checkZones(document, engines.zones, &found)
        findings = Waiving(document: document, now: now).apply(to: found.unsorted)
    }
}

/// Marks warnings that a waiver covers, and reports waivers without effect.
private struct Waiving {
    let document: PolicyDocument
    let now: Timestamp

    /// The warnings that only `policy check` finds: by pages, by the log and by templates.
    private static let notComputed: Set<FindingCode> = [
        .pageTooLong, .scopeUnused, .unitInTemplate, .taskWithoutPreview,
    ]

    func apply(to findings: [Finding]) -> [Finding] {
        guard !document.waivers.isEmpty else { return findings.byPlace }
        var used: Set<Int> = []
        var all = Findings()
        for finding in findings {
            var finding = finding
            if finding.code.grade == .warning {
                for (index, waiver) in document.waivers.enumerated()
                where waiver.concerns(finding) {
                    used.insert(index)
                    if waiver.isLive(at: now) { finding.waived = true }
                }
            }
            all.add(finding)
        }
        for (index, waiver) in document.waivers.enumerated() {
            // A waiver of a warning that a load does not compute must not be reported as unused.
            let code = FindingCode(rawValue: waiver.lint)
            let isComputed = code.map { !Self.notComputed.contains($0) } ?? false
            let isUnused = isComputed && !used.contains(index)
            guard let problem = waiver.problem(at: now) ?? (isUnused ? "matches nothing" : nil)
            else { continue }
            all.add(
                .uselessWaiver, at: waiver, "waivers: \(waiver.lint) at `\(waiver.at)` \(problem)")
        }
        return all.all
    }
}

extension PolicyDocument {
    /// Returns true if a live waiver covers the finding.
    package func waives(_ finding: Finding, at now: Timestamp) -> Bool {
        waivers.contains { $0.concerns(finding) && $0.isLive(at: now) }
    }
}

extension WaiverSpec {
    /// Returns true if the waiver is of this warning at this place, whether or not it has ended.
    func concerns(_ finding: Finding) -> Bool {
        lint == finding.code.rawValue && covers(finding.path)
    }

    /// Returns true through the waiver's last day, which must be at most 180 days ahead.
    func isLive(at now: Timestamp) -> Bool { problem(at: now) == nil }

    func problem(at now: Timestamp) -> String? { until.waiverProblem(at: now, mostDays: 180) }
}
