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
    /// The date of the document of a promotion, up to 7 days before its record; otherwise `at`.
    package let date: Timestamp
    /// The index of the record in the log.
    package let record: UInt64
    package let leaf: Digest
    /// Is nil for a ceiling.
    package let from: AutonomyStage?
    package let to: AutonomyStage
    /// The code of a demotion; nil otherwise.
    package let code: String?
    /// The end of a promotion, or of the cool-down after a demotion.
    package let until: Timestamp?
    /// False for a statement of people that could not be kept, so that it does not act.
    package let isKept: Bool

    /// The most changes of one agent that are shown.
    package static let mostShown = 50

    package init(
        _ kind: Kind, at: Timestamp, date: Timestamp? = nil, record: UInt64, leaf: Digest,
        from: AutonomyStage?, to: AutonomyStage, code: String? = nil, until: Timestamp? = nil,
        isKept: Bool = true
    ) {
        self.kind = kind
        self.at = at
        self.date = date ?? at
        self.record = record
        self.leaf = leaf
        self.from = from
        self.to = to
        self.code = code
        self.until = until
        self.isKept = isKept
    }

    /// - Returns: nil for a record of another kind, and for one that this version cannot read.
    package init?(_ record: StoredRecord, at index: UInt64, leaf: Digest) {
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
            kind, at: at, date: record["date"]?.integer.map { Timestamp(microseconds: $0) },
            record: index, leaf: leaf, from: from, to: to, code: kind == .demoted ? code : nil,
            until: record["until"]?.integer.map { Timestamp(microseconds: $0) },
            isKept: kind == .demoted || code == nil)
    }

    /// The trigger of a demotion; nil if this version does not know its code.
    package var trigger: DemotionTrigger? { code.flatMap { DemotionTrigger(rawValue: $0) } }

    /// True for a document of people that a stage rests on.
    package var isPromotion: Bool { kind == .promoted || kind == .attested }

    /// True if both are of one document, whether or not it was kept.
    func isSame(as other: StageEvent) -> Bool {
        kind == other.kind && from == other.from && to == other.to && until == other.until
    }
}
