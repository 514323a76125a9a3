import InterlockGovernor
import InterlockHooks
import InterlockModel

extension HookVerdict {
    /// - Parameter record: the decision id of the call, if it has one.
    init(_ decision: HookDecision, for refusal: Refusal, record: String?) {
        self.init(
            decision, reason: refusal.reason, rule: refusal.rule.leafText, text: refusal.sentence,
            approval: refusal.approval?.shown, record: record)
    }

    /// The answer to an event whose sender is refused. What the agent would do is blocked, and a result that was not
    /// searched is withheld: a host takes another deny for a reason to continue.
    ///
    /// - Parameter event: nil if it is not readable.
    init(for refusal: Refusal, event: HookEvent?) {
        self.init(event?.kind.isDeniedByRefusal ?? true ? .deny : .allow, for: refusal, record: nil)
    }

    /// The allow of a call, or the question of its host to its user, which no sandbox makes unnecessary.
    init(_ permit: HostCall.Permit, record: String) {
        let rule = permit.rule.leafText
        guard permit.asksUser else {
            self.init(
                .allow, reason: "allowed", rule: rule, record: record,
                isSandboxed: permit.isSandboxed)
            return
        }
        self.init(
            .ask, reason: "host-prompt", rule: rule,
            text: "the policy allows this call if you agree", record: record)
    }

    /// The answer to an event that decides nothing.
    static let noted = HookVerdict(.allow, reason: "noted")

    static let noTool = HookVerdict(.deny, reason: "bad-event", text: "the event names no tool")

    /// The deny for what the log does not take.
    static func unrecorded(_ code: String) -> HookVerdict {
        HookVerdict(
            .deny, reason: "unrecorded", rule: code,
            text: "the audit log cannot record this event (\(code))")
    }

    /// The end of a call that was not allowed before it ended.
    init(unallowed end: CallEnd, of call: CallID) {
        let record = call.decisionID
        switch end {
        case .stopped(.refused(let refusal)), .stopped(.refusedCaller(let refusal)):
            self.init(.deny, for: refusal, record: record)
        case .closed(let closed):
            guard case .refusal(let refusal) = closed.shown else {
                self.init(
                    .deny, reason: "internal", text: "the call ended before it was allowed",
                    record: record)
                return
            }
            self.init(.deny, for: refusal, record: record)
        case .stopped(.invalid(let fault)):
            self.init(.deny, reason: "schema", text: fault.text, record: record)
        case .stopped(.unknown):
            self.init(
                .deny, reason: "no-grant", text: "the policy grants no such tool", record: record)
        case .stopped(.http), .stopped(.insufficientScope):
            self.init(.deny, reason: "access", text: "the call is refused", record: record)
        }
    }

    /// The end of a call that was allowed, as its end is on record.
    init(allowed end: CallEnd, of call: CallID) {
        if case .closed(let closed) = end, case .refusal(let refusal) = closed.shown {
            self.init(.deny, for: refusal, record: call.decisionID)
        } else {
            self.init(.allow, reason: "closed", record: call.decisionID)
        }
    }
}

extension HookEventKind {
    /// True for what does not happen if the gateway refuses it, and for results.
    fileprivate var isDeniedByRefusal: Bool {
        switch self {
        case .preTool, .prompt, .sessionStart, .permission, .postTool, .postToolFailure: true
        case .sessionEnd, .subagentStart, .subagentStop, .configChange, .instructions,
            .modelSwitch, .directory, .other:
            false
        }
    }
}
