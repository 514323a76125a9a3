import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSafety

/// The results of tools that a host executed (docs/specs/coding-agents.md, section 7).
///
/// INVARIANT: a result with a finding is answered by a copy without it, or by a deny, unless the policy says
/// `hooks.on_unredactable: alert` for what the host cannot replace. Kept by `HookResultTests`, `test_hook_results.py`.
extension HookEventService {
    /// Answers the event after a tool. The result is searched while the end of its call is recorded. Durable on return:
    /// the outcome of the call, and what the model reads in place of the result.
    func release(
        _ event: HookEvent, _ observed: ObservedEvent, of hook: AdmittedHook,
        _ exchange: any Exchange
    ) async -> HookVerdict {
        let texts = ResultTexts(event.reported)
        async let inspection = results.inspect(texts, of: hook.principal.agent)
        let closed = await verdict(on: event, of: hook, exchange)
        let verdict = monitor.end(event, observed, closed, of: hook.run)
        let inspected = weighed(await inspection, for: hook.principal.agent)
        if case .found(let findings, _, _) = inspected {
            pipeline.gateway.alarm(canaryIn: findings, for: hook.principal)
        }
        guard let finding = ResultVerdict(inspected) else { return verdict }
        guard let shown = event.redacted(finding.parts, texts: texts) else {
            let reaction = monitor.report(.unredactable(finding.told), by: event, of: hook.run)
            guard reaction == .alert else { return .unredactable }
            return await taint(hook.run, by: .unredactable, .untrusted) ?? verdict
        }
        // A deny withholds the whole result.
        guard verdict.decision == .allow else { return verdict }
        let recorded = await append(redaction(event, finding.told, shown, of: hook), of: hook)
        guard recorded.decision == .allow else { return recorded }
        return HookVerdict(
            .redact(shown), reason: "redacted", text: finding.sentence, record: verdict.record)
    }

    /// A coding agent reads and edits tests, in which numbers are examples: they stay in what its own tools return unless
    /// the policy raises their class.
    private func weighed(
        _ inspection: ResultInspection, for agent: AgentName
    ) -> ResultInspection {
        let replaced = pipeline.gateway.policy.snapshot(for: agent).replacedClasses(isOfHost: true)
        return inspection.weighed(raising: replaced) {
            $0.isOfNumber && !replaced.contains($0.secretClass)
        }
    }

    private func redaction(
        _ event: HookEvent, _ told: HookFinding.Unredactable, _ shown: JSONValue,
        of hook: AdmittedHook
    ) -> RecordDraft {
        var record = callRecord(event, "redacted", of: hook, sealing: shown.serialized())
        record.fields["code"] = .string(told.code)
        record.fields["rules"] = .array(told.rules.map(JSONValue.string))
        return record
    }
}

/// The consequence of an inspection.
private struct ResultVerdict {
    let parts: ResultRedaction
    let told: HookFinding.Unredactable
    let sentence: String

    /// - Returns: nil if nothing was found.
    init?(_ inspection: ResultInspection) {
        switch inspection {
        case .clean, .undecodable, .marked: return nil
        case .failed(let failure):
            parts = ResultRedaction(whole: "not-inspected")
            told = HookFinding.Unredactable(code: failure.rawValue, rules: [])
            sentence = "the result could not be searched (\(failure.rawValue)), so it is withheld"
        case .found(let findings, _, _):
            var parts = ResultRedaction()
            var rules: [String] = []
            for finding in findings {
                let rule = finding.rule.description
                if !rules.contains(where: { sameBytes($0, rule) }) { rules.append(rule) }
                switch finding.extent {
                case .part(let text, let bytes):
                    parts.add(ResultRedaction.Removal(bytes, rule), of: text)
                case .everywhere: parts.addAll(rule)
                }
            }
            self.parts = parts
            told = HookFinding.Unredactable(code: "found", rules: rules)
            sentence = "values that the agent must not read were removed from the result"
        }
    }
}
