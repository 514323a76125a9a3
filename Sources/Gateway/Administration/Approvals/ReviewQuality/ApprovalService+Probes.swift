import InterlockAlerts
import InterlockApprovals
import InterlockEvidence
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization

/// A probe that was drawn and not yet asked. It exists in memory only; a crash loses nothing but a chance.
struct PlannedProbe: Sendable {
    let at: Timestamp
    let draft: ProbeDraft
    let call: CanonicalCall
    let policy: Digest
    let decision: ReviewedDecision
    let facts: JSONObject
    let template: TemplateSet.Entry?
    let units: ToolUnits
    let voters: [Voter]
    let life: Duration
}

/// Drawing and asking probes. A probe follows a real request after a delay: it has the same form with one error, and is
/// asked only if people would be asked about such a call too.
extension ApprovalService {
    /// The delay between a request and the probe that was drawn for it, in seconds.
    static let probeDelay = 1...30
    /// The most errors that are tried for one request, since the call that asked waits meanwhile.
    static let mostDraws = 16
    /// The time for which a person who did not decide a probe counts as probed, so that another follows only by chance.
    static let probeRest = Duration.seconds(7 * 86_400)

    /// Plans a probe in the form of this request, if one is due.
    func planProbe(after request: ApprovalRequest, _ recorded: RecordedCall) {
        guard let plan = ports.reviewQuality.plan, ports.reviewQuality.store != nil else { return }
        let now = ports.clock.wall
        let chance = ports.entropy.fraction()
        let isDue = state.withLock { state in
            guard let history = state.history, isFree(request.voters, state) else { return false }
            return request.voters.contains { voter in
                let person = voter.pseudonym
                var probes = history.marks(of: person).filter(\.isProbe).map(\.at)
                if let asked = state.probed[person], now < asked + Self.probeRest {
                    probes.append(asked)
                }
                return plan.isDue(
                    probes: probes, since: ports.people.book?.firstEnrolment(of: person) ?? now,
                    measures: measures(of: person, in: history, at: now), now: now, chance: chance)
            }
        }
        guard isDue, let planned = draw(request, recorded, now) else { return }
        // Another request may have drawn one meanwhile.
        state.withLock { if isFree(request.voters, $0) { $0.planned.append(planned) } }
    }

    /// Returns true if no probe is planned or waits for any of these people.
    private func isFree(_ voters: [Voter], _ state: State) -> Bool {
        let people = Set(voters.map(\.pseudonym))
        return !state.planned.contains { $0.voters.contains { people.contains($0.pseudonym) } }
            && !state.probes.live.contains { probe in
                probe.form.voters.contains { people.contains($0.pseudonym) }
            }
    }

    /// Returns a probe with one error, chosen at random, or nil if people would be asked about none of those tried.
    private func draw(
        _ request: ApprovalRequest, _ recorded: RecordedCall, _ now: Timestamp
    ) -> PlannedProbe? {
        let old = request.review
        var drafts = ProbeDraft.all(of: old.call.arguments)
        for _ in 0..<Self.mostDraws where !drafts.isEmpty {
            let place = min(Int(ports.entropy.fraction() * Double(drafts.count)), drafts.count - 1)
            let draft = drafts.remove(at: place)
            guard let call = try? old.call.with(draft.arguments), isAskable(draft, recorded, old),
                let facts = facts(of: old, draft, recorded)
            else { continue }
            let wait = Self.probeDelay
            let seconds =
                Double(wait.lowerBound)
                + ports.entropy.fraction() * Double(wait.upperBound - wait.lowerBound)
            return PlannedProbe(
                at: now + .milliseconds(Int64(seconds * 1000)), draft: draft, call: call,
                policy: old.policy, decision: old.decision, facts: facts,
                template: recorded.decided.resolved.policy.templates[old.call.address],
                units: recorded.decided.resolved.policy.units(of: old.call.address),
                voters: request.voters, life: request.expires - request.created)
        }
        return nil
    }

