import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockSafety

/// Text that calls carry out in addition to their effects (docs/specs/output-safety.md, section 7, "Egress side
/// channels"). Counts for agents whose policy has `taint`.
extension Gateway {
    /// Returns what a call of a tool that sends, or of a server that is not internal, would carry out.
    func sideChannel(
        of request: DecisionRequest, by principal: Principal, under policy: PolicySnapshot,
        isTainted: Bool
    ) -> DecisionFacts.SideChannel? {
        let server = request.address.server
        guard isBound(principal.agent, under: policy),
            policy.flow(of: request.address).sends || !policy.isInternal(server)
        else { return nil }
        let run = principal.run
        let isUnknown = isRestored(run)
        let hasSensitive = runs.sensitive.mayHaveText(of: run, isUnknown: isUnknown)
        guard hasSensitive || isTainted else { return nil }
        let tool = policy.servers[server]?.tools[request.address.tool]
        let sent = SentTexts(request.arguments, isRead: tool?.toolClass == .read)
        guard !sent.isTooLong else { return hasSensitive ? .sensitiveText : .longQuery }
        if hasSensitive,
            runs.sensitive.isAny(
                of: sent.texts, in: run, sentTo: server, isUnknown: isUnknown)
        {
            return .sensitiveText
        }
        guard isTainted, sent.targets.contains(where: { isLongQuery($0, in: run) }) else {
            return nil
        }
        return .longQuery
    }

    /// Adds what a call with the effect `sensitive_data` brings its run, which is known on return. Must return before the
    /// run can get it. The result of a coding agent's own tool does not pass the gateway.
    func index(sensitive content: JSONValue, of recorded: RecordedCall) async {
        let call = recorded.call
        let (run, agent) = (call.principal.run, call.principal.agent)
        guard recorded.decision.effects.has(.sensitiveData), !call.isPreview, call.host == nil,
            isBound(agent, under: policy.snapshot(for: agent))
        else { return }
        let server = recorded.address.server
        let isUnknown = isRestored(run)
        guard LabelIndex.isLong(content) else {
            return runs.sensitive.add(
                content, of: server, to: run, of: agent, ports.entropy, isUnknown: isUnknown)
        }
        await Task.detached {
            self.runs.sensitive.add(
                content, of: server, to: run, of: agent, self.ports.entropy,
                isUnknown: isUnknown)
        }.value
    }

    /// Adds the user's own words.
    func add(sensitiveRequest text: String, of run: RunContext) {
        guard isBound(run.agent, under: policy.snapshot(for: run.agent)) else { return }
        let isUnknown = isRestored(run.run)
        runs.sensitive.update(run.run, of: run.agent, ports.entropy, isUnknown: isUnknown) {
            $0.add(request: text)
        }
    }

    private func isBound(_ agent: AgentName, under policy: PolicySnapshot) -> Bool {
        policy.agents[agent]?.spec.taint != nil
    }

    /// True if the run has read untrusted content before this start of the gateway, so that it may have read anything.
    private func isRestored(_ run: RunID) -> Bool {
        runs.tainted.taint(of: run).map { $0.first.isRestored } ?? false
    }
}
