import InterlockLedger
package import InterlockModel

/// The stage of one agent as the records of a log tell it. The gateway decides by the signed documents, of which a log
/// has the commitments: this is the second account of the same, which needs no key.
///
/// INVARIANT: a demotion and the lapse of time never raise it. Kept by `LoggedStageTests`.
package struct LoggedStage: Sendable, Hashable {
    /// The records in the order of the log, also of documents that could not be kept.
    package private(set) var events: [StageEvent] = []

    package init() {}

    init(events: [StageEvent]) { self.events = events }

    /// - Returns: the change if it acts; nil also for a record that is not about a stage.
    mutating func add(
        _ record: StoredRecord, at index: UInt64, leaf: Digest
    ) -> StageEvent? {
        guard let event = StageEvent(record, at: index, leaf: leaf) else { return nil }
        // The first record of a document that could not be kept says that it counts.
        if !event.isKept, let place = events.lastIndex(where: { $0.isKept && $0.isSame(as: event) })
        {
            events.remove(at: place)
        }
        events.append(event)
        return event.isKept ? event : nil
    }

    /// The changes that act.
    package var entries: [StageEvent] { events.filter(\.isKept) }

    /// The last promotion; nil without one.
    package var promotion: StageEvent? { events.last { $0.isKept && $0.isPromotion } }

    /// The owner's ceiling; nil if none was set.
    package var delegation: AutonomyStage? { entries.last { $0.kind == .delegated }?.to }

    /// The lowest stage that demotions since the last promotion have left; nil if there was none.
    package var demotion: AutonomyStage? {
        let start = events.lastIndex { $0.isKept && $0.isPromotion }.map { $0 + 1 } ?? 0
        return events[start...].filter { $0.kind == .demoted }.map(\.to).min()
    }

    /// The stage of the last promotion: one lower from its end on, and for each further time of its length. Nil without
    /// one.
    package func promoted(at now: Timestamp) -> AutonomyStage? {
        guard let promotion, let until = promotion.until else { return nil }
        return promotion.to.lapsed(from: promotion.date, until: until, at: now)
    }

    /// The end of the cool-down that is running; nil if none is.
    package func cooldownEnd(at now: Timestamp) -> Timestamp? {
        var end: Timestamp?
        for entry in entries {
            switch entry.kind {
            case .demoted: end = max(end ?? entry.at, entry.until ?? entry.at)
            case .promoted:
                // A promotion within a cool-down undoes the demotion; an attestation of the same stage does not.
                if let from = entry.from, entry.to > from { end = nil }
            case .attested, .delegated: break
            }
        }
        return end.flatMap { now < $0 ? $0 : nil }
    }

    /// - Parameter ceiling: the highest stage that the policy permits; nil if it holds the agent at `observe`.
    package func limits(ceiling: AutonomyStage?, at now: Timestamp) -> StageLimits {
        StageLimits(
            ceiling: ceiling, delegation: delegation, promotion: promoted(at: now),
            demotion: demotion)
    }
}