    /// Returns true if the tool accepts such a call and the policy asks the same people about it. Any other call would
    /// be refused before people are asked.
    private func isAskable(
        _ draft: ProbeDraft, _ recorded: RecordedCall, _ old: ReviewDocument
    ) -> Bool {
        let resolved = recorded.decided.resolved
        guard let pin = resolved.pin,
            pin.violation(of: draft.arguments, at: resolved.address, under: resolved.policy) == nil
        else { return false }
        let again = resolved.policy.decide(
            DecisionRequest(
                agent: old.call.agent, address: old.call.address, arguments: draft.arguments),
            facts: recorded.decided.facts, now: ports.clock.wall)
        guard case .approve = again.verdict else { return false }
        return ReviewedDecision(again) == old.decision
    }

    /// Returns the facts of the real review with the template filled anew, or nil if the preview would be another one.
    private func facts(
        of old: ReviewDocument, _ draft: ProbeDraft, _ recorded: RecordedCall
    ) -> JSONObject? {
        guard var facts = old.facts.object else { return nil }
        let policy = recorded.decided.resolved.policy
        guard let call = try? old.call.with(draft.arguments) else { return nil }
        put(amountsOf: call, under: policy, into: &facts)
        guard let entry = policy.templates[old.call.address] else { return facts }
        let units = policy.units(of: old.call.address)
        guard let shown = try? TemplateShown(entry, of: draft.arguments, units: units) else {
            return nil
        }
        if let preview = entry.template.preview {
            guard let wanted = try? preview.arguments(for: draft.arguments),
                let real = try? preview.arguments(for: old.call.arguments), wanted == real
            else { return nil }
        }
        shown.put(into: &facts)
        return facts
    }

    /// Asks the planned probes that are due. Called every second.
    func askProbes(at now: Timestamp) async {
        let due = state.withLock { state -> [PlannedProbe] in
            let due = state.planned.filter { $0.at <= now }
            state.planned.removeAll { $0.at <= now }
            return due
        }
        for planned in due {
            // No other task knows the probe's id yet, so it needs no gate.
            await ask(planned, at: now)
        }
    }

    /// Asks a probe: it is written to the log first, then to the store, like every request. A crash in between leaves a
    /// question in the log that people were never asked.
    private func ask(_ planned: PlannedProbe, at now: Timestamp) async {
        guard let store = ports.reviewQuality.store, !ports.ledger.hasEnded(run: planned.call.run),
            let form = try? form(of: planned, at: now)
        else { return }
        let probe = Probe(form, flaw: planned.draft.flaw)
        do {
            let receipt = try await ports.ledger.append(requested(form, intent: nil))
            state.withLock { $0.marks[form.id] = receipt.index }
            try await store.keep(probe: form.id, body: stored(probe))
        } catch {
            state.withLock { $0.marks[form.id] = nil }
            return ports.alarm("approval.probe_unkept", "store")
        }
        state.withLock { state in
            state.probes.put(probe)
            for voter in form.voters { state.probed[voter.pseudonym] = now }
        }
        rememberAsking(form, isProbe: true)
        topics.tell()
        ports.topics(.requested, addressed(form))
    }

    private func form(of planned: PlannedProbe, at now: Timestamp) throws -> ApprovalRequest {
        var facts = planned.facts
        facts["asked"] = .string(now.rfc3339(fractionDigits: 0))
        // A probe must not be recognisable by its history: it has that of a request made now.
        putEarlier(
            than: planned.call, planned.template?.template, planned.units, at: now, into: &facts)
        let review = try ReviewDocument(
            request: ApprovalID(milliseconds: now.milliseconds, random: ports.entropy.bytes(10)),
            revision: 1, call: planned.call, policy: planned.policy, decision: planned.decision,
            facts: .object(facts), template: planned.template?.digest)
        return try ApprovalRequest(
            BoundReview(review, salt: ports.entropy.bytes(32), ports.hashing),
            call: CallID(milliseconds: now.milliseconds, random: ports.entropy.bytes(10)),
            voters: planned.voters, wantsPasskey: ports.passkeys != nil, life: planned.life,
            useWithin: ports.useWithin, now: now)
    }

    func stored(_ probe: Probe) -> JSONValue {
        [
            "probe": probe.json,
            "at": .integer(Int64(clamping: state.withLock { $0.marks[probe.id] } ?? 0)),
        ]
    }
}

extension Entropy {
    /// Returns a random number from 0 up to, but not including, 1.
    fileprivate func fraction() -> Double {
        let bits = bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Double(bits >> 11) * 0x1p-53
    }
}
