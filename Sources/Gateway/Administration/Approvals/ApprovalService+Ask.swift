import InterlockAlerts
import InterlockApprovals
package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization

extension ApprovalService {
    package func ask(
        about recorded: RecordedCall, org: String, shown: TemplateShown?
    ) async -> Result<OpenedApproval, Refusal> {
        guard let call = CanonicalCall(of: recorded, org: org, under: recorded.decided.decision)
        else { return .failure(.unreviewable("the call has no canonical form")) }
        let digest = call.digest(ports.hashing)
        let question = ApprovalTable.Question(run: call.run, digest: digest)
        await gates.questions.enter(question)
        defer { gates.questions.leave(question) }
        let now = ports.clock.wall
        if let due = state.withLock({ $0.table.due(question, now: now) }) {
            _ = await change(due, .tick)
        }
        // Reading what the template shows takes time, so the caller must do it outside the gate.
        let missing =
            shown == nil ? recorded.decided.resolved.policy.templates[recorded.address] : nil
        let answer = state.withLock { state in
            let answer = state.table.answer(to: question, agent: call.agent)
            // Others ask at the same time, so this one is counted before it is on disk.
            if answer == .ask, missing == nil { state.table.reserve(call.agent) }
            return answer
        }
        switch answer {
        case .refuse(let refusal): return .failure(refusal)
        case .join(let id): return .success(.waiting(id))
        case .grant(let id):
            guard let request = self[id] else { return .failure(.storeUnavailable) }
            return .success(.granted(request))
        case .ask:
            if let missing { return .success(.unprepared(missing)) }
            let created = await create(call, recorded, shown, now)
            if case .failure = created { state.withLock { $0.table.release(call.agent) } }
            return created.map(OpenedApproval.waiting)
        }
    }

    private func create(
        _ call: CanonicalCall, _ recorded: RecordedCall, _ shown: TemplateShown?, _ now: Timestamp
    ) async -> Result<ApprovalID, Refusal> {
        let request: ApprovalRequest
        do {
            request = try question(call, recorded, shown, now)
        } catch let refusal as ApprovalRefusal {
            return .failure(
                Refusal(
                    .denied, "approval", "no-approvers",
                    "too few people can decide this call: \(refusal)", outcome: .notExecuted))
        } catch { return .failure(.unreviewable("\(error)")) }
        do throws(LedgerRefusal) {
            let receipt = try await ports.ledger.append(
                requested(request, intent: recorded.intent.leafHash))
            state.withLock { $0.marks[request.id] = receipt.index }
        } catch { return .failure(.unrecorded(error)) }
        do throws(StoreFailure) {
            let written = try await ports.store.write(
                .ask, to: ApprovalRow(new: request.id), body: stored(request, votes: []))
            guard written == .done else { throw StoreFailure(reason: "the id exists") }
        } catch {
            state.withLock { $0.marks[request.id] = nil }
            return .failure(.storeUnavailable)
        }
        state.withLock { state in
            state.versions[request.id] = 1
            state.table.release(call.agent)
            state.table.put(request)
        }
        rememberAsking(request, isProbe: false)
        topics.tell()
        ports.topics(.requested, addressed(request))
        alertHeldBack(from: request)
        planProbe(after: request, recorded)
        return .success(request.id)
    }

    /// - Parameter intent: the leaf hash of the call's intent, or nil for a probe, which is about no call.
    func requested(_ request: ApprovalRequest, intent: Digest?) -> RecordDraft {
        var fields = formFields(of: request)
        fields["group"] = .string(request.decision.group)
        fields["exp"] = .integer(request.expires.microseconds)
        fields["intent"] = intent.map { .string($0.base64) }
        return draft(
            .approvalRequested, request, fields, [("bind", request.review.bytes)],
            salt: request.salt)
    }

    /// The fields of a record about the form that people are shown.
    func formFields(of request: ApprovalRequest) -> JSONObject {
        var fields: JSONObject = [
            "rev": .integer(Int64(request.revision)),
            "need": .integer(Int64(request.decision.quorum)),
            "floor": .integer(MinimumReadingTime.time(for: request.review).microseconds),
        ]
        if request.review.uses > 1 { fields["uses"] = .integer(Int64(request.review.uses)) }
        return fields
    }

