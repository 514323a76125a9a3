package import InterlockJSON
package import InterlockModel

/// The review of changes by agents in a period, for each repository and reviewer (docs/specs/trust-and-review.md,
/// section 10). The rows are in the order of repositories and pseudonyms: never in one of merit.
package struct ReviewCapacity: Sendable {
    package struct Row: Hashable, Sendable {
        package let repository: ExactText
        package let person: Pseudonym
        /// The changes that were opened in the period for this person to merge.
        package var opened = ChangeAmount.none
        /// The changes that the person approved or asked to change in the period.
        package var reviewed = ChangeAmount.none
        /// The changes that the person merged in the period.
        package var merged = ChangeAmount.none
        /// The changes that are open at the end of the period and wait for this person to merge them.
        package var open = ChangeAmount.none
        /// The changes among them that wait because earlier ones reach the limit.
        package var queued = 0
        /// The time from the opening of each reviewed change to the person's first decision, if it has a time.
        package var waiting = DurationSpread([])
        /// The time for reading 100 changed lines, of each decision of which it is known.
        package var dwell = DurationSpread([])
        /// The decisions of which the platform measured the dwell.
        package var measured = 0
        package var approvals = 0
        /// The approvals of which it is known whether they are under the reading floor.
        package var timed = 0
        /// The approvals under the reading floor.
        package var hasty = 0
        /// The decisions in each hour of the day, in UTC.
        package var hours = [Int](repeating: 0, count: 24)
        /// The most decisions in one hour of one day.
        package var busiest = 0
        /// The approved changes to which the person wrote no comment, and those of which it is unknown.
        package var uncommented = 0
        package var uncounted = 0
        /// The changes that the person reviewed or merged and that were open again, or reverted, in the period.
        package var reopened = 0
        package var reverted = 0
        package var findings: [Finding] = []

        package var isOverLimit: Bool {
            findings.contains { if case .overLimit = $0 { true } else { false } }
        }

        init(repository: ExactText, person: Pseudonym) {
            self.repository = repository
            self.person = person
        }
    }

    package enum Finding: Hashable, Sendable {
        /// The open changes of all repositories that wait for the person reach a limit of changes or lines.
        case overLimit(open: ChangeAmount)
        /// The person approved faster than one can read, in the week before the end of the period.
        case capped
    }

    /// The limit that is reported where the policy states none (section 10).
    package static let defaultLimit = MergeRules.Limit(
        changes: 5, lines: 2000, isRefusal: false)

    package let rows: [Row]

    /// - Parameters:
    ///   - to: the end of the period; what came later is left out.
    ///   - limit: of open changes, for each person.
    package init(
        _ all: ReviewedChanges, from: Timestamp, to: Timestamp, limit: MergeRules.Limit
    ) {
        let changes = all.assisted
        let samples = TimedReview.byPerson(changes)
        let reverted = Self.reverted(all, from, to)
        var rows: [Key: Row] = [:]
        func change(_ key: Key, _ body: (inout Row) -> Void) {
            body(&rows[key, default: Row(repository: key.repository, person: key.person)])
        }
        for one in changes {
            let isReopened = one.reopenings.contains { $0 >= from && $0 < to }
            let isReverted = reverted.contains(one.id)
            var people = Set(one.reviews.filter { $0.isDecision && $0.at < to }.map(\.by))
            if let merger = one.merger {
                let key = Key(repository: one.id.repository, person: merger)
                if one.opened >= from, one.opened < to { change(key) { $0.opened.add(one) } }
                if one.state == .merged, let ended = one.ended, ended >= from, ended < to {
                    change(key) { $0.merged.add(one) }
                }
                if one.state == .merged { people.insert(merger) }
                if one.state == .open, one.opened < to {
                    let earlier = all.open(for: merger, before: one.id, opened: one.opened)
                    let isQueued = limit.isReached(by: earlier, with: one.lines)
                    change(key) { row in
                        row.open.add(one)
                        if isQueued { row.queued += 1 }
                    }
                }
            }
            guard isReopened || isReverted else { continue }
            for person in people {
                change(Key(repository: one.id.repository, person: person)) { row in
                    if isReopened { row.reopened += 1 }
                    if isReverted { row.reverted += 1 }
                }
            }
        }
        for (person, rowsOfPerson) in samples {
            let decisions = rowsOfPerson.filter {
                $0.review.isDecision && $0.review.at >= from && $0.review.at < to
            }
            let byRepository = Dictionary(grouping: decisions) { $0.id.repository }
            for (repository, decisions) in byRepository {
                change(Key(repository: repository, person: person)) { row in
                    row.add(decisions, history: rowsOfPerson, from: from)
                }
            }
        }
        let lastDay = Timestamp(microseconds: to.microseconds - 1).day
        let people = Set(rows.keys.map(\.person))
        var findings: [Pseudonym: [Finding]] = [:]
        for person in people {
            var found: [Finding] = []
            var open = ChangeAmount.none
            for (key, row) in rows where key.person == person {
                open.changes += row.open.changes
                open.lines += row.open.lines
            }
            if limit.isExceeded(by: open) { found.append(.overLimit(open: open)) }
            if ReviewerCap(samples[person] ?? []).isCapped(on: lastDay) { found.append(.capped) }
            findings[person] = found
        }
        self.rows = rows.keys.sorted().compactMap { key in
            guard var row = rows[key] else { return nil }
            row.findings = findings[key.person] ?? []
            return row
        }
    }

    private struct Key: Hashable, Comparable {
        let repository: ExactText
        let person: Pseudonym

        static func < (a: Key, b: Key) -> Bool {
            (a.repository, ExactText(a.person.text)) < (b.repository, ExactText(b.person.text))
        }
    }

    /// The merged changes that another change, merged in the period, reverts.
    private static func reverted(
        _ all: ReviewedChanges, _ from: Timestamp, _ to: Timestamp
    ) -> Set<ChangeID> {
        var commits: Set<GitObjectID> = []
        for change in all.changes.values where change.state == .merged {
            guard let ended = change.ended, ended >= from, ended < to else { continue }
            // A change that takes back its own commit was not merged and reverted.
            commits.formUnion(change.reverted.subtracting(change.commits))
        }
        let found = all.changes.values.filter { change in
            change.state == .merged && !change.commits.isDisjoint(with: commits)
        }
        return Set(found.map(\.id))
    }
}

