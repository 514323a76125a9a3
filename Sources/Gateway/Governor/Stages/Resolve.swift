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
    /// The arguments without the fields that obligations withhold and without optional nulls: the same tree is decided
    /// on, displayed, recorded and sent.
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
    func resolve(_ parsed: ParsedCall) -> Result<ResolvedCall, RefusedRequest> {
        let call = parsed.call
        let policy = gateway.policy.snapshot(for: call.principal.agent)
        let run = gateway.runs.context(of: call.principal)
        func refused(
            _ exit: PipelineExit, _ code: String, _ rule: String, at address: ToolAddress? = nil,
            _ arguments: [UInt8]?, blocks: DecisionReason? = nil,
            _ found: ResultSearchSummary? = nil
        ) -> Result<ResolvedCall, RefusedRequest> {
            let known = RefusedCall(
                id: call.id, run: run, policy: policy.digest, context: call.context,
                address: address, arguments: arguments, found: found)
            return .failure(
                RefusedRequest(exit, .undecided(known, code: code, rule: rule, blocks: blocks)))
        }
        if let refusal = paceRefusal(of: call) {
            return refused(
                .refused(refusal), "limit.completion", "completion",
                try? call.arguments.canonical())
        }
        if isFull(for: call) {
            return refused(
                .refused(.tooManySubscriptions), "limit.subscriptions", "subscriptions",
                try? call.arguments.canonical())
        }
        func unknown() -> PipelineExit { .unknown(call.method, name: call.name) }
        guard let target = call.target(under: policy) else {
            return refused(
                unknown(), "policy.unlisted_tool", "unlisted-tool", try? call.arguments.canonical(),
                blocks: .unlistedTool)
        }
        let address = target.address
        // Only a hook asks about tools of hosts, and a hook about nothing else.
        guard (address.server == HostServer.name) == (call.host != nil) else {
            return refused(
                unknown(), "policy.unlisted_tool", "unlisted-tool", try? call.arguments.canonical())
        }
        let pin = gateway.pins.pinned(address, under: policy)
        let given = pin?.withoutOptionalNulls(target.arguments) ?? target.arguments
        let data = policy.dataObligations(of: address, for: call.principal.agent)
        let arguments = data?.argumentsDropped(from: given) ?? given
        // The parser has rejected every number without a canonical form, and obligations may withhold what the upstream
        // request needs.
        guard let canonical = try? arguments.canonical(),
            let request = target.request(call, arguments, canonical)
        else {
            return refused(unknown(), "schema.not_canonical", "not-canonical", at: address, nil)
        }
        let isVisible =
            pin != nil && gateway.isVisible(address, to: call.principal.agent, under: policy)
        if pin == nil, gateway.isStarting(address.server),
            gateway.isVisible(address, to: call.principal.agent, under: policy)
        {
            return refused(
                .refused(.starting), Refusal.starting.code, "starting", at: address, canonical)
        }
        if isVisible, let (exit, refusal, found) = check(call, arguments, address, pin, policy) {
            return refused(exit, refusal.code, refusal.rule, at: address, canonical, found)
        }
        return .success(
            ResolvedCall(
                call: call, target: target, pin: pin, isVisible: isVisible, arguments: arguments,
                canonicalArguments: canonical, request: request, run: run, policy: policy))
    }

    /// Applies the rate limit of completions, because they reveal piece by piece what exists.
    private func paceRefusal(of call: Call) -> Refusal? {
        guard call.method == .complete,
            let wait = gateway.admission.completions.take(
                call.principal.agent, at: gateway.clock.boot)
        else { return nil }
        return Refusal(
            .limited, "limit", "completion",
            "more completions than \(gateway.admission.completions.rate)",
            retryAfterMilliseconds: call.id.spread(wait), limit: "completions",
            outcome: .notExecuted)
    }

    /// Applies the limit of subscriptions before the URI is resolved, so that the refusal reveals nothing about it.
    private func isFull(for call: Call) -> Bool {
        guard call.method == .subscribe, let follower = call.follower else { return false }
        return gateway.resources.isFull(for: follower, of: call.principal.agent)
    }

    /// Makes the checks whose results only a caller that may see the feature learns.
    ///
    /// - Returns: what the caller gets, what is recorded, and what was found in a text of the server; or nil if nothing
    ///   is wrong.
    private func check(
        _ call: Call, _ arguments: JSONValue, _ address: ToolAddress, _ pin: PinnedFeature?,
        _ policy: PolicySnapshot
    ) -> (PipelineExit, Refusal, ResultSearchSummary?)? {
        if let halt = gateway.halt(of: call.principal, address) {
            return (.refused(.halted(by: halt)), .halted(by: halt), nil)
        }
        if let exit = scopeExit(of: call, address, policy) {
            return (exit, .insufficientScope, nil)
        }
        if call.method.isSubscription,
            gateway.upstreams.offers(of: address.server).subscriptions == .none
        {
            return (.refused(.noSubscriptions), .noSubscriptions, nil)
        }
        // A completion has only the arguments that are known so far.
        if call.method != .complete, let pin,
            let violation = pin.violation(of: arguments, at: address, under: policy)
        {
            let searched = search(violation: violation.text, of: pin, for: call.principal)
            let refusal = Refusal(
                .denied, "schema", violation.kind.rawValue, rule: "schema",
                "the arguments do not fit the tool's schema: \(searched.text)",
                outcome: .notExecuted)
            let exit: PipelineExit =
                call.method.hasErrorResults ? .refused(refusal) : .invalid(searched)
            return (exit, refusal, searched.found)
        }
        return nil
    }

    /// Checks the token's scopes, which only narrow. A static credential cannot get others, and SDK clients answer 403
    /// by signing in again; so only a credential of an external issuer gets a 403.
    private func scopeExit(
        of call: Call, _ address: ToolAddress, _ policy: PolicySnapshot
    ) -> PipelineExit? {
        let toolClass = policy.servers[address.server]?.tools[address.tool]?.toolClass
        guard let scopes = call.principal.scopes, !scopes.covers(address, toolClass) else {
            return nil
        }
        guard call.principal.isFromOutside else { return .refused(.insufficientScope) }
        return .insufficientScope(needed: scopes.needed(for: address, toolClass))
    }
}

extension Gateway {
    /// Returns whether the policy lets this agent see the tool, resource or prompt now.
    func isVisible(
        _ address: ToolAddress, to agent: AgentName, under policy: PolicySnapshot
    ) -> Bool {
        policy.isVisible(
            address, to: agent, stage: shownStage(of: agent, in: policy),
            elevations: elevations.compiled(under: policy), at: clock.wall)
    }
}
