import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// A change of an agent's stage or of its ceiling, by its record.
package struct StageEvent: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case promoted
        /// A promotion to the stage that the agent has, for another time.
        case attested
        case demoted
        /// The owner set a ceiling.
        case delegated
    }

    package let kind: Kind
    package let at: Timestamp
    /// The index of the record in the log.
    package let record: UInt64
    /// Is nil for a ceiling.
    package let from: AutonomyStage?
    package let to: AutonomyStage
    /// The trigger of a demotion.
    package let trigger: DemotionTrigger?
    /// The end of a promotion, or of the cool-down after a demotion.
    package let until: Timestamp?
    /// False for a statement of people that could not be kept, so that it does not act.
    package let isKept: Bool

    package init(
        _ kind: Kind, at: Timestamp, record: UInt64, from: AutonomyStage?, to: AutonomyStage,
        trigger: DemotionTrigger? = nil, until: Timestamp? = nil, isKept: Bool = true
    ) {
        self.kind = kind
        self.at = at
        self.record = record
        self.from = from
        self.to = to
        self.trigger = trigger
        self.until = until
        self.isKept = isKept
    }

    /// - Returns: nil for a record of another kind, and for one that this version cannot read.
    package init?(_ record: StoredRecord, at index: UInt64) {
        guard record.type.hasPrefix("trust."), let type = RecordType(rawValue: record.type),
            let at = record.time,
            let to = record.text("to").flatMap({ AutonomyStage(name: $0) })
        else { return nil }
        let from = record.text("from").flatMap { AutonomyStage(name: $0) }
        let kind: Kind
        switch type {
        case .trustPromoted: kind = from == to ? .attested : .promoted
        case .trustDemoted: kind = .demoted
        case .trustDelegated: kind = .delegated
        default: return nil
        }
        let code = record.text("code")
        self.init(
            kind, at: at, record: index, from: from, to: to,
            trigger: kind == .demoted ? code.flatMap { DemotionTrigger(rawValue: $0) } : nil,
            until: record["until"]?.integer.map { Timestamp(microseconds: $0) },
            isKept: kind == .demoted || code == nil)
    }
}

extension StageEvent {
    fileprivate func isSame(as other: StageEvent) -> Bool {
        kind == other.kind && from == other.from && to == other.to && until == other.until
    }
}

/// The newest changes of the stages of agents, collected record by record.
package struct StageEvents: Sendable {
    /// The most changes of one agent that are kept.
    package static let most = 50

    private var events: [AgentName: [StageEvent]] = [:]

    package init() {}

    /// Takes the next record of the log.
    package mutating func add(_ record: StoredRecord, at index: UInt64) {
        guard let event = StageEvent(record, at: index),
            let agent = record.text("agent").flatMap({ AgentName($0) })
        else { return }
        var all = events[agent] ?? []
        // The first record of a document that could not be kept says that it counts.
        if !event.isKept, let place = all.lastIndex(where: { $0.isKept && $0.isSame(as: event) }) {
            all.remove(at: place)
        }
        all.append(event)
        if all.count > Self.most { all.removeFirst() }
        events[agent] = all
    }

    /// The changes of an agent, the newest first.
    package subscript(agent: AgentName) -> [StageEvent] { (events[agent] ?? []).reversed() }
}
