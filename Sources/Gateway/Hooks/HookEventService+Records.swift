import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts

/// The records of events that are no calls of server `host` (docs/specs/coding-agents.md, section 9).
extension HookEventService {
    /// Passes on a call of an MCP tool, which the gateway decides when it comes there; refuses one of any other server.
    /// Durable on return: the record, if the call is passed on.
    func pass(_ event: HookEvent, _ tool: HookTool, of hook: AdmittedHook) async -> HookVerdict {
        guard managed.contains(tool.server) else {
            gateway.countRefusedConnection(of: hook.run.agent, code: "hook.unmanaged_server")
            gateway.note(
                hook: callRecord(event, "refused", of: hook, sealing: tool.said), of: hook.run)
            return HookVerdict(
                .deny, reason: "unmanaged-server",
                text: "the gateway does not decide about this MCP server, so none of its tools runs"
            )
        }
        return await append(callRecord(event, "passed", of: hook, sealing: tool.said), of: hook)
    }

    /// Records the end of a call that no open intent began.
    func noteUnmatched(_ event: HookEvent, of hook: AdmittedHook) {
        gateway.note(hook: callRecord(event, "unmatched", of: hook, sealing: nil), of: hook.run)
    }

    /// Records a prompt, and adds the user's words to what the run's values are compared with. Durable on return; a
    /// prompt that is not on record is blocked.
    func take(prompt event: HookEvent, of hook: AdmittedHook) async -> HookVerdict {
        let input = event.input
        var fields = event.callFields(gateway)
        fields["src"] = input.isOfUser ? "user" : "hook"
        var payloads = [("text", input.text)]
        if let rest = input.rest { payloads.append(("said", rest)) }
        let verdict = await append(
            gateway.records.record(.runInput, run: hook.run, fields: fields, sealing: payloads),
            of: hook)
        guard verdict.decision == .allow else { return verdict }
        if let refusal = await taint(byUnseen: event, of: hook) { return refusal }
        // The prompt of a subagent is its agent's.
        if input.isOfUser, event.agent == nil {
            gateway.index(request: String(decoding: input.text, as: UTF8.self), of: hook.run)
        }
        return verdict
    }

    /// Records what a hook tells of its session. Only a session that begins is refused if that fails.
    func note(_ event: HookEvent, of hook: AdmittedHook) async -> HookVerdict {
        var fields = event.fields(gateway)
        event.addProgram(to: &fields, gateway)
        event.addContext(to: &fields, gateway)
        fields["hev"] = .string(gateway.leafName(event.hostName))
        let said = event.details.isEmpty ? nil : JSONValue.object(event.details).serialized()
        let record = gateway.records.record(
            .hookSession, run: hook.run, fields: fields, sealing: said.map { [("said", $0)] } ?? [])
        guard event.kind == .sessionStart else {
            gateway.note(hook: record, of: hook.run)
            return await taint(byUnseen: event, of: hook) ?? .noted
        }
        return await append(record, of: hook)
    }

    func append(_ record: RecordDraft, of hook: AdmittedHook) async -> HookVerdict {
        do throws(LedgerRefusal) {
            try await gateway.record(hook: record, of: hook.run)
            return .noted
        } catch { return .unrecorded(error.code) }
    }

    /// - Parameter approval: the request that a deferred call waits for.
    func callRecord(
        _ event: HookEvent, _ kind: String, of hook: AdmittedHook, sealing said: [UInt8]?,
        approval: ApprovalID? = nil
    ) -> RecordDraft {
        var fields = event.fields(gateway)
        fields["dec"] = .string(kind)
        fields["appr"] = approval.map { .string($0.text) }
        fields["hcall"] = event.call.map { .string(gateway.leafName($0)) }
        if let tool = event.tool, tool.isMCP {
            fields["tool"] = tool.name.leafName.map { .string($0.leafText) }
        }
        return gateway.records.record(
            .hookCall, run: hook.run, fields: fields, sealing: said.map { [("said", $0)] } ?? [])
    }
}

