import InterlockJSON
package import InterlockModel

/// Everything to say about a policy whose files are sound: its guards (E301 to E315), its lock, and
/// lint errors and warnings judged at a time (specs of the policy, 7).
package struct PolicyCheck: Sendable {
    /// Sorted; those that a waiver covers are marked.
    package let findings: [Finding]
    let table: ToolTable
    let compiler: CellCompiler
    /// Of each agent, in the order of the document's agents.
    let cells: [[Cell]]
    /// For the snapshot that is made next.
    let guards: [ExactText: Guard]

    /// Agents that one thread judges at least, because what it finds out about a guard it finds out for
    /// itself.
    static let leastAgents = 250

    package init(
        _ document: PolicyDocument, lock: LockUse = .ignored, with engines: PolicyEngines,
        at now: Timestamp
    ) {
        let table = ToolTable(document)
        let compiler = CellCompiler(document: document, table: table)
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
        let rules = GuardCompiler(
            engines, lock: lock.lock, resources: table.templates,
            given: agents.reduce(into: [:]) { $0.merge($1.guards) { first, _ in first } })
        var guardCheck = GuardCheck(document: document, table: table, guards: rules)
        guardCheck.checkRules()
        guards = rules.guards
        found.add(contentsOf: rules.findings)
        // With E findings a guard may mean nothing.
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

/// Marks warnings that somebody answers for, and reports waivers that do nothing.
private struct Waiving {
    let document: PolicyDocument
    let now: Timestamp

    func apply(to findings: [Finding]) -> [Finding] {
        guard !document.waivers.isEmpty else { return findings.byPlace }
        var used: Set<Int> = []
        var all = Findings()
        for finding in findings {
            var finding = finding
            if finding.code.grade == .warning {
                for (index, waiver) in document.waivers.enumerated()
                where waiver.lint == finding.code.rawValue && waiver.covers(finding.path) {
                    used.insert(index)
                    if waiver.isLive(at: now) { finding.waived = true }
                }
            }
            all.add(finding)
        }
        for (index, waiver) in document.waivers.enumerated() {
            // Warnings that this version does not compute cannot be said to match nothing.
            let isComputed = FindingCode(rawValue: waiver.lint) != nil
            let problem: String
            if now >= waiver.until.end {
                problem = "ended on \(waiver.until.text)"
            } else if !waiver.isLive(at: now) {
                problem = "reaches more than 180 days ahead"
            } else if isComputed, !used.contains(index) {
                problem = "matches nothing"
            } else {
                continue
            }
            all.add(
                .uselessWaiver, at: waiver.place, path: waiver.path,
                "waivers: \(waiver.lint) at `\(waiver.at)` \(problem)")
        }
        return all.all
    }
}

extension WaiverSpec {
    /// Through its last day, which is at most 180 days ahead.
    func isLive(at now: Timestamp) -> Bool {
        now < until.end && until.end < now + .seconds(181 * 86_400)
    }
}
