import InterlockJSON
package import InterlockModel

/// The rules by which a reviewed change may be merged (docs/specs/coding-agents.md, section 13). They do not depend on how
/// much waits.
package struct MergeRules: Sendable {
    /// The limit of open changes written by agents, for each person who merges.
    package struct Limit: Hashable, Sendable {
        package let changes: Int?
        package let lines: Int?
        /// True if the merge waits at the limit; false if it is only reported.
        package let isRefusal: Bool

        package init(changes: Int?, lines: Int?, isRefusal: Bool) {
            self.changes = changes
            self.lines = lines
            self.isRefusal = isRefusal
        }
    }

    /// The facts that are known from elsewhere than from the review file.
    package struct Facts: Sendable {
        /// The people among those named whom the gateway knows.
        package let known: Set<Person>
        package let limit: Limit?
        /// The ends of the range that was checked.
        package let base: GitObjectID
        package let head: GitObjectID
        /// The changed files, also those that are gone.
        package let paths: [ChangedPath]
        /// The changed lines, added and removed.
        package let lines: Int
        /// True if an agent wrote something of the change.
        package let isAssisted: Bool
        /// The gateway's count of earlier open changes; nil if the review does not name its change.
        package let counted: CountedChanges?

        package init(
            known: Set<Person>, limit: Limit?, base: GitObjectID, head: GitObjectID,
            paths: [ChangedPath], lines: Int, isAssisted: Bool, counted: CountedChanges? = nil
        ) {
            self.known = known
            self.limit = limit
            self.base = base
            self.head = head
            self.paths = paths
            self.lines = lines
            self.isAssisted = isAssisted
            self.counted = counted
        }
    }

    /// The checks that must pass on the head commit.
    package static let requiredChecks = ["tests", "types", "security"]
    /// The label of a change of which an agent wrote something.
    package static let label = "agent-assisted"
    /// The most files of the gate that are reported one by one.
    private static let mostReported = 20

    private let review: MergeReview
    private let facts: Facts

    package init(_ review: MergeReview, _ facts: Facts) {
        self.review = review
        self.facts = facts
    }

    package var findings: [GateFinding] {
        commits + label + owner + approvals + checks + limit
    }

    /// The files of the gate that the change touches.
    package var gateFiles: [ChangedPath] {
        Set(facts.paths.filter(GateFiles.contains)).sorted()
    }

    private func finding(
        _ code: GateFinding.Code, _ member: String, _ text: String,
        _ effect: GateFinding.Effect = .refusal
    ) -> GateFinding {
        GateFinding(code, effect, at: .review(member), text)
    }

    private var commits: [GateFinding] {
        var findings: [GateFinding] = []
        if review.head != facts.head {
            findings.append(
                finding(
                    .otherHead, "head",
                    "the review is of \(review.head.short), and the range ends with \(facts.head.short)"
                ))
        }
        if review.base != facts.base {
            findings.append(
                finding(
                    .otherBase, "base",
                    "the review is against \(review.base.short), and the range begins with \(facts.base.short)"
                ))
        }
        return findings
    }

    private var label: [GateFinding] {
        guard isAssisted, !review.labels.contains(Self.label) else { return [] }
        return [
            finding(
                .unlabelled, "labels",
                "an agent wrote something of the change, and it has no label `\(Self.label)`")
        ]
    }

    private var isAssisted: Bool {
        if case .agent = review.author { return true }
        return facts.isAssisted
    }

    /// The person who merges owns the change.
    private var owner: [GateFinding] {
        guard review.mergerKind == .person, let person = Person(review.merger) else {
            return [
                finding(
                    .ownerNoPerson, "merger",
                    "`\(review.merger.withMarks)` is no person; one person owns each change")
            ]
        }
        guard facts.known.contains(person) else {
            return [
                finding(
                    .ownerUnknown, "merger",
                    "`\(person)` is not a person of this deployment")
            ]
        }
        return []
    }

    private var approvals: [GateFinding] {
        var people: Set<Person> = []
        var excluded: [GateFinding] = []
        for review in lastReviews where review.state == .approved {
            if let reason = exclusion(of: review) {
                excluded.append(reason)
            } else if let person = review.person {
                people.insert(person)
            }
        }
        let gate = gateFiles
        let need = gate.isEmpty ? 1 : 2
        guard people.count < need else { return [] }
        var findings: [GateFinding] = []
        if people.isEmpty {
            findings.append(
                finding(
                    .noApproval, "reviews",
                    "no known person other than the author approved \(facts.head.short)"))
        }
        for path in gate.prefix(Self.mostReported) {
            findings.append(
                GateFinding(
                    .gateChanged, at: .file(path),
                    "the file decides how changes are checked: \(people.count) of 2 people approved"
                ))
        }
        return findings + excluded
    }

    /// The last review of each reviewer that is more than a comment.
    private var lastReviews: [MergeReview.Review] {
        var last: [MergeReview.Review] = []
        for row in review.reviews where row.state != .commented && row.state != .pending {
            let name = row.by.lowercased()
            last.removeAll { sameBytes($0.by.lowercased(), name) }
            last.append(row)
        }
        return last
    }

    /// The reason why an approval does not count, or nil if it does.
    private func exclusion(of row: MergeReview.Review) -> GateFinding? {
        let name = row.by.withMarks
        guard row.kind == .person else {
            return finding(.botApproved, "reviews", "`\(name)` is a \(row.kind.rawValue)")
        }
        guard row.commit == facts.head else {
            return finding(
                .staleApproval, "reviews",
                "`\(name)` approved \(row.commit.short), which is not the head commit")
        }
        guard let person = row.person, facts.known.contains(person) else {
            return finding(
                .unknownApprover, "reviews", "`\(name)` is not a person of this deployment")
        }
        guard person != review.author.person else {
            return finding(
                .selfApproved, "reviews",
                "`\(name)` wrote the change, or an agent wrote it on their behalf")
        }
        guard !isAssisted || facts.counted?.excludes(row, by: person) != true else {
            return finding(
                .reviewerCapped, "reviews",
                "`\(name)` approved faster than one can read for a week, so at most \(ReviewerCap.mostPerDay) approved changes of a day count"
            )
        }
        return nil
    }

    private var checks: [GateFinding] {
        Self.requiredChecks.compactMap { name in
            let last = review.checks.last { $0.name == name && $0.commit == facts.head }
            return switch last?.outcome {
            case .pass: nil
            case .fail:
                finding(.checkFailed, "checks", "`\(name)` failed on \(facts.head.short)")
            case .pending:
                finding(
                    .checkPending, "checks", "`\(name)` runs on \(facts.head.short)", .pending)
            case nil:
                finding(
                    .checkMissing, "checks", "`\(name)` has no result on \(facts.head.short)")
            }
        }
    }

    /// The limit of work in progress, which counts changes of which an agent wrote something.
    private var limit: [GateFinding] {
        guard isAssisted, let limit = facts.limit ?? facts.counted?.defaultLimit else {
            return []
        }
        let effect: GateFinding.Effect = limit.isRefusal ? .pending : .warning
        if review.open == nil, let counted = facts.counted, counted.unread > 0 {
            return [
                finding(
                    .limitUnknown, "open",
                    "\(counted.unread) earlier checks of changes cannot be read, so the open ones are not known",
                    limit.isRefusal ? .unknown : .warning)
            ]
        }
        guard let open = review.open ?? facts.counted?.open else {
            return [
                finding(
                    .limitUnknown, "open",
                    "the policy limits open changes of agents, and the review neither counts them nor names its change",
                    limit.isRefusal ? .unknown : .warning)
            ]
        }
        var findings: [GateFinding] = []
        if let most = limit.changes, open.changes >= most {
            findings.append(
                finding(
                    .overLimit, "open",
                    "\(open.changes) other changes of agents are open, and the limit is \(most)",
                    effect))
        }
        if let most = limit.lines, open.lines + facts.lines > most {
            findings.append(
                finding(
                    .overLimit, "open",
                    "\(open.lines + facts.lines) lines of agents are open with this change, and the limit is \(most)",
                    effect))
        }
        return findings
    }
}