    private func question(
        _ call: CanonicalCall, _ recorded: RecordedCall, _ shown: TemplateShown?, _ now: Timestamp
    ) throws -> ApprovalRequest {
        let decided = recorded.decided
        let decision = decided.decision
        let principal = recorded.call.principal
        let policy = decided.resolved.policy
        let agent = policy.agents[principal.agent]
        var facts: JSONObject = [
            "owner": .string(agent?.owner?.address ?? ""), "purpose": .string(agent?.purpose ?? ""),
            "run_purpose": .string(principal.purpose ?? ""),
            "on_behalf_of": .string(principal.onBehalfOf?.address ?? ""),
            "class": .string(decision.toolClass?.rawValue ?? ""),
            "asked": .string(now.rfc3339(fractionDigits: 0)),
        ]
        facts[ReviewDocument.task] = decided.facts.task.map { .string($0.text) }
        put(decided.taint, into: &facts)
        facts[ReviewDocument.labels] = decided.shownLabels
        facts[ReviewDocument.findings] = decided.shownFindings
        facts[ReviewDocument.sideChannel] = decided.facts.sideChannel.map {
            .string($0.rawValue)
        }
        shown?.put(into: &facts)
        put(amountsOf: call, under: policy, into: &facts)
        let template = policy.templates[call.address]?.template
        if let template, template.uses > 1, decision.tier != .high {
            facts[ReviewDocument.uses] = .integer(Int64(template.uses))
        }
        putEarlier(
            than: call, template, policy.units(of: call.address), at: now, into: &facts)
        let review = try ReviewDocument(
            request: ApprovalID(milliseconds: now.milliseconds, random: ports.entropy.bytes(10)),
            revision: 1, call: call, policy: policy.digest, decision: ReviewedDecision(decision),
            facts: .object(facts), template: shown?.digest)
        let group = decision.group.flatMap { policy.groups[$0] }
        return try ApprovalRequest(
            BoundReview(review, salt: ports.entropy.bytes(32), ports.hashing),
            call: recorded.call.id,
            voters: voters(decision, policy, for: call, onBehalfOf: principal.onBehalfOf),
            escalation: escalation(of: decision, policy, call, onBehalfOf: principal.onBehalfOf),
            wantsPasskey: ports.passkeys != nil,
            life: group?.expires ?? ApprovalRequest.usualLife, useWithin: ports.useWithin, now: now)
    }

    /// Puts the level of the run and its reasons, without any text of a server: people sign the facts.
    private func put(_ taint: RunTaint?, into facts: inout JSONObject) {
        guard let taint else { return }
        facts[ReviewDocument.taint] = .string(taint.words)
        facts[ReviewDocument.taintLevel] = .integer(taint.level.rawValue)
        facts[ReviewDocument.taintedBy] = taint.mark.map { .string($0.call.text) }
    }

    func stored(
        _ request: ApprovalRequest, votes: [Digest], use: ApprovalUse? = nil
    ) -> JSONValue {
        var body: JSONObject = [
            "request": request.json, "votes": .array(votes.map { .string($0.base64) }),
            "at": .integer(Int64(clamping: state.withLock { $0.marks[request.id] } ?? 0)),
        ]
        body[ApprovalUse.member] = use?.json
        return .object(body)
    }
}

extension CanonicalCall {
    /// The exact call of an attempt, with the values that would be sent and the stage and environment that `decision`
    /// names. Is nil if it has no canonical form.
    init?(of recorded: RecordedCall, org: String, under decision: Decision) {
        let decided = recorded.decided
        guard let pin = decided.resolved.pin?.digest else { return nil }
        do {
            try self.init(
                org: org, agent: recorded.call.principal.agent, run: recorded.call.principal.run,
                subject: decided.resolved.run.subject, address: recorded.address,
                stage: decision.stage, environment: decision.environment, pin: pin,
                arguments: recorded.decided.resolved.arguments)
        } catch { return nil }
    }
}

extension ReviewedDecision {
    init(_ decision: Decision) {
        self.init(
            quorum: decision.quorum, group: decision.group ?? "", tier: decision.tier,
            rule: decision.rule, place: decision.place?.description, effects: decision.effects)
    }
}