extension ReviewCapacity.Row {
    /// - Parameters:
    ///   - decisions: of this person in this repository and period, the oldest first.
    ///   - history: all reviews of the person.
    fileprivate mutating func add(
        _ decisions: [TimedReview], history: [TimedReview], from: Timestamp
    ) {
        var (seen, approved): (Set<ChangeID>, Set<ChangeID>) = ([], [])
        var (waits, dwells): ([Duration], [Duration]) = ([], [])
        var hours: [Int64: Int] = [:]
        for sample in decisions {
            let review = sample.review
            if seen.insert(sample.id).inserted {
                reviewed.changes += 1
                reviewed.lines += review.lines
                let isFirst = !history.contains {
                    $0.id == sample.id && $0.review.isDecision && $0.review.at < from
                }
                if isFirst, let waited = sample.waited { waits.append(waited) }
            }
            if let dwell = sample.dwell {
                let micros = dwell.microseconds.multipliedReportingOverflow(by: 100)
                if !micros.overflow {
                    dwells.append(
                        .microseconds(micros.partialValue / Int64(max(1, review.lines))))
                }
                if sample.isMeasured { measured += 1 }
            }
            let hour = review.at.seconds / 3600
            hours[hour, default: 0] += 1
            self.hours[Int((hour % 24 + 24) % 24)] += 1
            guard review.verdict == .approved else { continue }
            approvals += 1
            if let isHasty = sample.isHasty {
                timed += 1
                if isHasty { hasty += 1 }
            }
            approved.insert(sample.id)
        }
        busiest = hours.values.max() ?? 0
        waiting = DurationSpread(waits)
        dwell = DurationSpread(dwells)
        for id in approved {
            let counted = history.filter { $0.id == id }.map(\.review.comments)
            if counted.contains(where: { ($0 ?? 0) > 0 }) { continue }
            if counted.contains(nil) { uncounted += 1 } else { uncommented += 1 }
        }
    }
}

extension MergeRules.Limit {
    /// Returns true if a change of so many lines waits behind these.
    package func isReached(by earlier: ChangeAmount, with lines: Int) -> Bool {
        changes.map { earlier.changes >= $0 } ?? false
            || self.lines.map { earlier.lines + lines > $0 } ?? false
    }

    /// Returns true if these are more than the limit admits.
    package func isExceeded(by open: ChangeAmount) -> Bool {
        changes.map { open.changes > $0 } ?? false || lines.map { open.lines > $0 } ?? false
    }
}
