package import InterlockModel

/// The stage of one agent as its records tell it, in their order: promotions, demotions and the ceiling of the owner.
/// What it says at a time is a pure function of these records and that time.
///
/// INVARIANT: no demotion and no lapse of time raises the stage; only a promotion does, by one. Kept by
/// `StageHistoryTests`.
package struct StageHistory: Sendable, Hashable {
    /// The last promotion; nil without one.
    package private(set) var promotion: Promotion?
    /// The lowest of what demotions since the last promotion have left, with the newest of them.
    package private(set) var demotion: StageDemotion?
    package private(set) var delegation: StageDelegation?
    /// The last exception, unless a promotion or a demotion ended it since.
    package private(set) var exception: StageException?
    /// The date of the last exception of all, so that none counts twice.
    private var lastException: Timestamp?
    /// The time before which no promotion counts; nil if there never was one.
    package private(set) var cooldownEnd: Timestamp?
    /// The time of the last demotion: runs from before it give no credit.
    package private(set) var creditStart: Timestamp?
    /// The times of all demotions, in the order of the records.
    package private(set) var demotions: [Timestamp] = []
    /// The causes of all demotions, each of which counts once.
    private var causes: Set<Digest> = []
    /// The stages that ends of the last promotion have taken, as far as they are on record.
    private var recordedEnds = 0

    package init() {}

    /// The stage of the last promotion, less one stage for its end and for each further time of its length; nil without
    /// one.
    package func promoted(at now: Timestamp) -> AutonomyStage? {
        promotion.map { $0.to.lapsed(from: $0.date, until: $0.expires, at: now) }
    }

    /// The stage that promotions and demotions leave.
    package func earned(at now: Timestamp) -> AutonomyStage {
        min(promoted(at: now) ?? .gated, demotion?.to ?? .full)
    }

    /// The stage with the exception that is running, which is at most one above what the agent has earned.
    package func excepted(at now: Timestamp) -> AutonomyStage? {
        guard let exception, exception.isRunning(at: now), let next = earned(at: now).next else {
            return nil
        }
        return min(exception.to, next)
    }

    /// Returns the demotion that a trigger causes, or nil if it takes nothing: its cause has counted, or the agent is at
    /// stage 0, where it can get a longer cool-down at the most, and that once a day.
    ///
    /// - Parameter most: the highest stage that policy and owner permit now. The loss is measured from it if it is below the
    ///   earned stage: otherwise it would take what the agent does not have.
    package func demotion(
        by trigger: DemotionTrigger, cause: Digest? = nil, at now: Timestamp,
        under criteria: TrustCriteria, permitting most: AutonomyStage = .full
    ) -> StageDemotion? {
        if let cause, has(cause) { return nil }
        // An exception is lost like a stage that was earned.
        let earned = max(earned(at: now), excepted(at: now) ?? .gated)
        let next = StageDemotion(
            trigger, from: earned, to: trigger.target(from: min(earned, most)), cause: cause,
            at: now, under: criteria)
        if next.to < next.from { return next }
        guard trigger.holdsBackLowest else { return nil }
        guard let cooldownEnd, next.cooldownEnd < cooldownEnd + Self.day else { return next }
        return nil
    }

    /// Returns the demotion that records what the end of the promotion has taken; nil if that is on record, or took
    /// nothing from what demotions have left.
    package func ending(at now: Timestamp, under criteria: TrustCriteria) -> StageDemotion? {
        guard let promotion else { return nil }
        let recorded = AutonomyStage(rawValue: promotion.to.rawValue - recordedEnds) ?? .gated
        let before = min(recorded, demotion?.to ?? .full)
        let after = earned(at: now)
        guard after < before else { return nil }
        return StageDemotion(
            .expired, from: before, to: after, cause: nil, at: now, under: criteria)
    }

    /// True if a demotion with this cause is among the records.
    func has(_ cause: Digest) -> Bool { causes.contains(cause) }

    private static let day = Duration.seconds(86_400)

    package mutating func add(_ next: StageDemotion) {
        exception = nil
        // The lower stage stays, whatever a newer one says.
        if demotion.map({ $0.to >= next.to }) ?? true { demotion = next }
        if let cause = next.cause { causes.insert(cause) }
        if next.trigger == .expired, let promotion, let left = promoted(at: next.at) {
            recordedEnds = max(recordedEnds, promotion.to.rawValue - left.rawValue)
        }
        cooldownEnd = max(cooldownEnd ?? next.cooldownEnd, next.cooldownEnd)
        creditStart = max(creditStart ?? next.at, next.at)
        demotions.append(next.at)
    }

    /// Returns the reason why a promotion does not follow from the records, or nil if it does. It must be younger than
    /// everything before it, so that none counts twice.
    package func refusal(of next: Promotion) -> PromotionRefusal? {
        if let promotion, next.date <= promotion.date { return .tooOld }
        if let creditStart, next.date <= creditStart { return .tooOld }
        let stage = earned(at: next.date)
        guard next.from == stage else { return .otherStage(stage) }
        // An attestation of the same stage widens nothing.
        if next.to > next.from, !next.undoes, let cooldownEnd, next.date < cooldownEnd {
            return .coolingDown(until: cooldownEnd)
        }
        if next.undoes, cooldownEnd == nil { return .nothingToUndo }
        return nil
    }

    /// - Throws: the reason why it does not follow; nothing has changed then.
    package mutating func add(_ next: Promotion) throws(PromotionRefusal) {
        if let refusal = refusal(of: next) { throw refusal }
        promotion = next
        exception = nil
        recordedEnds = 0
        demotion = nil
        if next.undoes { cooldownEnd = nil }
    }

    /// Returns the reason why an exception does not follow from the records, or nil if it does: it must be younger than
    /// everything before it, and nothing may hold the agent down.
    package func refusal(of next: StageException) -> PromotionRefusal? {
        for time in [promotion?.date, creditStart, lastException] {
            if let time, next.date <= time { return .tooOld }
        }
        if let cooldownEnd, next.date < cooldownEnd { return .coolingDown(until: cooldownEnd) }
        guard demotion == nil else { return .heldDown }
        let stage = earned(at: next.date)
        return next.from == stage ? nil : .otherStage(stage)
    }

    /// - Throws: the reason why it does not follow; nothing has changed then.
    package mutating func add(_ next: StageException) throws(PromotionRefusal) {
        if let refusal = refusal(of: next) { throw refusal }
        exception = next
        lastException = next.date
    }

    /// Returns the reason why a ceiling does not follow from the records, or nil if it does: it must be younger than the
    /// one before.
    package func refusal(of next: StageDelegation) -> PromotionRefusal? {
        guard let delegation, next.date <= delegation.date else { return nil }
        return .tooOld
    }

    /// - Throws: the reason why it does not follow; nothing has changed then.
    package mutating func add(_ next: StageDelegation) throws(PromotionRefusal) {
        if let refusal = refusal(of: next) { throw refusal }
        delegation = next
    }
}

