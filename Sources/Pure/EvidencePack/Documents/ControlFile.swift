import InterlockJSON
package import InterlockModel

/// The file of one control in a pack: `controls/<id>.json` (docs/evidence.md, "A control").
package struct ControlFile: Sendable, Hashable {
    package struct Test: Sendable, Hashable {
        package enum Origin: Sendable, Hashable {
            case release(build: Digest)
            case deployment(at: Timestamp)
        }

        package let id: String
        package let passed: Bool
        package let origin: Origin
    }

    package enum Count: Sendable, Hashable {
        case leaf(LeafQuery, Int)
        case check(RecordCheck, Int)
    }

    /// The newest review of the period that asked about the control.
    package struct Reviewer: Sendable, Hashable {
        package let day: CivilDate
        /// The id of the review.
        package let review: String
        /// `agent:NAME` or `org`.
        package let scope: String
        /// The addresses of all who signed it.
        package let who: String
        /// The ids of the other reviews of the period that asked about the control.
        package let earlier: [String]

        package init(
            day: CivilDate, review: String, scope: String, who: String, earlier: [String] = []
        ) {
            self.day = day
            self.review = review
            self.scope = scope
            self.who = who
            self.earlier = earlier
        }
    }

    package let id: ControlID
    package let statement: String
    package let status: ControlStatus
    package let policies: [Digest]
    package let tests: [Test]
    package let counts: [Count]
    package let samples: [EvidenceSample]
    package let reviewer: Reviewer?
    /// The gaps that a control lists, as `ControlGap.listed` cuts them.
    package let gaps: [ControlGap]
    package let frameworks: [(id: String, items: [String])]

    package static func == (a: ControlFile, b: ControlFile) -> Bool { a.json == b.json }
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// States a control from what was counted and tested.
    ///
    /// - Parameter further: gaps that neither tests nor counts show.
    package init(
        _ control: EvidenceControl, _ facts: ControlFacts, _ counter: EvidenceCounter,
        policies: [Digest], reviewer: Reviewer?, frameworks: [FrameworkMap],
        further: [ControlGap] = []
    ) {
        id = control.id
        statement = control.statement
        self.policies = policies
        self.reviewer = reviewer
        tests = Self.tests(control, facts)
        counts =
            control.queries.map { Count.leaf($0, counter.count($0)) }
            + control.checks.map { Count.check($0, counter.count($0)) }
        samples = counter.samples(of: control.id)
        self.frameworks = frameworks.compactMap { map -> (id: String, items: [String])? in
            let items = map.items(of: control.id)
            return items.isEmpty ? nil : (id: map.id, items: items)
        }
        if facts.guidance.contains(control.id) {
            status = .guidance
            gaps = ControlGap.listed(further)
        } else {
            gaps = ControlGap.listed(
                facts.gaps(of: control) + Self.gaps(control, counter) + further)
            status = gaps.isEmpty ? .enforced(at: control.points) : .gap
        }
    }

    /// The gaps that the records leave, and those that they show.
    private static func gaps(
        _ control: EvidenceControl, _ counter: EvidenceCounter
    ) -> [ControlGap] {
        var gaps: [ControlGap] = []
        let shown = control.queries.reduce(0) { $0 + counter.count($1) }
        if control.areRecordsDue, shown == 0 {
            gaps.append(ControlGap("No record of the period shows this control."))
        }
        for query in control.violations where counter.count(query) > 0 {
            gaps.append(
                ControlGap("\(counter.count(query)) records \(query.type) are of the period."))
        }
        for check in control.checks where counter.count(check) > 0 {
            gaps.append(ControlGap("\(check.rawValue) found \(counter.count(check)) records."))
        }
        return gaps
    }

    private static func tests(_ control: EvidenceControl, _ facts: ControlFacts) -> [Test] {
        var tests: [Test] = []
        if let deployment = facts.deployment {
            for id in control.selfTests {
                guard let passed = deployment.tests.passed(id) else { continue }
                tests.append(Test(id: id, passed: passed, origin: .deployment(at: deployment.at)))
            }
        }
        if let release = facts.release {
            for id in control.releaseTests {
                guard let passed = release.tests.passed(id) else { continue }
                tests.append(Test(id: id, passed: passed, origin: .release(build: release.build)))
            }
        }
        return tests
    }
}
