import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension HookEventService {
    /// Asks the pipeline about a tool that the host is about to run. Durable on return: the intent, if the call is allowed.
    func decide(
        _ event: HookEvent, _ tool: HookTool, at address: ToolAddress, of hook: AdmittedHook,
        _ exchange: any Exchange
    ) async -> HookVerdict {
        let id: CallID = gateway.newID()
        let turn = FirstAnswer<HookTurn>()
        let agent = gateway.policy.snapshot(for: hook.run.agent).agents[hook.run.agent]
        let longest = event.sender.wait ?? .zero
        let patience = agent?.hooks.map { min($0.wait, longest) } ?? longest
        let call = HostCall(
            fields: event.callFields(gateway), patience: patience, canAskUser: event.canAskUser
        ) { turn.resolve(.allowed($0)) }
        let bytes = JSONValue.object(tool.arguments).serialized().count
        guard gateway.hostCalls.add(call, id, bytes: bytes, of: hook.run.run) else {
            return .tooManyCalls
        }
        let open = OpenHookCall(id, call, event, tool)
        calls.add(open, of: hook.run.run)
        let arguments = HookArguments(event, tool, shell, for: agent).json
        Task { [pipeline, calls] in
            let end = await pipeline.govern(
                host: call, id, tool: address, arguments, of: hook, exchange)
            calls.remove(open, of: hook.run.run)
            open.finish(end)
            turn.resolve(.ended(end))
        }
        let limit = deadline(of: event.sender)
        let timer = Task {
            try? await Task.sleep(for: limit)
            if call.abandon() { turn.resolve(.late) }
        }
        defer { timer.cancel() }
        exchange.onClose { call.abandon() }
        switch await turn.value() {
        case .allowed(let permit):
            // A halt since the decision has ended the call.
            guard call.isOpen else {
                return HookVerdict(
                    .deny, reason: "halted", text: "the call was ended after it was allowed",
                    record: id.decisionID)
            }
            return HookVerdict(permit, record: id.decisionID)
        case .ended(let end):
            return deferring(HookVerdict(unallowed: end, of: id), event, at: address, of: hook)
        case .late:
            return HookVerdict(
                .deny, reason: "late", text: "the decision took too long", record: id.decisionID)
        }
    }

    /// Closes the call that ended. Durable on return: its outcome.
    func close(_ event: HookEvent, of hook: AdmittedHook) async -> HookVerdict {
        // The gateway records the outcome of an MCP tool itself.
        if let tool = event.tool, tool.name.address == nil { return .noted }
        let (result, texts) = (event.result, ResultTexts(event.reported))
        let found = calls.take(event, of: hook.run.run) { $0.end(with: result, texts: texts) }
        guard let open = found else {
            if await isSharedEnd(event, of: hook) {
                noteShared(event, of: hook)
                return .noted
            }
            noteUnmatched(event, of: hook)
            if let refusal = await taint(byUnmatched: event, of: hook) { return refusal }
            return HookVerdict(.allow, reason: "unmatched")
        }
        return HookVerdict(allowed: await open.end(), of: open.id)
    }
}

/// The answers to a hook: the allow, the end of its call without one, or the end of the time.
private enum HookTurn: Sendable {
    case allowed(HostCall.Permit)
    case ended(CallEnd)
    case late
}

extension HookVerdict {
    fileprivate static let tooManyCalls = HookVerdict(
        .deny, reason: "too-many-calls",
        text: "too many calls of this run are open; end the session and begin another")
}

extension HookEvent {
    /// The result of a tool: what the host says of the end of the call.
    fileprivate var result: JSONObject {
        let said = String(decoding: JSONValue.object(details).serialized(), as: UTF8.self)
        return [
            "content": [["type": "text", "text": .string(said)]],
            "isError": .bool(kind == .postToolFailure),
        ]
    }
}

extension HookToolName {
    /// The tool of server `host`; nil for a tool of an MCP server.
    var address: ToolAddress? {
        guard let word = hostTool, let tool = ToolName(word) else { return nil }
        return ToolAddress(server: HookArguments.server, tool: tool)
    }
}
