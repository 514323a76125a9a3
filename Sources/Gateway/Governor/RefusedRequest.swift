import InterlockJSON
import InterlockLedger
import InterlockLimits
package import InterlockMCP
package import InterlockModel
import InterlockMonitoring
import InterlockPolicy
package import InterlockPorts

/// A request that a stage refused: what its caller gets, and what is known of it for the log, the counts and the
/// alerts. A stage only makes this value; `CallPipeline.record` does the rest. By reference, so that a stage's result
/// is small in the usual case without a refusal.
final class RefusedRequest: Error {
    /// The knowledge that the refusing stage had.
    enum Context {
        /// The head alone, which was not acceptable. Nothing is recorded or counted.
        case head
        case body
        /// - Parameter code: nil for one refusal of too many from one source, which is not recorded.
        case credential(code: String?, ForeignUse?)
        case halted(IdentifiedRequest, Refusal)
        /// A request of a run that this node does not serve, whose records are in the log of another one.
        case unplaced(AgentName, code: String)
        /// A refusal that is only counted, because the log must not or cannot take it.
        case counted(AgentName, ToolAddress?, code: String)
        /// - Parameters:
        ///   - context: nil if the call's context is not recorded yet.
        ///   - blocks: the reason of an alert about a blocked call.
        ///   - limit: the limit of the policy that refused the call.
        case undecided(
            RefusedCall, code: String, rule: String, context: ContextDisposition? = nil,
            blocks: DecisionReason? = nil, limit: String? = nil)
        case denied(AttemptedCall, JudgedCall, Refusal)
        /// A request that does not continue the parked call that it names.
        case retry(RefusedCall, code: String)
        /// The call has an intent, which the record closes.
        ///
        /// - Parameter again: the decision at release, if one was made.
        case recorded(RecordedCall, Refusal, again: JudgedCall?)
    }

    let exit: PipelineExit
    let context: Context

    init(_ exit: PipelineExit, _ context: Context) {
        self.exit = exit
        self.context = context
    }
}

/// The first use of a credential from a workload that it is not valid for.
enum ForeignUse {
    /// The request came from outside the workloads that the policy names for the agent.
    case agent(AgentName)
    /// The request came from another workload than the first one.
    case token(Principal, at: ClockReading)
}

/// The facts known about a call that is refused without a decision.
struct RefusedCall {
    let id: CallID
    let run: RunContext
    let policy: Digest
    var context: CallContext?
    /// The feature, or nil if the name is unknown.
    var address: ToolAddress?
    /// The canonical arguments without withheld fields, or nil if they have no such form or were not read.
    var arguments: [UInt8]?
    /// The result of the search in what the refusal quotes of a server; nil if it quotes nothing.
    var found: ResultSearchSummary?
}

extension ResolvedCall {
    var refused: RefusedCall {
        RefusedCall(
            id: call.id, run: run, policy: policy.digest, context: call.context, address: address,
            arguments: canonicalArguments)
    }
}

