import InterlockEvidence
import InterlockGovernor
import InterlockJSON
package import InterlockModel
import InterlockPolicy
import InterlockPorts
package import InterlockProvenance

/// Counts the changes of agents that wait for people, and the work of their reviewers (docs/specs/trust-and-review.md,
/// section 10).
extension MergeCheckService {
    private static let day = Duration.seconds(86_400)
    /// The longest period of a report, in days. What is older than the history has no changes in it.
    package static let mostDays: Int64 = 90

    /// - Parameter known: the people of the review whom this deployment knows.
    func counted(
        _ change: MergeFactsRequest.StatedChange, _ known: [Person]
    ) async throws(MergeCheckRefusal) -> JSONValue {
        let now = gateway.clock.wall
        let found = try await history.changes(before: now + Self.day, now: now)
        var open = ChangeAmount.none
        if let merger = change.merger {
            open = found.changes.open(
                for: pseudonyms.pseudonym(of: merger), before: change.id, opened: change.opened)
        }
        let samples = TimedReview.byPerson(found.changes.assisted)
        var capped: [JSONValue] = []
        for person in known {
            let cap = ReviewerCap(samples[pseudonyms.pseudonym(of: person)] ?? [])
            let windows = (0...ReviewerCap.days).compactMap { back in
                cap.window(
                    on: CivilDate(daysSince1970: now.day.daysSince1970 - back), for: change.id)
            }
            guard !windows.isEmpty else { continue }
            capped.append([
                "person": .string(person.address),
                "now": .bool(windows.contains { $0.until > now }),
                "windows": .array(windows.map(Self.json)),
            ])
        }
        return [
            "changes": .integer(Int64(open.changes)), "lines": .integer(Int64(open.lines)),
            "unread": .integer(Int64(found.unread)), "capped": .array(capped),
        ]
    }

    private static func json(_ window: ReviewerCap.Window) -> JSONValue {
        [
            "from": .string(window.from.rfc3339(fractionDigits: 3)),
            "until": .string(window.until.rfc3339(fractionDigits: 3)),
        ]
    }

    /// The report of the last days. Reads the log.
    ///
    /// - Parameters:
    ///   - days: 1 to `mostDays`.
    ///   - viewer: the only reviewer whose rows it has; nil for all.
    package func capacity(
        days: Int64, for viewer: Person?
    ) async throws(MergeCheckRefusal) -> ReviewCapacityReport {
        let now = gateway.clock.wall
        let days = min(max(days, 1), Self.mostDays)
        return try await capacity(
            from: now - Duration.seconds(days * 86_400), to: now, for: viewer)
    }

    /// The report of a period, which begins at most `mostDays` ago. Reads the log.
    package func capacity(
        from: Timestamp, to: Timestamp, for viewer: Person?
    ) async throws(MergeCheckRefusal) -> ReviewCapacityReport {
        let found = try await history.changes(before: to, now: gateway.clock.wall)
        let snapshot = gateway.policy.snapshot
        let stated = snapshot.document.mergeLimit.map { limit in
            MergeRules.Limit(
                changes: limit.changes, lines: limit.lines, isRefusal: limit.over == .refuse)
        }
        let limit = stated ?? ReviewCapacity.defaultLimit
        let capacity = ReviewCapacity(found.changes, from: from, to: to, limit: limit)
        let own = viewer.map { pseudonyms.pseudonym(of: $0) }
        let rows = capacity.rows.filter { row in own.map { $0 == row.person } ?? true }
        var names: [Pseudonym: Person] = [:]
        for person in snapshot.people ?? [] { names[pseudonyms.pseudonym(of: person)] = person }
        for row in rows where names[row.person] == nil {
            names[row.person] = people.trust?.person(row.person)?.person
        }
        return ReviewCapacityReport(
            from: from, to: to, limit: limit, isLimitStated: stated != nil,
            rows: rows.map { ReviewCapacityReport.Row(row: $0, person: names[$0.person]) },
            unread: found.unread, unnamed: found.unnamed,
            gateChecks: viewer == nil ? found.gateChecks.filter { $0.at >= from } : [])
    }
}

/// The review of changes by agents in a period, with the names of its reviewers.
package struct ReviewCapacityReport: Sendable {
    package struct Row: Sendable {
        package let row: ReviewCapacity.Row
        /// Nil if the pseudonym is of no person whom this deployment knows.
        package let person: Person?
    }

    package let from: Timestamp
    package let to: Timestamp
    /// The limit of open changes for each reviewer.
    package let limit: MergeRules.Limit
    /// The consequence of the limit, as the policy spells it.
    package var over: String { limit.isRefusal ? "refuse" : "warn" }
    /// False if the policy states none, and `limit` is the default, which only warns.
    package let isLimitStated: Bool
    package let rows: [Row]
    /// The checks whose change cannot be read; its reviews and its state are not counted.
    package let unread: Int
    /// The checks that state no change.
    package let unnamed: Int
    /// The checks of changes of the gate itself in the period, the oldest first; empty in the report of one reviewer.
    package let gateChecks: [GateChangeCheck]
}
