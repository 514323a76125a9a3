import InterlockAlerts
import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization

/// Records and alerts of findings, and their effect.
extension HookMonitorService {
    /// Acts on a finding, then records it, and raises one alert for each run and kind.
    ///
    /// - Parameter event: the event that shows it, or nil for a finding that is not in the chain of the run, which may
    ///   have ended.
    /// - Returns: the effect on the run, or nil if the finding has none.
    @discardableResult
    func report(
        _ finding: HookFinding, by event: HookEvent? = nil, of run: RunContext
    ) -> HooksSpec.Reaction? {
        let reaction = finding.effect.map { self.reaction(to: run.agent, $0) }
        if let reaction, let effect = finding.effect { act(reaction, effect, on: run.run) }
        record(finding, by: event, of: run, reaction)
        let isNews = runs.withLock { runs in
            runs.change(run.run) { $0.noticed.insert(finding.type).inserted } ?? true
        }
        if isNews {
            gateway.raise(
                alarm: finding.type.rawValue, about: run.run, of: run.agent,
                finding.severity(of: event))
        }
        return reaction
    }

    private func reaction(
        to agent: AgentName, _ effect: HookFinding.Consequence
    ) -> HooksSpec.Reaction {
        let hooks = gateway.policy.snapshot(for: agent).agents[agent]?.hooks
        switch effect {
        case .bypass: return hooks?.onBypass ?? .kill
        case .unredactable: return hooks?.onUnredactable ?? .kill
        }
    }

    /// Ends the run unless its policy only wants an alert. Nothing of a run that went past its hook is approved from now
    /// on, in both cases.
    private func act(
        _ reaction: HooksSpec.Reaction, _ effect: HookFinding.Consequence, on run: RunID
    ) {
        guard !gateway.ledger.hasEnded(run: run) else { return }
        if effect == .bypass { gateway.runs.distrusted.add(run) }
        guard reaction == .kill else { return }
        let answer: HookVerdict = effect == .bypass ? .bypassed : .unredactable
        let now = gateway.clock.boot
        let isFirst = runs.withLock { runs in
            runs.change(run) { known in
                defer {
                    known.ordered = known.ordered ?? HookedRun.EndOrder(at: now, answer: answer)
                }
                return known.ordered == nil
            } ?? true
        }
        if isFirst { stop(run, answer.reason) }
    }

    private func record(
        _ finding: HookFinding, by event: HookEvent?, of run: RunContext,
        _ reaction: HooksSpec.Reaction?
    ) {
        var fields = fields(of: finding, by: event)
        fields["verdict"] = reaction.map { .string($0.rawValue) }
        if finding.isInChain {
            return gateway.note(
                hook: gateway.records.record(finding.type, run: run, fields: fields, sealing: []),
                of: run)
        }
        fields["ofrun"] = .string(run.run.text)
        fields["agent"] = .string(run.agent.text)
        gateway.ledger.note(
            gateway.records.record(
                finding.type, run: nil, fields: fields, sealing: finding.payloads))
    }

    private func fields(of finding: HookFinding, by event: HookEvent?) -> JSONObject {
        switch finding {
        case .bypassed(let why):
            var fields = event?.callFields(gateway) ?? [:]
            fields["code"] = .string(why.rawValue)
            fields["tool"] = event?.tool.flatMap(\.name.leafName).map { .string($0.leafText) }
            return fields
        case .configChanged:
            var fields = event?.fields(gateway) ?? [:]
            let said = JSONValue.object(event?.details ?? [:])
            let source = event?.details["source"]?.string
            fields["src"] = source.map { .string(gateway.leafName($0)) }
            fields["fp"] = .string(
                gateway.approvals.hashing.sha256((try? said.canonical()) ?? said.serialized())
                    .base64)
            return fields
        case .silent(let call, let tool):
            return ["call": .string(call.text), "tool": .string(gateway.leafName(tool.text))]
        case .unexplained(let paths): return ["cnt": .integer(Int64(paths.count))]
        case .unmanaged(let why):
            var fields: JSONObject = ["code": .string(why.rawValue)]
            fields["host"] = event.map { .string($0.sender.name) }
            fields["ses"] = event.map { .string(gateway.leafName($0.session)) }
            return fields
        case .unredactable(let why):
            var fields = event?.callFields(gateway) ?? [:]
            fields["ev"] = event.map { .string($0.kind.rawValue) }
            fields["tool"] = event?.tool.flatMap(\.name.leafName).map { .string($0.leafText) }
            fields["code"] = .string(why.code)
            fields["rules"] = .array(why.rules.map(JSONValue.string))
            return fields
        case .unreadable(let event):
            var fields = event.sessionFields(gateway)
            fields["ev"] = .string(event.kind?.rawValue ?? "unknown")
            fields["code"] = "unreadable"
            fields["rules"] = .array([])
            return fields
        }
    }
}

extension HookFinding {
    /// True if an event of the run shows it.
    fileprivate var isInChain: Bool {
        switch self {
        case .bypassed, .configChanged, .unredactable, .unreadable: true
        case .silent, .unexplained, .unmanaged: false
        }
    }

    fileprivate var payloads: [(field: String, plaintext: [UInt8])] {
        guard case .unexplained(let paths) = self else { return [] }
        return [("changes", JSONValue.array(paths.map(JSONValue.string)).serialized())]
    }

    /// Is nil for the default of the alert. Other settings than the managed ones are the user's own to change.
    fileprivate func severity(of event: HookEvent?) -> AlertSeverity? {
        guard case .configChanged = self, let source = event?.details["source"]?.string else {
            return nil
        }
        return sameBytes(source, "policy_settings") ? .page : nil
    }
}

extension HookToolName {
    /// The name in records: `host.read`, or `server.tool` if that is a legal name.
    var leafName: String? {
        switch self {
        case .mcp(let server, let tool):
            guard let server = ServerName(server.text), let tool = ToolName(tool.text) else {
                return nil
            }
            return "\(server).\(tool)"
        case .shell, .read, .write, .edit, .search, .fetch, .agent, .other: return wire
        }
    }
}
