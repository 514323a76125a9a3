package import InterlockJSON
package import InterlockLedger
package import InterlockMCP
package import InterlockModel
package import InterlockPolicy
import InterlockPorts

/// A call with a legal name and canonical arguments; they fit what was reviewed when the caller may know of
/// the tool, resource or prompt at all. Whether it may is for `decide` to say.
package final class ResolvedCall: Sendable {
    package let call: Call
    package let address: ToolAddress
    /// nil when there is no standing pin: `decide` refuses it as quarantined.
    package let pin: PinnedFeature?
    /// Whether it is in this agent's list; what is not answers exactly like an unknown one.
    package let isVisible: Bool
    /// Without the fields that obligations keep from leaving: one tree is judged, shown, recorded and
    /// sent.
    package let arguments: JSONValue
    /// Its RFC 8785 bytes.
    package let canonicalArguments: [UInt8]
    /// The argument that a completion asks for; nil for all else.
    package let completes: String?
    /// What is sent, made of the arguments.
    package let request: UpstreamRequest
    package let run: RunContext
    /// The snapshot by which this attempt is resolved and decided.
    package let policy: PolicySnapshot

    fileprivate init(
        call: Call, target: CallTarget, pin: PinnedFeature?, isVisible: Bool,
        arguments: JSONValue, canonicalArguments: [UInt8], request: UpstreamRequest,
        run: RunContext, policy: PolicySnapshot
    ) {
        self.call = call
        address = target.address
        completes = target.completes
        self.request = request
        self.pin = pin
        self.isVisible = isVisible
        self.arguments = arguments
        self.canonicalArguments = canonicalArguments
        self.run = run
        self.policy = policy
    }
}

extension CallPipeline {
    /// Finds what is behind the name; checks the halts of its server and tool, and the arguments.
    /// On disk when it returns: nothing.
    func resolve(_ parsed: ParsedCall) -> Result<ResolvedCall, PipelineExit> {
        let call = parsed.call
        let policy = gateway.policy.snapshot
        let run = gateway.runs.context(of: call.principal)
        if let stop = paceStop(of: call, run, policy) ?? roomStop(of: call, run, policy) {
            return .failure(stop)
        }
        guard let target = CallTarget(call, under: policy) else {
            record(
                refusalOf: call, try? call.arguments.canonical(), run, nil, policy,
                code: "policy.unlisted_tool",
                rule: "unlisted-tool")
            gateway.alarm(blocked: call, .unlistedTool, rule: "unlisted-tool")
            return .failure(.unknown(call.method, name: call.name))
        }
        let address = target.address
        let data = policy.dataObligations(of: address, for: call.principal.agent)
        let arguments = data?.argumentsDropped(from: target.arguments) ?? target.arguments
        // The parser has refused every number that has no canonical form, and obligations may keep back
        // what the server cannot be asked without.
        guard let canonical = try? arguments.canonical(),
            let request = target.request(call, arguments, canonical)
        else {
            record(
                refusalOf: call, nil, run, address, policy, code: "schema.not_canonical",
                rule: "not-canonical")
            return .failure(.unknown(call.method, name: call.name))
        }
        let pin = gateway.pins.pinned(address, under: policy)
        let isVisible =
            pin != nil && gateway.isVisible(address, to: call.principal.agent, under: policy)
        if isVisible, let stop = check(call, arguments, canonical, address, pin, run, policy) {
            return .failure(stop)
        }
        return .success(
            ResolvedCall(
                call: call, target: target, pin: pin, isVisible: isVisible,
                arguments: arguments, canonicalArguments: canonical, request: request, run: run,
                policy: policy))
    }

    /// Completions show what exists, piece by piece, so one principal gets few of them.
    private func paceStop(of call: Call, _ run: RunContext, _ policy: PolicySnapshot)
        -> PipelineExit?
    {
        guard call.method == .complete,
            let wait = gateway.completions.take(
                call.principal.agent, at: gateway.clock.boot)
        else { return nil }
        record(
            refusalOf: call, try? call.arguments.canonical(), run, nil, policy,
            code: "limit.completion", rule: "completion")
        return .refused(
            Refusal(
                .limited, "limit", "completion",
                "more completions than \(gateway.completions.rate)",
                retryAfterMilliseconds: call.id.spread(wait), limit: "completions",
                outcome: .notExecuted))
    }

    /// Before the URI is looked at: what a caller may not know of says nothing here either.
    private func roomStop(of call: Call, _ run: RunContext, _ policy: PolicySnapshot)
        -> PipelineExit?
    {
        guard call.method == .subscribe, let follower = call.follower,
            gateway.resources.isFull(for: follower, of: call.principal.agent)
        else { return nil }
        record(
            refusalOf: call, try? call.arguments.canonical(), run, nil, policy,
            code: "limit.subscriptions", rule: "subscriptions")
        return .refused(.tooManySubscriptions)
    }

    /// What only a caller who may know of the tool is told.
    private func check(
        _ call: Call, _ arguments: JSONValue, _ canonical: [UInt8], _ address: ToolAddress,
        _ pin: PinnedFeature?, _ run: RunContext, _ policy: PolicySnapshot
    ) -> PipelineExit? {
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
        if call.method.isSubscription,
            gateway.upstreams.offers(of: address.server).subscriptions == .none
        {
            record(
                refusalOf: call, canonical, run, address, policy,
                code: Refusal.noSubscriptions.code, rule: Refusal.noSubscriptions.rule)
            return .refused(.noSubscriptions)
        }
        // Of a completion the arguments are only as far as they are known.
        if call.method != .complete, let violation = pin?.violation(of: arguments) {
            record(
                refusalOf: call, canonical, run, address, policy, code: "schema.violation",
                rule: "schema")
            guard call.method.hasErrorResults else { return .invalid(violation) }
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
    ) -> PipelineExit? {
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
        gateway.countDenial(of: call.principal.agent, at: address, code: code)
        let context = gateway.noteContext(
            of: call, run, under: policy.digest, isPermitted: false)
        gateway.note(
            gateway.records.denied(
                call.id, run: run, address: address, arguments: arguments,
                policy: policy.digest, code: code, rule: rule, context), under: policy.digest)
    }
}

extension Gateway {
    /// Whether the policy lets this agent know of the tool, resource or prompt now.
    func isVisible(
        _ address: ToolAddress, to agent: AgentName, under policy: PolicySnapshot
    ) -> Bool {
        policy.isVisible(
            address, to: agent, stage: stage(of: agent, in: policy),
            elevations: elevations.compiled(under: policy), at: clock.wall)
    }
}
