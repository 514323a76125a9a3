package import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockPolicy

/// A call with a legal tool name and canonical arguments; they fit the pinned schema when the caller
/// may know of the tool at all. Whether it may is for `decide` to say.
package final class ResolvedCall: Sendable {
    package let call: Call
    package let address: ToolAddress
    /// nil when the tool has no standing pin: `decide` refuses it as quarantined.
    package let pin: PinnedTool?
    /// Whether the tool is in this agent's list; what is not answers exactly like an unknown one.
    package let isVisible: Bool
    /// Without the fields that obligations keep from leaving: one tree is judged, shown, recorded and
    /// sent.
    package let arguments: JSONValue
    /// Its RFC 8785 bytes.
    package let canonicalArguments: [UInt8]
    package let run: RunContext
    /// The snapshot by which this attempt is resolved and decided.
    package let policy: PolicySnapshot

    fileprivate init(
        call: Call, address: ToolAddress, pin: PinnedTool?, isVisible: Bool,
        arguments: JSONValue, canonicalArguments: [UInt8], run: RunContext, policy: PolicySnapshot
    ) {
        self.call = call
        self.address = address
        self.pin = pin
        self.isVisible = isVisible
        self.arguments = arguments
        self.canonicalArguments = canonicalArguments
        self.run = run
        self.policy = policy
    }
}

extension CallPipeline {
    /// Finds the tool behind the name; checks the halts of its server and tool, and the arguments.
    /// On disk when it returns: nothing.
    func resolve(_ parsed: ParsedCall) -> Result<ResolvedCall, Stop> {
        let call = parsed.call
        let policy = gateway.policy.snapshot
        let run = gateway.runs.context(of: call.principal)
        guard let address = policy.toolAddress(of: call.name, at: call.server) else {
            record(
                refusalOf: call, try? call.arguments.canonical(), run, nil, policy,
                code: "policy.unlisted_tool",
                rule: "unlisted-tool")
            gateway.alarm(blocked: call, .unlistedTool, rule: "unlisted-tool")
            return .failure(.unknownTool(name: call.name))
        }
        let data = policy.dataObligations(of: address, for: call.principal.agent)
        let arguments = data?.argumentsDropped(from: call.arguments) ?? call.arguments
        // The parser has refused every number that has no canonical form.
        guard let canonical = try? arguments.canonical() else {
            record(
                refusalOf: call, nil, run, address, policy, code: "schema.not_canonical",
                rule: "not-canonical")
            return .failure(.unknownTool(name: call.name))
        }
        let pin = gateway.pins.pinned(address, under: policy)
        let isVisible =
            pin != nil && gateway.isVisible(address, to: call.principal.agent, under: policy)
        if isVisible, let stop = check(call, arguments, canonical, address, pin, run, policy) {
            return .failure(stop)
        }
        return .success(
            ResolvedCall(
                call: call, address: address, pin: pin, isVisible: isVisible,
                arguments: arguments, canonicalArguments: canonical, run: run, policy: policy))
    }

    /// What only a caller who may know of the tool is told.
    private func check(
        _ call: Call, _ arguments: JSONValue, _ canonical: [UInt8], _ address: ToolAddress,
        _ pin: PinnedTool?, _ run: RunContext, _ policy: PolicySnapshot
    ) -> Stop? {
        if let halt = gateway.halt(of: call.principal, address) {
            let refusal = Refusal.halted(by: halt)
            record(
                refusalOf: call, canonical, run, address, policy, code: refusal.code,
                rule: refusal.rule)
            return .refused(refusal)
        }
        if let stop = scopeStop(of: call, address, policy) {
            record(
                refusalOf: call, canonical, run, address, policy,
                code: Refusal.insufficientScope.code, rule: Refusal.insufficientScope.rule)
            return stop
        }
        if let violation = pin?.violation(of: arguments) {
            record(
                refusalOf: call, canonical, run, address, policy, code: "schema.violation",
                rule: "schema")
            return .refused(
                Refusal(
                    .denied, "schema", "violation", rule: "schema",
                    "the arguments do not fit the tool's schema: \(violation)",
                    outcome: .notExecuted))
        }
        return nil
    }

    /// Scopes only narrow. A static credential cannot get others, and SDK clients answer 403 by signing
    /// in again; so only a credential that an issuer made is told in HTTP.
    private func scopeStop(
        of call: Call, _ address: ToolAddress, _ policy: PolicySnapshot
    ) -> Stop? {
        let toolClass = policy.servers[address.server]?.tools[address.tool]?.toolClass
        guard let scopes = call.principal.scopes, !scopes.covers(address, toolClass) else {
            return nil
        }
        guard call.principal.isFromOutside else { return .refused(.insufficientScope) }
        return .insufficientScope(needed: scopes.needed(for: address, toolClass))
    }

    /// - Parameter arguments: canonical, without what may not leave.
    private func record(
        refusalOf call: Call, _ arguments: [UInt8]?, _ run: RunContext, _ address: ToolAddress?,
        _ policy: PolicySnapshot, code: String, rule: String
    ) {
        gateway.counters.denied.count()
        let context = gateway.noteContext(
            of: call, run, under: policy.digest, isPermitted: false)
        gateway.note(
            gateway.records.denied(
                call.id, run: run, address: address, arguments: arguments,
                policy: policy.digest, code: code, rule: rule, context), under: policy.digest)
    }
}

extension PolicySnapshot {
    /// The tool that a caller names.
    ///
    /// - Parameter server: of `/mcp/<server>`, where tools have their own names; nil at `/mcp`.
    func toolAddress(of name: String, at server: ServerName?) -> ToolAddress? {
        guard let server else { return toolAddress(wireName: name) }
        return ToolName(name).map { ToolAddress(server: server, tool: $0) }
    }
}

extension Gateway {
    /// Whether the policy lets this agent know of the tool now.
    func isVisible(
        _ address: ToolAddress, to agent: AgentName, under policy: PolicySnapshot
    ) -> Bool {
        policy.isVisible(
            address, to: agent, stage: stage(of: agent, in: policy),
            elevations: elevations.compiled(under: policy), at: clock.now.wall)
    }
}
