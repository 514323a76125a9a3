import InterlockJSON
package import InterlockModel

/// The calls of a log that have not ended, and those whose result is unknown.
package struct OpenCalls: Sendable, Equatable {
    /// The intents without a closing record, by leaf hash.
    package private(set) var open: [Digest: OpenIntent] = [:]
    /// The intents that were closed as unknown, each of which may receive one late outcome.
    package private(set) var unknown: Set<Digest> = []
    /// Those of `unknown` that no person has checked, by leaf hash; the newest, at most `mostUnchecked`, without the
    /// calls of drills.
    package private(set) var unchecked: [Digest: UncheckedCall] = [:]
    /// Those of `unknown` about which a person made a final finding; no other finding may follow.
    package private(set) var settled: Set<Digest> = []

    /// The maximum number of unchecked calls that are remembered; a tenth of them, the oldest, is forgotten at once.
    package static let mostUnchecked = 10_000

    package init() {}

    init(
        open: [OpenIntent], unknown: some Sequence<Digest>, unchecked: [UncheckedCall] = [],
        settled: [Digest] = []
    ) {
        self.open = Dictionary(open.map { ($0.hash, $0) }) { first, _ in first }
        self.unknown = Set(unknown)
        self.unchecked = Dictionary(unchecked.map { ($0.intent.hash, $0) }) { first, _ in first }
        self.settled = Set(settled)
    }

    /// - Parameter time: the time of the record.
    package mutating func apply(_ effect: RecordEffect, at time: Timestamp) {
        switch effect {
        case .opens(let intent): open[intent.hash] = intent
        case .closes(let intent, let asUnknown):
            let ended = open.removeValue(forKey: intent)
            guard asUnknown else { break }
            unknown.insert(intent)
            if let ended { remember(UncheckedCall(intent: ended, since: time)) }
        case .endsLate(let intent):
            unknown.remove(intent)
            unchecked[intent] = nil
            settled.remove(intent)
        case .checks(let intent, let isFinal):
            unchecked[intent] = nil
            if isFinal { settled.insert(intent) }
        case .usesApproval(let intent): open[intent]?.approvalUsed = true
        case .issuesToken, .endsRun, .closesLog, .prunes, .fillsDisk, .none: break
        }
    }
}

extension OpenCalls {
    private mutating func remember(_ call: UncheckedCall) {
        guard let run = call.intent.run, !run.agent.isCanary else { return }
        unchecked[call.intent.hash] = call
        guard unchecked.count > Self.mostUnchecked else { return }
        for old in unchecked.values.sorted().prefix(Self.mostUnchecked / 10) {
            unchecked[old.intent.hash] = nil
        }
    }
}

/// The effect of one record on the state that later records are checked against.
package enum RecordEffect: Sendable, Equatable {
    case none
    case opens(OpenIntent)
    case closes(Digest, asUnknown: Bool)
    /// The actual end of a call that was closed as unknown.
    case endsLate(Digest)
    /// A person's finding about a call that was closed as unknown.
    case checks(Digest, isFinal: Bool)
    case usesApproval(Digest)
    case endsRun
    /// The issue of a token for this run, whether the run has begun or not.
    case issuesToken(RunID, RunExpiry)
    /// The last record of an epoch.
    case closesLog
    /// The pruning of all entries below the index.
    case prunes(UInt64)
    /// A mark of the free space was passed; false if there is room again.
    case fillsDisk(Bool)

    /// - Parameter hash: the leaf hash of the record.
    package init(_ draft: RecordDraft, _ role: RecordRole, hash: Digest) {
        switch role {
        case .intent: self = .opens(OpenIntent(draft, hash: hash))
        case .closer(let intent): self = .closes(intent, asUnknown: draft.type == .callUnknown)
        case .lateOutcome(let intent): self = .endsLate(intent)
        case .check(let intent): self = .checking(intent, draft.fields["as"])
        case .use(let intent): self = .usesApproval(intent)
        case .permit, .fact:
            switch draft.type {
            case .runEnd where draft.run != nil: self = .endsRun
            case .tokenIssued: self = .issuing(draft.fields)
            case .logClosed: self = .closesLog
            case .logPruned: self = .pruning(draft.fields["min"])
            case .logFull: self = .filling(draft.fields["level"])
            default: self = .none
            }
        }
    }

    /// - Parameter finding: the field of `outcome.checked`; a value of a later version counts as final.
    static func checking(_ intent: Digest, _ finding: JSONValue?) -> RecordEffect {
        .checks(intent, isFinal: finding?.string != OutcomeFinding.stillUnknown.rawValue)
    }

    /// - Parameter minimum: the field of `log.pruned`; a value that is not an index has no effect.
    static func pruning(_ minimum: JSONValue?) -> RecordEffect {
        minimum?.integer.flatMap(UInt64.init(exactly:)).map { .prunes($0) } ?? .none
    }

    /// - Parameter level: the field of `log.full`.
    static func filling(_ level: JSONValue?) -> RecordEffect {
        .fillsDisk(level?.string != "clear")
    }

    /// - Parameter fields: the fields of `token.issued`; without a valid run, agent and time they have no effect.
    static func issuing(_ fields: JSONObject) -> RecordEffect {
        guard let run = fields["trun"]?.string.flatMap({ RunID($0) }),
            let agent = fields["agent"]?.string.flatMap({ AgentName($0) }),
            let end = fields["exp"]?.integer
        else { return .none }
        return .issuesToken(run, RunExpiry(agent: agent, until: Timestamp(microseconds: end)))
    }
}
