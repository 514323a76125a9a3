package import InterlockModel

/// The state of a review that a sign-off rests on.
package struct SignOffBasis: Sendable {
    package let sample: ReviewSample
    /// The last mark of each record.
    package var marks: [Digest: MarkedRecord]
    /// The parts that are done. The part `sample` is done if every record is marked, whatever this says.
    package var parts: Set<SignOffPart>
    package var drift: [DriftItem]
    package var findings: [ReviewFinding]
    /// The findings of earlier reviews that are open.
    package var open: [OpenFinding]
    /// The outcomes of those that have one.
    package var earlier: [EarlierFinding]
    /// The answers to the questions about people and controls.
    package var controls: [ControlAnswer]
    /// The policy of the matrix; nil before it was made.
    package var matrixPolicy: Digest?
    /// The owners of the agent; of the organisation the people who may not review it.
    package var owners: Set<Person>
    /// The approvals in the sample by who gave them.
    package var approvals: [Pseudonym: Int]
    /// The tier of the agent now, of the organisation the highest one: it may have risen since the start; nil if only that of
    /// the sample counts.
    package var tier: Tier?

    package init(
        sample: ReviewSample, marks: [Digest: MarkedRecord] = [:], parts: Set<SignOffPart> = [],
        drift: [DriftItem] = [], findings: [ReviewFinding] = [], open: [OpenFinding] = [],
        earlier: [EarlierFinding] = [], controls: [ControlAnswer] = [],
        matrixPolicy: Digest? = nil, owners: Set<Person> = [], approvals: [Pseudonym: Int] = [:],
        tier: Tier? = nil
    ) {
        self.sample = sample
        self.marks = marks
        self.parts = parts
        self.drift = drift
        self.findings = findings
        self.open = open
        self.earlier = earlier
        self.controls = controls
        self.matrixPolicy = matrixPolicy
        self.owners = owners
        self.approvals = approvals
        self.tier = tier
    }

    /// The sample with its marks.
    package var marked: MarkedSample { MarkedSample(sample, marks: marks) }
}

/// A person who signs a review.
package struct Reviewer: Sendable, Hashable {
    package let person: Person
    package let pseudonym: Pseudonym

    package init(person: Person, pseudonym: Pseudonym) {
        self.person = person
        self.pseudonym = pseudonym
    }
}

extension SignOffBasis {
    /// The people who have to sign: two if an agent was of tier high at the start, or is now.
    package var reviewersNeeded: Int {
        tier == .high || sample.agents.contains { $0.tier == .high } ? 2 : 1
    }

    /// Returns everything that a sign-off lacks, or nothing if it may be signed.
    ///
    /// - Parameters:
    ///   - policy: the policy in force.
    ///   - latest: the latest date of the next review, by the schedule.
    package func refusals(
        reviewers: [Reviewer], policy: Digest, next: Timestamp, latest: Timestamp
    ) -> [ReviewRefusal] {
        var found = missingWork
        if matrixPolicy != policy {
            found.append(.policyChanged(matrix: matrixPolicy, now: policy))
        }
        if Set(reviewers.map(\.person)).count < reviewersNeeded {
            found.append(.tooFewReviewers(need: reviewersNeeded))
        }
        found += reviewers.flatMap { objections(to: $0) }
        for item in drift {
            guard case .lower(let second)? = item.outcome else { continue }
            guard reviewers.count > 1, reviewers.contains(where: { $0.person == second }) else {
                found.append(.lowersAlone(item))
                continue
            }
        }
        for one in earlier {
            if !reviewers.contains(where: { $0.person == one.by }) {
                found.append(.judgedByOther(one.open, one.by))
            }
            if one.isMended, one.by == one.open.finding.owner {
                found.append(.mendedByOwner(one.open))
            }
        }
        if next > latest { found.append(.tooLate(latest: latest)) }
        return found
    }

    /// The reasons why a person may not review: the owner does not, and neither does who gave more than half of the
    /// approvals in the sample.
    package func objections(to reviewer: Reviewer) -> [ReviewRefusal] {
        var found: [ReviewRefusal] = []
        if owners.contains(reviewer.person) { found.append(.reviewerIsOwner(reviewer.person)) }
        let given = approvals.values.reduce(0, +)
        if let own = approvals[reviewer.pseudonym], 2 * own > given {
            found.append(.reviewerApproved(reviewer.person, of: given))
        }
        return found
    }

    /// The refusals that do not depend on who signs and when.
    private var missingWork: [ReviewRefusal] {
        var found: [ReviewRefusal] = []
        let marked = marked
        let unmarked = marked.unmarked
        if let first = unmarked.first {
            found.append(.unmarked(first: first.leaf, count: unmarked.count))
        }
        for part in SignOffPart.allCases where part != .sample && !parts.contains(part) {
            found.append(.missing(part))
        }
        for control in ReviewControl.allCases
        where !controls.contains(where: { $0.control == control }) {
            found.append(.unanswered(control))
        }
        for answer in controls where !answer.isInOrder && !hasFinding(answer.control) {
            found.append(.notInOrder(answer.control))
        }
        for one in open where !earlier.contains(where: { $0.open.isSame(as: one) }) {
            found.append(.openFinding(one))
        }
        let left = earlier.count { !$0.isMended } + findings.count
        if left > ReviewSignOff.mostFindings { found.append(.tooManyFindings(left)) }
        for item in drift where item.outcome == nil { found.append(.openDrift(item)) }
        for record in marked.records {
            guard case .finding? = marks[record.leaf]?.judgement,
                !findings.contains(where: { $0.leaf == record.leaf })
            else { continue }
            found.append(.findingWithoutOwner(leaf: record.leaf))
        }
        return found
    }

    /// True if a finding of this review, or an earlier one that is still open, is about the question.
    private func hasFinding(_ control: ReviewControl) -> Bool {
        findings.contains { $0.control == control }
            || earlier.contains { !$0.isMended && $0.open.finding.control == control }
    }
}