extension CallPipeline {
    /// Counts, records and alarms for a refusal: the one place for all stages. The refusal itself is in force before;
    /// its records follow and are not awaited.
    func record(_ refused: RefusedRequest.Context) {
        switch refused {
        case .head: break
        case .body: gateway.counters.malformed.count()
        case .credential(let code, let use):
            if let use { gateway.raise(use) }
            gateway.counters.unauthenticated.count()
            guard let code else { return }
            gateway.ledger.note(
                RecordDraft(.accessRefused, run: nil, fields: ["code": .string("access." + code)]))
        case .halted(let identified, let refusal):
            gateway.counters.halted.count()
            guard identified.received.method == .post else { return }
            gateway.countDenial(of: identified.principal.agent, at: nil, code: refusal.code)
            guard gateway.records(identified.principal.run) else {
                return gateway.note(unplaced: identified.principal.agent, code: refusal.code)
            }
            gateway.note(
                RefusedCall(
                    id: gateway.newID(), run: gateway.runs.context(of: identified.principal),
                    policy: gateway.policy.snapshot(for: identified.principal.agent).digest),
                code: refusal.code, rule: refusal.rule, nil)
        case .unplaced(let agent, let code):
            gateway.countDenial(of: agent, at: nil, code: code)
            gateway.note(unplaced: agent, code: code)
        case .counted(let agent, let address, let code):
            gateway.countDenial(of: agent, at: address, code: code)
        case .retry(let call, let code):
            gateway.countDenial(of: call.run.agent, at: call.address, code: code)
            gateway.note(call, code: code, rule: "request-state", nil)
        case .undecided(let call, let code, let rule, let context, let reason, let limit):
            if let limit { gateway.tally.count(limit: limit) }
            gateway.countDenial(of: call.run.agent, at: call.address, code: code)
            gateway.note(call, code: code, rule: rule, context ?? gateway.noteContext(of: call))
            if let reason { gateway.alarm(blocked: call, reason, rule: rule) }
        case .denied(let attempted, let judged, let refusal):
            let (resolved, decision) = (attempted.resolved, judged.decision)
            let call = resolved.refused
            if decision.reason == .limit, case .free = judged.breaker {
                gateway.tally.count(limit: decision.exceeded?.use.key ?? "unavailable")
            }
            gateway.countDenial(of: call.run.agent, at: call.address, code: refusal.code)
            gateway.note(
                gateway.records.denied(
                    resolved, judged, gateway.noteContext(of: call),
                    at: gateway.chainEntry(under: judged.policy.digest)),
                under: call.policy)
            gateway.alarm(blocked: call, decision.reason, rule: decision.rule)
            gateway.alarm(registeredIn: call, judged.search)
            gateway.note(gateOf: resolved.call.principal, judged)
            gateway.deny(resolved, attempted.mark, for: decision.reason)
        case .recorded(let recorded, let refusal, let again):
            gateway.settle(recorded, refusal)
            if refusal.kind == .approvalDenied { gateway.refuse(recorded.call) }
            gateway.countDenial(
                of: recorded.call.principal.agent, at: recorded.address, code: refusal.code)
            let record = gateway.records.denied(
                recorded, refusal: refusal, again: again,
                at: gateway.chainEntry(under: again?.policy.digest))
            gateway.ledger.note(record)
            gateway.observe(denial: record)
            if let again {
                gateway.alarm(registeredIn: recorded.resolved.refused, again.search)
                gateway.note(gateOf: recorded.call.principal, again)
            }
        }
    }
}

extension Gateway {
    fileprivate func raise(_ use: ForeignUse) {
        switch use {
        case .agent(let agent): raise(alarm: "access.foreign_workload", subject: agent.text)
        case .token(let principal, let now):
            raise(signal: .twoWorkloads, of: principal.agent, principal.run, at: now)
        }
    }

    /// Records a request whose run has its chain on another node.
    fileprivate func note(unplaced agent: AgentName, code: String) {
        ledger.note(
            RecordDraft(
                .accessRefused, run: nil,
                fields: ["agent": .string(agent.text), "code": .string(code)]))
    }

    /// Records a call that was refused without a decision.
    fileprivate func note(
        _ call: RefusedCall, code: String, rule: String, _ context: ContextDisposition?
    ) {
        let entry = chainEntry(under: call.policy)
        note(records.denied(call, code: code, rule: rule, context, at: entry), under: call.policy)
    }

    fileprivate func noteContext(of call: RefusedCall) -> ContextDisposition {
        noteContext(call.context, of: call.id, call.run, under: call.policy, isPermitted: false)
    }
}

/// The answer to the caller of a refused request; `respond` turns it into a response. Indirect, so that `CallEnd` is small.
package indirect enum PipelineExit: Sendable {
    /// An HTTP response alone: nothing of a JSON-RPC message was trusted.
    case http(HTTPResponse)
    /// A name that does not exist for this caller: unknown, hidden and ungranted look the same.
    case unknown(CallMethod, name: String)
    /// Invalid parameters, in a method whose results cannot express an error.
    case invalid(SearchedViolation)
    /// The refusal of a call that the caller may see.
    case refused(Refusal)
    /// The token lacks a scope that its issuer could grant: 403 if the status can still be chosen, so that the client
    /// requests the scope.
    case insufficientScope(needed: String)
    /// The refusal of a halted caller, or of a method without `isError`: a JSON-RPC error.
    case refusedCaller(Refusal)
}
