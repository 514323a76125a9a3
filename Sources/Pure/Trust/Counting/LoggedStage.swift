import InterlockJSON
import InterlockLedger
package import InterlockModel

/// The stage of one agent as the records of a log tell it. The gateway decides by the signed documents, of which a log
/// has the commitments: this is the second account of the same, which needs no key.
///
/// INVARIANT: a demotion and the lapse of time never raise it. Kept by `LoggedStageTests`.
package struct LoggedStage: Sendable, Hashable {
    /// One record of the agent's stage.
    package struct Entry: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable {
            case promoted, demoted, delegated
        }

        package let kind: Kind
        package let time: Timestamp
        /// The date of the document of a promotion, up to 7 days before its record; otherwise `time`.
        package let date: Timestamp
        /// Nil of a ceiling.
        package let from: AutonomyStage?
        package let to: AutonomyStage
        /// The end of a promotion, or that of the cool-down after a demotion; nil of a ceiling.
        package let until: Timestamp?
        /// The trigger of a demotion; nil otherwise.
        package let code: String?
        package let leaf: Digest
    }

    /// The records in the order of the log, without those that were taken back.
    package private(set) var entries: [Entry] = []

    package init() {}

    /// - Returns: false if the record is none of a stage.
    mutating func add(_ record: StoredRecord, _ type: RecordType, _ leaf: Digest) -> Bool {
        guard let entry = Entry(record, type, leaf) else { return false }
        guard entry.kind == .demoted || record.text("code") == nil else {
            // The store did not take it, so it never counted.
            if let place = entries.lastIndex(where: { $0.isSame(as: entry) }) {
                entries.remove(at: place)
            }
            return false
        }
        entries.append(entry)
        return true
    }

    /// The last promotion; nil without one.
    package var promotion: Entry? { entries.last { $0.kind == .promoted } }

    /// The owner's ceiling; nil if none was set.
    package var delegation: AutonomyStage? { entries.last { $0.kind == .delegated }?.to }

    /// The lowest stage that demotions since the last promotion have left; nil if there was none.
    package var demotion: AutonomyStage? {
        let start = entries.lastIndex { $0.kind == .promoted }.map { $0 + 1 } ?? 0
        return entries[start...].filter { $0.kind == .demoted }.map(\.to).min()
    }

    /// The stage of the last promotion: one lower from its end on, and for each further time of its length. Nil without
    /// one.
    package func promoted(at now: Timestamp) -> AutonomyStage? {
        guard let promotion, let until = promotion.until else { return nil }
        guard now >= until else { return promotion.to }
        let length = max(1, (until - promotion.date).microseconds)
        let past = (now - until).microseconds / length
        return AutonomyStage(rawValue: promotion.to.rawValue - 1 - Int(min(past, 3))) ?? .gated
    }

    /// The end of the cool-down that is running; nil if none is.
    package func cooldownEnd(at now: Timestamp) -> Timestamp? {
        var end: Timestamp?
        for entry in entries {
            switch entry.kind {
            case .demoted: end = max(end ?? entry.time, entry.until ?? entry.time)
            case .promoted:
                // A promotion within a cool-down undoes the demotion; an attestation of the same stage does not.
                if let from = entry.from, entry.to > from { end = nil }
            case .delegated: break
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

extension LoggedStage.Entry {
    fileprivate init?(_ record: StoredRecord, _ type: RecordType, _ leaf: Digest) {
        switch type {
        case .trustPromoted: kind = .promoted
        case .trustDemoted: kind = .demoted
        case .trustDelegated: kind = .delegated
        default: return nil
        }
        guard let to = record.text("to").flatMap({ AutonomyStage(name: $0) }),
            let time = record.time
        else { return nil }
        self.to = to
        self.time = time
        date = record["date"]?.integer.map { Timestamp(microseconds: $0) } ?? time
        self.leaf = leaf
        from = record.text("from").flatMap { AutonomyStage(name: $0) }
        until = record["until"]?.integer.map { Timestamp(microseconds: $0) }
        code = kind == .demoted ? record.text("code") : nil
    }

    fileprivate func isSame(as other: LoggedStage.Entry) -> Bool {
        kind == other.kind && from == other.from && to == other.to && until == other.until
    }
}
