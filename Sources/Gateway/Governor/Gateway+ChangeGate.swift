import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockPolicy
import InterlockPorts

extension Gateway {
    /// Returns the verdict of the change gate on the run of a caller. It is `passed` for an agent that the policy does not
    /// have, of which every call is denied, and for canaries of a drill, which no policy of people can name.
    package func evalFact(
        of principal: Principal, under policy: PolicySnapshot, at now: Timestamp
    ) -> EvalFact {
        guard let run = gated(principal, under: policy) else { return .passed }
        return ports.evals.verdict(on: run, at: now)
    }

    /// Returns the refusal of a run that begins, or nil if the gate passes it. At stage observe, all of its calls are
    /// denied anyway.
    ///
    /// - Parameter run: a run of which no call was decided.
    package func evalRefusal(
        ofStart run: RunContext, under policy: PolicySnapshot
    ) -> EvalFact? {
        let now = clock.wall
        return evalRefusal(of: run, began: now, under: policy, at: now)
    }

    /// Returns the notice for a client that opens a session while the change gate refuses every call of its run, which is
    /// then on record; nil if the gate passes the run. At stage observe, its calls are denied for the stage.
    func gateNotice(ofSession principal: Principal, under policy: PolicySnapshot) -> String? {
        guard stage(of: principal.agent, in: policy) != .observe,
            let run = gated(principal, under: policy)
        else { return nil }
        let now = clock.wall
        let fact = ports.evals.verdict(on: run, at: now)
        guard let reason = fact.reason, let remedy = fact.remedy else { return nil }
        note(run, fact, at: now)
        return "the policy permits no call of this agent for now: \(reason); \(remedy)"
    }

    /// Returns the refusal of a connection of a sandboxed run, or nil if the gate passes the run as it is now. At stage
    /// observe the gate is not asked: the run began without it, none of its calls is permitted, and it connects to what
    /// its sandbox admits.
    package func evalRefusal(
        ofConnection run: RunContext, under policy: PolicySnapshot
    ) -> EvalFact? {
        // The run's token was issued when its id was made.
        let began = Timestamp(microseconds: run.run.milliseconds * 1000)
        return evalRefusal(of: run, began: began, under: policy, at: clock.wall)
    }

    private func evalRefusal(
        of run: RunContext, began: Timestamp, under policy: PolicySnapshot, at now: Timestamp
    ) -> EvalFact? {
        guard !run.agent.isCanary, let entry = policy.agents[run.agent],
            stage(of: run.agent, in: policy) != .observe
        else { return nil }
        let gated = GatedRun(
            agent: run.agent, run: run.run, tier: entry.tier, policy: policy.digest, began: began)
        let fact = ports.evals.verdict(on: gated, at: now)
        guard fact != .passed else { return nil }
        note(gated, fact, at: now)
        return fact
    }

    /// Records a denial of the change gate in more detail than `call.denied` has, at most once an hour for one agent,
    /// fingerprint and reason, and raises its alert.
    func note(gateOf principal: Principal, _ judged: JudgedCall) {
        guard judged.decision.isOfChangeGate, let run = gated(principal, under: judged.policy)
        else { return }
        note(run, judged.facts.eval, at: judged.now)
    }

    private func note(_ run: GatedRun, _ fact: EvalFact, at now: Timestamp) {
        guard let reason = fact.reason,
            let notice = ports.evals.notice(of: run, fact, at: now)
        else { return }
        var fields: JSONObject = [
            "agent": .string(run.agent.text), "code": .string(reason),
            "ofrun": .string(run.run.text), "pol": .string(run.policy.base64),
        ]
        fields["fp"] = notice.current.map { .string($0.base64) }
        fields["h"] = notice.last.map { .string($0.base64) }
        if !notice.parts.isEmpty { fields["codes"] = .array(notice.parts.map(JSONValue.string)) }
        ledger.note(RecordDraft(.evalRefused, run: nil, fields: fields))
        raise(
            alarm: fact == .unsigned ? "eval.unsigned" : "eval.refused", subject: run.agent.text,
            about: run.agent)
    }

    private func gated(_ principal: Principal, under policy: PolicySnapshot) -> GatedRun? {
        let agent = principal.agent
        guard !agent.isCanary, let entry = policy.agents[agent] else { return nil }
        return GatedRun(
            agent: agent, run: principal.run, credential: principal.credential, tier: entry.tier,
            policy: policy.digest, began: principal.issued)
    }
}

extension Decision {
    /// True if the change gate denied the call.
    var isOfChangeGate: Bool { reason.part == "eval" }
}
