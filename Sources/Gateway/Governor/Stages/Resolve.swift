package import InterlockJSON
package import InterlockLedger
package import InterlockMCP
package import InterlockModel
package import InterlockPolicy
import InterlockPorts

/// A call with a valid name and canonical arguments; if the caller may see the feature, the arguments fit its reviewed
/// schema. `decide` determines whether the call is permitted.
package final class ResolvedCall: Sendable {
    package let call: Call
    package let address: ToolAddress
    /// The pin, or nil if it is not valid now: `decide` then refuses the call as quarantined.
    package let pin: PinnedFeature?
    /// True if the feature is in this agent's list; otherwise the response equals that for an unknown one.
    package let isVisible: Bool
    /// The arguments without the fields that obligations withhold: the same tree is decided on, displayed, recorded and
    /// sent.
    package let arguments: JSONValue
    /// The RFC 8785 bytes of the arguments.
    package let canonicalArguments: [UInt8]
    /// The argument that a completion asks for; nil for all other methods.
    package let completes: String?
    /// The upstream request, made from the arguments.
    package let request: UpstreamRequest
    package let run: RunContext
    /// The snapshot under which this attempt is resolved and decided.
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
    /// Resolves the name; checks the halts of its server and tool, and the arguments. Makes nothing durable.
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
        // The parser has rejected every number without a canonical form, and obligations may withhold what the upstream
        // request needs.
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

    /// Applies the rate limit of completions, because they reveal piece by piece what exists.
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

    /// Applies the limit of subscriptions before the URI is resolved, so that the refusal reveals nothing about it.
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

    /// Makes the checks whose results only a caller that may see the feature learns.
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
        // A completion has only the arguments that are known so far.
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

    /// Checks the token's scopes, which only narrow. A static credential cannot get others, and SDK clients answer 403
    /// by signing in again; so only a credential of an external issuer gets a 403.
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

    /// - Parameter arguments: the canonical arguments, without withheld fields.
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
    /// Returns whether the policy lets this agent see the tool, resource or prompt now.
    func isVisible(
        _ address: ToolAddress, to agent: AgentName, under policy: PolicySnapshot
    ) -> Bool {
        policy.isVisible(
            address, to: agent, stage: stage(of: agent, in: policy),
            elevations: elevations.compiled(under: policy), at: clock.wall)
    }
}
