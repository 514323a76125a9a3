package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
import InterlockPorts

/// Records the causes of denials that people state (docs/specs/trust-and-review.md, section 4). The log proves what can
/// be proved of a cause; the rest is a judgement, by name.
///
/// INVARIANT: no owner of an agent states the cause of its denials; a denial is an attack only if its run had read
/// untrusted content by then, and the policy's only if the policy in force does not deny the same call. Kept by
/// `DenialClassificationTests`, `test_classified_denials.py`.
package struct DenialClassificationService: Sendable {
    private let gateway: Gateway
    private let log: any RecordLog
    private let looks: LogAccessLimiter

    /// The maximum length of a reason, in code points.
    package static let longestReason = 500

    package init(gateway: Gateway, log: any RecordLog, looks: LogAccessLimiter) {
        self.gateway = gateway
        self.log = log
        self.looks = looks
    }

    /// Records the cause of one denial; durable on return. A later statement about the same denial replaces it.
    ///
    /// - Parameters:
    ///   - index: the index of the record `call.denied`.
    ///   - reason: 1 to `longestReason` code points, not blank.
    package func classify(
        _ index: UInt64, as cause: DenialCause, reason: String, by person: Pseudonym,
        with visibility: Visibility
    ) async throws(ClassificationRefusal) -> StatedCause {
        guard visibility.powers.contains(.security) else { throw .missing }
        guard reason.contains(where: { !$0.isWhitespace }),
            reason.unicodeScalars.count <= Self.longestReason
        else { throw .reason }
        let look = try begin(EvidenceReader(visibility: visibility, pseudonym: person))
        defer { look.end() }
        let evidence = try await evidence(at: index, opens: cause == .policy)
        let record = evidence.record.record
        guard record.type == RecordType.callDenied.rawValue, let agent = evidence.record.agent,
            let code = record.text("code"), DenialKind(code: code) == .counted
        else { throw .notCounted }
        try checkOwner(of: agent, person, visibility)
        var fields: JSONObject = [
            "agent": .string(agent.text), "h": .string(evidence.record.hash.base64),
            "as": .string(cause.rawValue), "by": .string(person.text),
        ]
        fields["ofrun"] = evidence.record.run.map { .string($0.text) }
        var policy: Digest?
        switch cause {
        case .agent: break
        case .attack: try checkTaint(of: record)
        case .policy:
            let granting = try grantingPolicy(of: evidence)
            fields["pol"] = .string(granting.base64)
            policy = granting
        }
        do throws(LedgerRefusal) {
            _ = try await gateway.ledger.append(
                gateway.records.record(
                    .trustClassified, run: nil, fields: fields,
                    sealing: [("reason", Array(reason.utf8))]))
        } catch { throw .notRecorded(error.code) }
        return StatedCause(
            record: index, agent: agent, cause: cause, policy: policy, by: person)
    }

    /// An agent that the policy does not have has no known owner, and then every person could be it.
    private func checkOwner(
        of agent: AgentName, _ person: Pseudonym, _ visibility: Visibility
    ) throws(ClassificationRefusal) {
        guard let owner = gateway.policy.snapshot.agents[agent]?.owner else { throw .noOwner }
        let isOwner =
            visibility.person == owner || visibility.own.contains(agent)
            || gateway.policy.owner(of: agent) == person
        guard !isOwner else {
            gateway.raise(
                alarm: "trust.classification_refused", subject: agent.text, about: agent)
            throw .ownAgent
        }
    }

    private func checkTaint(of record: StoredRecord) throws(ClassificationRefusal) {
        guard let level = record["tl"]?.integer, level > TaintLevel.clean.rawValue else {
            throw .notTainted
        }
    }

    /// Returns the policy in force if it does not deny the recorded call, with all other facts as recorded.
    private func grantingPolicy(
        of evidence: RecordEvidence
    ) throws(ClassificationRefusal) -> Digest {
        let record = evidence.record.record
        guard let input = evidence.opened("in"), let sent = evidence.opened("args"),
            let recorded = try? RecordedDecision(parsing: input),
            let arguments = try? JSONValue(parsing: sent, limits: .upstream),
            recorded.policy == record.digest("pol"),
            DecisionReplay.contradictions(of: record.object, with: recorded).isEmpty
        else { throw .noInput }
        let policy = gateway.policy.snapshot
        guard !gateway.policy.isFounding, policy.digest != recorded.policy,
            recorded.decide(arguments, under: policy).verdict != .deny
        else { throw .notGranted }
        return policy.digest
    }

    private func evidence(
        at index: UInt64, opens: Bool
    ) async throws(ClassificationRefusal) -> RecordEvidence {
        do throws(EvidenceRefusal) {
            return try await log.record(at: index) { _ in opens }
        } catch { throw error == .noSuchRecord ? .missing : .notRead(error) }
    }

    private func begin(
        _ reader: EvidenceReader
    ) throws(ClassificationRefusal) -> LogAccessLimiter.Access {
        do throws(EvidenceRefusal) { return try looks.begin(.page, by: reader) } catch {
            throw .notRead(error)
        }
    }
}

extension RecordEvidence {
    /// The plaintext of one payload of the record; nil if it was not opened.
    fileprivate func opened(_ field: String) -> [UInt8]? {
        guard let payload = payloads?.first(where: { $0.field == field }),
            case .opened(let bytes) = payload.answer
        else { return nil }
        return bytes
    }
}
