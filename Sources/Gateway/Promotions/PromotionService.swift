package import InterlockAdministration
import InterlockGovernor
package import InterlockJSON
package import InterlockModel
import InterlockPolicy
import InterlockPorts
package import InterlockTrust
package import InterlockTrustStages
import Synchronization

/// Takes proposals of promotions, collects the signatures of their deciders, and hands the whole document to the stages
/// (docs/specs/trust-and-review.md, section 5).
///
/// INVARIANT: a stage rises only if every criterion is met by the leaves of the log and the agent is ready, both at the
/// proposal and at each signature. What cannot be read counts as missed. Kept by `PromotionServiceTests`.
package final class PromotionService: Sendable {
    /// The parts of the gateway that the service asks.
    package struct Sources: Sendable {
        let evidence: any PromotionEvidenceReader
        /// Is nil if nothing here answers; every promotion is refused then.
        let readiness: (any ReadinessReader)?
        let reviews: (any ReviewStatusReader)?
        /// Returns the fingerprint of an agent and the digest of the result of evals by which it passes; nil if it does not.
        let passing: @Sendable (AgentName) -> (fingerprint: Digest, result: Digest)?
        /// Is nil if no passkey can sign here.
        let passkeys: PeoplePasskeys?

        package init(
            evidence: any PromotionEvidenceReader, readiness: (any ReadinessReader)?,
            reviews: (any ReviewStatusReader)?,
            passing: @escaping @Sendable (AgentName) -> (fingerprint: Digest, result: Digest)?,
            passkeys: PeoplePasskeys? = nil
        ) {
            self.evidence = evidence
            self.readiness = readiness
            self.reviews = reviews
            self.passing = passing
            self.passkeys = passkeys
        }
    }

    let stages: TrustStageService
    let files: any PromotionFiles
    let sources: Sources
    let hashing: any Hashing
    let verifier: any SignatureVerifier
    /// Lets one proposal or signature in at a time.
    let gate = AsyncGate()
    /// The proposals that have not ended, by their ids; nil until the files were read.
    let known = Mutex<[Digest: KnownProposal]?>(nil)

    package init(
        stages: TrustStageService, files: any PromotionFiles, sources: Sources,
        hashing: any Hashing, verifier: any SignatureVerifier
    ) {
        self.stages = stages
        self.files = files
        self.sources = sources
        self.hashing = hashing
        self.verifier = verifier
    }

    /// Computes the evidence for a stage, and stores a proposal if nothing is missing.
    ///
    /// - Parameter undoes: true to undo the demotions since the last promotion, which take no credit then and hold nothing
    ///   back: people found them mistaken.
    /// - Throws: `noSuchAgent`, `otherState` if the stage does not follow from the one that the agent has or there is no
    ///   demotion to undo, `notRecorded` if the proposal cannot be stored.
    package func propose(
        _ agent: AgentName, to stage: AutonomyStage, undoes: Bool = false
    ) async throws(Problem) -> JSONValue {
        await gate.enter()
        defer { gate.leave() }
        let ground = try stages.ground(of: agent)
        guard stage == ground.earned.next || stage == ground.earned && stage != .gated else {
            throw Problem(
                .otherState,
                "the agent is at stage \(ground.earned.rawValue) `\(ground.earned.name)`, and a promotion goes to the next stage or to the same"
            )
        }
        guard !undoes || ground.undoableSince != nil && stage > ground.earned else {
            throw Problem(.otherState, PromotionRefusal.nothingToUndo.text)
        }
        let found = await assess(agent, to: stage, ground, undoes: undoes)
        var answer: JSONObject = [
            "agent": .string(agent.text), "from": .string(ground.earned.name),
            "to": .string(stage.name), "undoes": .bool(undoes),
            "lines": .array(found.lines.map(\.json)),
            "missing": .array(found.missing.map { .string($0) }),
        ]
        guard let snapshot = found.snapshot, found.missing.isEmpty else { return .object(answer) }
        let evidence = try await store(snapshot)
        remember(PromotionProposal(evidence: evidence, snapshot: snapshot))
        answer["proposal"] = .string(evidence.prefixed)
        answer["until"] = .string(
            PromotionProposal(evidence: evidence, snapshot: snapshot).end
                .rfc3339(fractionDigits: 0))
        return .object(answer)
    }

    /// The proposals that can be signed, the newest first.
    package func proposals() async throws(Problem) -> JSONValue {
        var open = try await openProposals { $0 }
        open.sort { ($1.snapshot.date, $1.evidence.hex) < ($0.snapshot.date, $0.evidence.hex) }
        return ["proposals": .array(open.map(summary))]
    }

    /// Everything that a person reads before signing.
    package func shown(_ evidence: Digest) async throws(Problem) -> JSONValue {
        let proposal = try await proposal(evidence)
        guard var object = summary(proposal).object else { return .null }
        object["snapshot"] = proposal.snapshot.json
        object["document"] = proposal.document?.json ?? JSONValue.null
        let longest = try stages.ground(of: proposal.agent).criteria?.expiry[proposal.snapshot.to]
        object["longest_s"] =
            longest.map { JSONValue.integer($0.components.seconds) } ?? JSONValue.null
        object["open"] = .bool(
            proposal.isOpen(at: stages.now)
                && !isTaken(proposal))
        return .object(object)
    }

    /// Takes the ceiling that the owner of an agent has signed.
    package func delegate(
        _ body: JSONValue, by: Pseudonym
    ) async throws(Problem) -> JSONValue { try await stages.delegate(body, by: by) }

    /// Takes an exception that its deciders have signed.
    package func except(
        _ body: JSONValue, by: Pseudonym
    ) async throws(Problem) -> JSONValue { try await stages.except(body, by: by) }

    /// Records that the owner of an agent confirms to own it.
    package func confirm(
        _ body: JSONValue, by: Pseudonym
    ) async throws(Problem) -> JSONValue { try await stages.confirm(body, by: by) }

    /// Reads the proposals that can be signed, in no particular order. Of each only what `make` returns is kept.
    ///
    /// - Throws: `notRead`.
    func openProposals<Value>(
        _ make: (PromotionProposal) -> Value
    ) async throws(Problem) -> [Value] {
        let names: [String]
        do throws(StoreFailure) { names = try await files.names() } catch {
            throw Problem(.notRead, "the proposals cannot be read: \(error.reason)")
        }
        let now = stages.now
        var open: [Value] = []
        for name in names where name.hasSuffix(Self.snapshotEnd) {
            guard let evidence = Digest(hex: name.dropLast(Self.snapshotEnd.utf8.count)),
                let proposal = try? await proposal(evidence), proposal.isOpen(at: now),
                !isTaken(proposal)
            else { continue }
            open.append(make(proposal))
        }
        return open
    }

    private func isTaken(_ proposal: PromotionProposal) -> Bool {
        isTaken(
            proposal.evidence, of: proposal.agent, proposal.document.flatMap { try? Promotion($0) })
    }

    /// True if the last promotion of the agent is by this proposal, or is not older than its document, which the stages do
    /// not take then.
    func isTaken(_ evidence: Digest, of agent: AgentName, _ document: Promotion?) -> Bool {
        guard let last = stages.promotion(of: agent) else { return false }
        guard last.evidence != evidence else { return true }
        return document.map { $0.date <= last.date } ?? false
    }

    private func summary(_ proposal: PromotionProposal) -> JSONValue {
        let signed = proposal.document.flatMap { try? self.signed($0) }
        let deciders = signed?.promotion.deciders ?? []
        let decided = stages.keys.flatMap { keys in signed?.decided(among: keys) } ?? []
        return [
            "proposal": .string(proposal.evidence.prefixed), "agent": .string(proposal.agent.text),
            "from": .string(proposal.snapshot.from.name), "to": .string(proposal.snapshot.to.name),
            "undoes": .bool(proposal.snapshot.undoes),
            "date": .string(proposal.snapshot.date.rfc3339(fractionDigits: 0)),
            "until": .string(proposal.end.rfc3339(fractionDigits: 0)),
            "signed": .array(decided.map { .string($0.address) }),
            "waits_for": .array(
                deciders.filter { !decided.contains($0) }.map { .string($0.address) }),
        ]
    }
}

extension TrustSnapshot.Line {
    fileprivate var json: JSONValue {
        [
            "criterion": .string(criterion.rawValue), "value": .string(value),
            "threshold": .string(threshold), "met": .bool(isMet),
            "records": .integer(Int64(leaves.count)),
        ]
    }
}
