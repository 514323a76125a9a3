import InterlockAdministration
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTrust

/// The records of the stage of one agent, with the documents that people signed.
struct AgentStages: Sendable {
    private(set) var history = StageHistory()
    /// The document of the last promotion, and of the ceiling of the owner.
    private(set) var promotion: SignedPromotion?
    private(set) var delegation: SignedStageDelegation?
    /// The last confirmation by an owner.
    private(set) var ownership: SignedOwnership?
    /// The document of the last exception.
    private(set) var exception: SignedStageException?

    mutating func add(_ demotion: StageDemotion) { history.add(demotion) }

    mutating func add(_ signed: SignedPromotion) throws(PromotionRefusal) {
        try history.add(signed.promotion)
        promotion = signed
    }

    mutating func add(_ signed: SignedStageDelegation) throws(PromotionRefusal) {
        try history.add(signed.delegation)
        delegation = signed
    }

    /// An older confirmation replaces no newer one.
    mutating func add(_ signed: SignedOwnership) {
        if let ownership, signed.confirmation.date < ownership.confirmation.date { return }
        ownership = signed
    }

    mutating func add(_ signed: SignedStageException) throws(PromotionRefusal) {
        try history.add(signed.exception)
        exception = signed
    }
}

/// The entries of the control log about the stages of agents. All of them count, in their order: the newest alone would
/// let one forged row hide a demotion.
struct StageEntries {
    private(set) var agents: [AgentName: AgentStages] = [:]
    /// The numbers of the entries that were not taken: they are not signed by people, or do not follow from those before.
    private(set) var ignored: [Int64] = []
    /// The latest time that the entries state.
    private(set) var latest = Timestamp(microseconds: 0)
    /// The time of the last demotion or promotion among the entries; nil without one. Demotions are appended in the order in
    /// which they act, and before a promotion, so that one on record without its entry is younger.
    private(set) var storedUntil: Timestamp?

    /// - Parameters:
    ///   - keys: nil while the authorized keys cannot be read; no promotion counts then.
    ///   - passkeys: if nil, a promotion that a passkey signed is not taken.
    /// - Throws: also if an entry is not as it was written, or a demotion is not as this program writes it.
    init(
        _ log: any ControlLog, _ keys: AuthorizedKeys?, hashing: any Hashing,
        verifier: any SignatureVerifier, passkeys: EnrolledPasskeyVerifier? = nil
    ) async throws(ControlLogFailure) {
        _ = try await ControlLogVerification.verify(log, hashing: hashing) {
            entry throws(ControlLogFailure) in try self.read(entry, keys, verifier, passkeys)
        }
    }

    private mutating func read(
        _ entry: ControlEntry, _ keys: AuthorizedKeys?, _ verifier: any SignatureVerifier,
        _ passkeys: EnrolledPasskeyVerifier?
    ) throws(ControlLogFailure) {
        switch entry.kind {
        case .trustDemotion:
            latest = max(latest, entry.at)
            do throws(FormError) {
                guard let agent = AgentName(entry.subject) else {
                    throw FormError.badMember("subject", "the name of an agent")
                }
                let demotion = try StageDemotion(.object(entry.body))
                agents[agent, default: AgentStages()].add(demotion)
                storedUntil = demotion.at
            } catch { throw .unreadableStage(entry.number, error) }
        case .trustPromotion, .trustDelegation, .trustOwnership, .trustException:
            latest = max(latest, entry.at)
            guard let agent = AgentName(entry.subject),
                take(entry, of: agent, keys, verifier, passkeys)
            else {
                ignored.append(entry.number)
                return
            }
            if entry.kind == .trustPromotion {
                storedUntil = agents[agent]?.history.promotion?.date
            }
        default: break
        }
    }

    /// - Returns: false if the document is not as people signed it, is about another agent, or does not follow.
    private mutating func take(
        _ entry: ControlEntry, of agent: AgentName, _ keys: AuthorizedKeys?,
        _ verifier: any SignatureVerifier, _ passkeys: EnrolledPasskeyVerifier?
    ) -> Bool {
        var stages = agents[agent] ?? AgentStages()
        do {
            let envelope = try entry.signedStageDocument()
            switch entry.kind {
            case .trustPromotion:
                let signed = try SignedPromotion(
                    envelope, verifiedBy: verifier, passkeys: passkeys)
                guard signed.promotion.agent == agent, keys.map(signed.isGenuine) ?? true else {
                    return false
                }
                try stages.add(signed)
            case .trustOwnership:
                let signed = try SignedOwnership(envelope, verifiedBy: verifier)
                guard signed.confirmation.agent == agent else { return false }
                stages.add(signed)
            case .trustException:
                let signed = try SignedStageException(envelope, verifiedBy: verifier)
                guard signed.exception.agent == agent, keys.map(signed.isGenuine) ?? true else {
                    return false
                }
                try stages.add(signed)
            default:
                let signed = try SignedStageDelegation(envelope, verifiedBy: verifier)
                guard signed.delegation.agent == agent, keys.map(signed.isGenuine) ?? true else {
                    return false
                }
                try stages.add(signed)
            }
        } catch { return false }
        agents[agent] = stages
        return true
    }
}

extension ControlEntry {
    fileprivate func signedStageDocument() throws(FormError) -> Envelope {
        let fields = try StrictFields(.object(body), required: ["signed"])
        return try Envelope(json: try fields.value("signed"))
    }
}

extension SignedPromotion {
    var draft: ControlDraft {
        ControlDraft(.trustPromotion, promotion.agent.text, ["signed": envelope.json])
    }
}

extension SignedStageException {
    var draft: ControlDraft {
        ControlDraft(.trustException, exception.agent.text, ["signed": envelope.json])
    }
}

extension SignedStageDelegation {
    var draft: ControlDraft {
        ControlDraft(.trustDelegation, delegation.agent.text, ["signed": envelope.json])
    }
}

extension SignedOwnership {
    var draft: ControlDraft {
        ControlDraft(.trustOwnership, confirmation.agent.text, ["signed": envelope.json])
    }
}
