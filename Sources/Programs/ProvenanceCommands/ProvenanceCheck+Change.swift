import InterlockModel
import InterlockProvenance

extension ProvenanceCheck {
    /// The change as the log keeps it; nil if the review file does not name it.
    var change: CheckedChange<Person>? {
        guard let review, let change = review.change else { return nil }
        var isAssisted = assisted > 0
        if case .agent = review.author { isAssisted = true }
        let reviews = review.reviews.compactMap { row -> CheckedChange<Person>.Review? in
            guard let person = row.person, row.state != .pending else { return nil }
            return CheckedChange<Person>.Review(
                by: person, verdict: row.state, at: row.at, began: row.began,
                comments: row.comments)
        }
        let own = (change.mergedAs.map { [$0] } ?? []) + range.commits.map(\.commit)
        let reverted = range.commits.flatMap { RevertedCommits.named(in: $0.message) }
        return CheckedChange<Person>(
            id: change.id, state: change.state, opened: change.opened, ended: change.ended,
            isAssisted: isAssisted, lines: range.lines, words: range.words,
            merger: review.mergerKind == .person ? Person(review.merger) : nil,
            reviews: Array(reviews.suffix(CheckedChangeLimits.reviews)),
            commits: Self.first(own), reverted: Self.first(reverted))
    }

    /// The first commits, each once.
    private static func first(_ commits: [GitObjectID]) -> [GitObjectID] {
        var seen: Set<GitObjectID> = []
        return Array(
            commits.filter { seen.insert($0).inserted }.prefix(CheckedChangeLimits.commits))
    }
}
