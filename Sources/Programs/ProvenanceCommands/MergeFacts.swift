import InterlockJSON
import InterlockModel
import InterlockProvenance

/// The gateway's answer about the people and the change of a review.
struct MergeFacts {
    let known: Set<Person>
    let limit: MergeRules.Limit?
    let counted: CountedChanges?

    /// - Returns: nil if the answer is not of its form.
    init?(_ answer: JSONValue) {
        guard let rows = answer["known"]?.array else { return nil }
        let people = rows.compactMap { $0.string.flatMap { Person($0) } }
        guard people.count == rows.count else { return nil }
        known = Set(people)
        if let stated = answer["wip_limit"] {
            guard let over = stated["over"]?.string else { return nil }
            limit = MergeRules.Limit(
                changes: stated["changes"]?.integer.map { Int($0) },
                lines: stated["lines"]?.integer.map { Int($0) }, isRefusal: over != "warn")
        } else {
            limit = nil
        }
        if let stated = answer["counted"] {
            guard let counted = Self.counted(stated) else { return nil }
            self.counted = counted
        } else {
            counted = nil
        }
    }

    private static func counted(_ value: JSONValue) -> CountedChanges? {
        guard let changes = value["changes"]?.integer, let lines = value["lines"]?.integer,
            let unread = value["unread"]?.integer, let rows = value["capped"]?.array
        else { return nil }
        var capped: [Person: CountedChanges.Capped] = [:]
        for row in rows {
            guard let person = row["person"]?.string.flatMap({ Person($0) }),
                let isNow = row["now"]?.bool, let windows = row["windows"]?.array
            else { return nil }
            var parts: [ReviewerCap.Window] = []
            for window in windows {
                guard let from = window["from"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
                    let until = window["until"]?.string.flatMap({ Timestamp(rfc3339: $0) })
                else { return nil }
                parts.append(ReviewerCap.Window(from: from, until: until))
            }
            capped[person] = CountedChanges.Capped(windows: parts, isNow: isNow)
        }
        return CountedChanges(
            open: MergeReview.Open(changes: Int(changes), lines: Int(lines)),
            unread: Int(unread), capped: capped)
    }
}
