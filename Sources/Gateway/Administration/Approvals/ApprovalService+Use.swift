package import InterlockApprovals
package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
package import InterlockPorts
import Synchronization

extension ApprovalService {
    /// Marks a grant as used, first in the store, then in the log. If the process dies in between, the next start
    /// settles the request (`restore`); of a grant for several calls, one fewer is left.
    package func use(
        _ grant: ApprovalRequest, for recorded: RecordedCall, under judged: JudgedCall
    ) async -> Result<ApprovalUseEntry?, Refusal> {
        let decision = judged.decision
        guard let call = CanonicalCall(of: recorded, org: judged.policy.org, under: decision) else {
            return .failure(.unreviewable("the call has no canonical form"))
        }
        await gates.requests.enter(grant.id)
        defer { gates.requests.leave(grant.id) }
        guard await dropRevoked(of: grant.id), let before = self[grant.id] else {
            return .failure(.spent)
        }
        var request = before
        let claim = UseClaim(
            callDigest: call.digest(ports.hashing),
            decision: UseClaim.Decision(
                decision,
                eligible: eligible(
                    under: decision, judged.policy, for: before,
                    onBehalfOf: recorded.call.principal.onBehalfOf)),
            takesConsent: ports.takesConsent && decision.tier == .low)
        let action = request.handle(.use(claim), at: ports.clock.wall)
        guard action == .used else {
            if request.state != before.state { _ = await changeInside(grant.id, .use(claim)) }
            return .failure(.spent)
        }
        let votes = state.withLock { $0.votes[grant.id] ?? [] }
        let isLast = request.state == .used
        do throws(StoreFailure) {
            let isFirst = try await store(
                isLast ? .use : .useAgain, of: before,
                body: stored(
                    request, votes: isLast ? [] : votes,
                    use: ApprovalUse(
                        call: claim.callDigest, intent: recorded.intent.leafHash)))
            guard isFirst else { return .failure(.spent) }
        } catch { return .failure(.storeUnavailable) }
        show(request)
        let entry = ports.store.entry(ofUse: recorded.intent.leafHash)
        var fields: JSONObject = [
            "intent": .string(recorded.intent.leafHash.base64),
            "bindc": .string(request.bind.base64),
            "grants": .array(votes.map { Self.grant($0, of: entry) }),
            "use": .string(recorded.call.id.text), "row": .integer(Int64(request.revision)),
            "pol": .string(judged.policy.digestText),
        ]
        fields.name(entry?.entry)
        let record = draft(
            .approvalUsed, request, fields,
            [("release", ports.records.input(recorded.decided.resolved, judged))])
        do throws(LedgerRefusal) {
            let receipt = try await ports.ledger.append(record)
            if !isLast { state.withLock { $0.marks[grant.id] = receipt.index } }
        } catch { return .failure(.unrecorded(error)) }
        guard isLast else { return .success(entry) }
        // Log and store agree. If this is lost, the next start finds the use in the log.
        _ = try? await store(
            .settle(isRecorded: true), of: request, body: stored(request, votes: []))
        return .success(entry)
    }

    /// A vote, as the record of a use names it: by its leaf hash, and by its log if that is another node's.
    private static func grant(_ vote: Digest, of entry: ApprovalUseEntry?) -> JSONValue {
        guard let origin = entry?.origins[vote] else { return ["h": .string(vote.base64)] }
        return ["h": .string(vote.base64), "o": .string(origin.text)]
    }
}

extension UseClaim.Decision {
    fileprivate init(_ decision: Decision, eligible: [Person]) {
        switch decision.verdict {
        case .allow: self = .allow
        case .deny: self = .deny
        case .approve(let quorum):
            self = .approve(
                quorum: quorum, group: decision.group ?? "", effects: decision.effects,
                eligible: eligible)
        }
    }
}
