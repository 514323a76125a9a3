package import InterlockModel

/// Everything to say about a policy whose files are sound: its guards (E301 to E315), its lock, and
/// lint errors and warnings judged at a time (specs of the policy, 7).
package struct PolicyCheck: Sendable {
    /// Sorted; those that a waiver covers are marked.
    package let findings: [Finding]
    let table: ToolTable
    let compiler: CellCompiler
    let cells: [AgentName: [Cell]]

    package init(
        _ document: PolicyDocument, lock: LockUse = .ignored, with engines: PolicyEngines,
        at now: Timestamp
    ) {
        self.init(
            document, lock, GuardCompiler(engines, lock: lock.lock), with: engines, at: now)
    }

    /// - Parameter guards: remembers what it compiles, for the snapshot that is made next.
    init(
        _ document: PolicyDocument, _ lock: LockUse, _ guards: GuardCompiler,
        with engines: PolicyEngines, at now: Timestamp
    ) {
        let table = ToolTable(document)
        let compiler = CellCompiler(document: document, table: table)
        var cells: [AgentName: [Cell]] = [:]
        for agent in document.agents { cells[agent.name] = compiler.cells(of: agent) }
        self.table = table
        self.compiler = compiler
        self.cells = cells
        var found = Findings()
        lintOrganisation(document, table, at: now, &found)
        for agent in document.agents {
            let lint = AgentLint(
                document: document, table: table, agent: agent, cells: cells[agent.name] ?? [],
                now: now)
            lint.run(&found)
        }
        lintElevations(document, table, at: now, &found)
        lintLock(document, lock, &found)
        var guardCheck = GuardCheck(document: document, table: table, guards: guards)
        guardCheck.run()
        found.add(contentsOf: guards.findings)
        lintGuards(document, table, cells, lock: lock.lock, &found)
        checkZones(document, engines.zones, &found)
        findings = Waiving(document: document, now: now).apply(to: found.unsorted)
    }
}

/// Marks warnings that somebody answers for, and reports waivers that do nothing.
private struct Waiving {
    let document: PolicyDocument
    let now: Timestamp

    func apply(to findings: [Finding]) -> [Finding] {
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
