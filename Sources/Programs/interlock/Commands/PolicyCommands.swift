import InterlockCommandLine
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview

extension Command {
    static let policyCheck = Command(
        "policy check [PATH]", "read a policy and report every finding",
        example: "interlock policy check policy",
        options: PolicyInput.options + [
            Option("--strict", "also fail on warnings that are not waived"),
            Option(
                "--served",
                "also report what `serve` refuses, and what cannot act at the stages of agents"),
            Option("--used", "also report scopes that no call used for 30 days, by the log of DIR"),
        ],
        exits: [.no, .data, .notFound, .io],
        notes:
            "Exit 0: clean. 1: lint errors, or warnings with --strict. 65: nothing can be compiled."
    ) { invocation in
        let path = try PolicyInput.path(invocation, named: invocation.positional.first)
        let now = try PolicyInput.time(invocation)
        let reading = try LoadedPolicy.read(path)
        let lock: LockUse
        do throws(LockFile.Unusable) {
            lock = try LockFile.named(by: invocation, beside: path)
        } catch {
            show([error.finding], invocation)
            return .data
        }
        var findings = reading.report(lock: lock, with: .system, at: now)
        if let document = reading.document {
            let templates = try TemplateFiles.named(beside: path).read(for: document)
            findings += templates.findings.map { document.waiving($0, at: now) }
            findings += try CriteriaFile.findings(beside: path)
                .map { document.waiving($0, at: now) }
            if invocation.has("served") {
                try SafetyRuleFiles.check(beside: path)
                findings += Enforcement.unsupported(document)
                let stages = ServedStages.known(to: invocation)
                findings += UnearnedRows(document, at: now, trust: { stages[$0] }).findings
            }
        }
        let isCompiled = !findings.contains { $0.code.grade == .error }
        if isCompiled, let snapshot = try? LoadedPolicy(reading, lock: lock, at: now).snapshot {
            findings += LongPages(snapshot, at: now).findings
            if invocation.has("used") { findings += try unusedScopes(snapshot, invocation, now) }
        }
        show(findings, invocation)
        return verdict(findings, isCompiled: isCompiled, strict: invocation.has("strict"))
    }
}

extension PolicyDocument {
    /// The finding, marked if it is a warning that a live waiver covers.
    fileprivate func waiving(_ finding: Finding, at now: Timestamp) -> Finding {
        var finding = finding
        finding.waived = finding.code.grade == .warning && waives(finding, at: now)
        return finding
    }
}

private func unusedScopes(
    _ policy: PolicySnapshot, _ invocation: Invocation, _ now: Timestamp
) throws -> [Finding] {
    let start = now + (.zero - UnusedScopes.window)
    let use = try PolicyUse(try AuditLog(invocation), from: start, until: now)
    return UnusedScopes(policy, earlier: use.policies, used: use.used, at: now).findings
}

private func show(_ findings: [Finding], _ invocation: Invocation) {
    for finding in findings {
        guard !invocation.isJSON else {
            Output.json(finding.jsonWithRemedy)
            continue
        }
        let text = finding.textWithRemedy
        let emphasis: TerminalStyle.Emphasis = finding.code.grade == .warning ? .yellow : .red
        Output.line(TerminalStyle.output.emphasized(text, emphasis))
    }
}

private func verdict(_ findings: [Finding], isCompiled: Bool, strict: Bool) -> Exit {
    guard isCompiled else { return .data }
    let counts = findings.contains { finding in
        switch finding.code.grade {
        case .error, .lint, .unsupported: true
        case .warning: strict && !finding.waived
        case .unearned: false
        }
    }
    return counts ? .no : .ok
}