/// The reason why a promotion or a ceiling does not count.
package enum PromotionRefusal: Error, Hashable, Sendable {
    /// Another record of the agent is younger.
    case tooOld
    /// The agent has another stage than the document starts from.
    case otherStage(AutonomyStage)
    case coolingDown(until: Timestamp)
    /// No demotion holds the agent back.
    case nothingToUndo
    /// A demotion since the last promotion holds the agent back.
    case heldDown

    package var text: String {
        switch self {
        case .tooOld: "a record of the agent is not older than the document"
        case .otherStage(let stage):
            "the agent is at stage \(stage.rawValue) `\(stage.name)`, from which the document does not start"
        case .coolingDown(let end):
            "the agent is in cool-down until \(end.rfc3339(fractionDigits: 0))"
        case .nothingToUndo: "no demotion holds the agent back"
        case .heldDown: "a demotion since the last promotion holds the agent back"
        }
    }
}

extension AutonomyStage {
    /// The stage that a promotion from `start` to `end` leaves: one lower from its end on, and for each further time of its
    /// length.
    func lapsed(from start: Timestamp, until end: Timestamp, at now: Timestamp) -> AutonomyStage {
        guard now >= end else { return self }
        let length = max(1, (end - start).microseconds)
        let past = (now - end).microseconds / length
        return AutonomyStage(rawValue: rawValue - 1 - Int(min(past, 3))) ?? .gated
    }
}