extension HookTool {
    /// The tool, its server and its arguments.
    var said: [UInt8] {
        var said: JSONObject = [
            "tool": .string(hostName), "arguments": .object(arguments),
        ]
        if let server {
            var told: JSONObject = [:]
            told["name"] = server.name.map(JSONValue.string)
            told["url"] = server.url.map(JSONValue.string)
            told["command"] = server.command.map { .array($0.map(JSONValue.string)) }
            told["source"] = server.source.map(JSONValue.string)
            said["server"] = .object(told)
        }
        return JSONValue.object(said).serialized()
    }
}

extension HookEvent {
    /// The fields of an event's own record.
    func fields(_ gateway: Gateway) -> JSONObject {
        var fields = agentFields(gateway)
        fields["ev"] = .string(kind.rawValue)
        fields["kind"] = agentKind.map { .string(gateway.leafName($0)) }
        return fields
    }

    /// The fields of a call's record.
    func callFields(_ gateway: Gateway) -> JSONObject {
        var fields = agentFields(gateway)
        fields["hcall"] = call.map { .string(gateway.leafName($0)) }
        return fields
    }

    /// The host and its session.
    func sessionFields(_ gateway: Gateway) -> JSONObject {
        ["host": .string(sender.name), "ses": .string(gateway.leafName(session))]
    }

    /// The version of the host, and the mode in which it runs.
    func addProgram(to fields: inout JSONObject, _ gateway: Gateway) {
        fields["hv"] = hostVersion.map { .string(gateway.leafName($0)) }
        fields["mode"] = mode.map { .string(gateway.leafName($0)) }
    }

    /// The text that a prompt hands over. Only the words of the user count as theirs: what a host expands is text of its
    /// files.
    fileprivate var input: (text: [UInt8], isOfUser: Bool, rest: [UInt8]?) {
        guard !sameBytes(hostName, "UserPromptExpansion"), let text = details["prompt"]?.string
        else { return (JSONValue.object(details).serialized(), false, nil) }
        let rest = details.members.filter { $0.key != "prompt" }
        let said = JSONValue.object(JSONObject(distinct: rest)).serialized()
        return (Array(text.utf8), true, rest.isEmpty ? nil : said)
    }

    /// The model and the file of instructions that a session has from now on, as the host says. The members of the events
    /// of a model switch are not verified; the payload has all of them.
    fileprivate func addContext(to fields: inout JSONObject, _ gateway: Gateway) {
        func name(_ text: String?) -> JSONValue? { text.map { .string(gateway.leafName($0)) } }
        switch kind {
        case .sessionStart, .modelSwitch: fields["model"] = name(namedModel)
        case .instructions:
            fields["path"] = name(details["file_path"]?.string.flatMap { $0.isEmpty ? nil : $0 })
        case .preTool, .postTool, .postToolFailure, .prompt, .sessionEnd, .subagentStart,
            .subagentStop, .configChange, .directory, .permission, .other:
            break
        }
    }

    private func agentFields(_ gateway: Gateway) -> JSONObject {
        var fields = sessionFields(gateway)
        fields["sub"] = agent.map { .string(gateway.leafName($0)) }
        fields["par"] = parentAgent.map { .string(gateway.leafName($0)) }
        return fields
    }
}

extension UnreadableEvent {
    /// The host and its session, as far as they are known.
    func sessionFields(_ gateway: Gateway) -> JSONObject {
        guard let origin else { return [:] }
        return [
            "host": .string(origin.sender.name), "ses": .string(gateway.leafName(origin.session)),
        ]
    }
}

extension Gateway {
    /// A name that a host made, as leaves may have it: itself if it is a short identifier, else its digest.
    func leafName(_ text: String) -> String {
        let isIdentifier = text.utf8.allSatisfy {
            isLetter($0) || isDigit($0) || "._-".utf8.contains($0)
        }
        if isIdentifier, (1...64).contains(text.utf8.count) { return text }
        return "sha256:" + approvals.hashing.sha256(Array(text.utf8)).base64
    }
}
