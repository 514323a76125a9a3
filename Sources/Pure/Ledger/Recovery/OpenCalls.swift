import InterlockJSON
package import InterlockModel

/// The calls of a log that have not ended, and those whose end is unknown.
package struct OpenCalls: Sendable, Equatable {
    /// Intents without a closing record, by leaf hash.
    package private(set) var open: [Digest: OpenIntent] = [:]
    /// Intents closed as unknown, for which one late outcome may follow.
    package private(set) var unknown: Set<Digest> = []

    package init() {}

    init(open: [OpenIntent], unknown: some Sequence<Digest>) {
        self.open = Dictionary(open.map { ($0.hash, $0) }) { first, _ in first }
        self.unknown = Set(unknown)
    }

    package mutating func apply(_ effect: RecordEffect) {
        switch effect {
        case .opens(let intent): open[intent.hash] = intent
        case .closes(let intent, let asUnknown):
            open[intent] = nil
            if asUnknown { unknown.insert(intent) }
        case .endsLate(let intent): unknown.remove(intent)
        case .usesApproval(let intent): open[intent]?.approvalUsed = true
        case .issuesToken, .endsRun, .closesLog, .prunes, .none: break
        }
    }
}

/// What one record changes in the state that the next records are held against.
package enum RecordEffect: Sendable, Equatable {
    case none
    case opens(OpenIntent)
    case closes(Digest, asUnknown: Bool)
    /// The true end of a call that was closed as unknown.
    case endsLate(Digest)
    case usesApproval(Digest)
    case endsRun
    /// Of a token for this run, whether it has begun or not.
    case issuesToken(RunID, RunExpiry)
    /// The last record of an epoch.
    case closesLog
    /// Entries below the index are given up.
    case prunes(UInt64)

    /// - Parameter hash: of the record's leaf.
    package init(_ draft: RecordDraft, _ role: RecordRole, hash: Digest) {
        switch role {
        case .intent: self = .opens(OpenIntent(draft, hash: hash))
        case .closer(let intent): self = .closes(intent, asUnknown: draft.type == .callUnknown)
        case .lateOutcome(let intent): self = .endsLate(intent)
        case .use(let intent): self = .usesApproval(intent)
        case .permit, .fact:
            switch draft.type {
            case .runEnd where draft.run != nil: self = .endsRun
            case .tokenIssued: self = .issuing(draft.fields)
            case .logClosed: self = .closesLog
            case .logPruned: self = .pruning(draft.fields["min"])
            default: self = .none
            }
        }
    }

    /// - Parameter minimum: the field of `log.pruned`; what is no index prunes nothing.
    static func pruning(_ minimum: JSONValue?) -> RecordEffect {
        minimum?.integer.flatMap(UInt64.init(exactly:)).map { .prunes($0) } ?? .none
    }

    /// - Parameter fields: of `token.issued`; what names no run and no time gives no run more time.
    static func issuing(_ fields: JSONObject) -> RecordEffect {
        guard let run = fields["trun"]?.string.flatMap({ RunID($0) }),
            let agent = fields["agent"]?.string.flatMap({ AgentName($0) }),
            let end = fields["exp"]?.integer
        else { return .none }
        return .issuesToken(run, RunExpiry(agent: agent, until: Timestamp(microseconds: end)))
    }
}
