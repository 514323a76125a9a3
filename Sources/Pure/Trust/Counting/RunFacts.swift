package import InterlockModel

/// One run of an agent by its records, as far as trust counts it (docs/specs/trust-and-review.md, section 4).
package struct RunFacts: Sendable, Hashable {
    package let run: String
    /// The task that is the run's purpose; nil without one, or if it cannot be read.
    package var template: RunTaskName?
    /// The UTC day on which the run began, in days since 1970.
    package let day: Int64
    /// The leaf hash of the run's first record.
    package let start: Digest
    /// The leaf hash of `run.end`; nil while the run is open.
    package var end: Digest?
    /// True if a call of the run ended with a result.
    package var hasCall = false
    /// The changes since the run that halve its credit.
    package var halvings = 0
    package var exclusions: Set<Exclusion> = []
    /// True if flaws count although the run is excluded: it was bad before, it is a run from before a reset, or its end
    /// is not known.
    package internal(set) var keepsFlaws = false
    /// The facts that keep the run from being clean, each with its record.
    package var flaws: [RunFlaw] = []
    /// The requests for approval that were granted, and those that were rejected.
    package var granted = 0
    package var rejections: [Digest] = []
    /// The records of the run's chain so far.
    var records: Int64 = 0
    /// The positions of its first and its last record in the log; nil while the run is open.
    var began = 0
    var ended: Int?
    /// True once the record that names the template was found, whether it could be read or not.
    var hasNamedTemplate = false
    /// True once the run was added to the sum of denials.
    var isInSum = false
    /// True once a request to a model named one.
    var hasModel = false

    /// A reason for which a run is not counted at all.
    package enum Exclusion: String, Sendable, Hashable, CaseIterable {
        case eval
        case observe
        case breakGlass = "break-glass"
        /// Two people let the agent work without a result that counts.
        case exception
        /// It began before the last change that reset the credit.
        case earlier = "before-change"
        /// Its supervisor did not tell how it ended, or the gateway was started again.
        case unknownEnd = "unknown-end"
    }

    package init(run: String, template: RunTaskName? = nil, day: Int64, start: Digest) {
        self.run = run
        self.template = template
        self.day = day
        self.start = start
    }

    /// Excludes the run. Stage observe and break-glass take nothing away that was on record before; evals provoke
    /// denials, and none of them counts.
    mutating func exclude(_ why: Exclusion) {
        if exclusions.isEmpty, why != .eval, !flaws.isEmpty { keepsFlaws = true }
        exclusions.insert(why)
    }

    /// Excludes a run of which it is not known how it ended: it gives no credit, and its flaws count.
    mutating func excludeUnknownEnd() {
        if !exclusions.contains(where: { $0 != .earlier }) { keepsFlaws = true }
        exclusions.insert(.unknownEnd)
    }

    /// The run after a change that resets the credit: what follows can only count against the agent, and of a run that
    /// was not counted it does not. Is nil for a run that has ended.
    var afterReset: RunFacts? {
        guard end == nil else { return nil }
        var later = RunFacts(run: run, template: template, day: day, start: start)
        later.exclusions = exclusions.union([.earlier])
        later.keepsFlaws = !exclusions.contains { $0 != .earlier }
        later.records = records
        later.began = began
        later.hasNamedTemplate = hasNamedTemplate
        later.isInSum = isInSum
        later.hasModel = hasModel
        return later
    }

    /// The flaws that count, once people have said what caused each denial.
    package func flaws(classified: [Digest: DenialCause]) -> [RunFlaw] {
        flaws.filter { flaw in
            flaw.kind != .denial || (classified[flaw.leaf] ?? .agent) == .agent
        }
    }

    package func runClass(classified: [Digest: DenialCause] = [:]) -> RunClass {
        let isFlawed = !flaws(classified: classified).isEmpty
        guard exclusions.isEmpty else {
            let isCounted = isFlawed && keepsFlaws && !exclusions.contains(.eval)
            return isCounted ? .bad : .notCounted
        }
        guard !isFlawed else { return .bad }
        guard end != nil else { return .open }
        return hasCall ? .clean : .empty
    }
}

/// The way in which a run counts.
package enum RunClass: Sendable, Hashable {
    case clean
    /// Counts against the agent, also while it is open.
    case bad
    /// Ended without a call that had a result: it counts neither way.
    case empty
    case open
    /// A run of an eval, at stage observe, under break-glass or an exception, from before a reset, or with an unknown
    /// end.
    case notCounted
}

/// A fact that keeps a run from being clean, with the leaf hash of its record.
package struct RunFlaw: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case denial
        case rejectedApproval = "rejected-approval"
        case unknownOutcome = "unknown-outcome"
        case recordCount = "record-count"
        case breaker, kill, alarm, incident
        /// A coding agent ran a tool past its hook.
        case bypass
    }

    package let kind: Kind
    package let leaf: Digest

    package init(_ kind: Kind, _ leaf: Digest) {
        self.kind = kind
        self.leaf = leaf
    }
}
