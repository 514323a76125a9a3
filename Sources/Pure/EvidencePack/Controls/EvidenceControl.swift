/// One control of an evidence pack: what it states, where it is enforced, and what shows that
/// (docs/specs/evidence.md, section 3).
package struct EvidenceControl: Sendable {
    package let id: ControlID
    package let title: String
    /// One sentence about the period, which holds if the control is enforced.
    package let statement: String
    /// The points of the pipeline or the parts that enforce it.
    package let points: String
    package let column: ControlColumn
    /// The kinds of its samples; they are counted as well.
    package let samples: [SampleKind]
    /// Further records that are counted.
    package let counts: [LeafQuery]
    /// Rules whose count must be 0.
    package let checks: [RecordCheck]
    /// Records whose count must be 0.
    package let violations: [LeafQuery]
    /// The tests of the release by name: suites, and the ids of negative tests.
    package let releaseTests: [String]
    /// The acts and checks of the self-test of a deployment, by id.
    package let selfTests: [String]
    /// If true, a period with calls has a record of one of the counts.
    package let areRecordsDue: Bool

    init(
        _ id: ControlID, _ title: String, _ statement: String, at points: String,
        in column: ControlColumn, samples: [SampleKind], counts: [LeafQuery] = [],
        checks: [RecordCheck] = [], violations: [LeafQuery] = [], releaseTests: [String],
        selfTests: [String] = [], areRecordsDue: Bool = false
    ) {
        self.id = id
        self.title = title
        self.statement = statement
        self.points = points
        self.column = column
        self.samples = samples
        self.counts = counts
        self.checks = checks
        self.violations = violations
        self.releaseTests = releaseTests
        self.selfTests = selfTests
        self.areRecordsDue = areRecordsDue
    }

    /// All controls, in the order of their ids.
    package static let all: [EvidenceControl] =
        permissions + supervision + surroundings + governance

    package static func of(_ id: ControlID) -> EvidenceControl? { all.first { $0.id == id } }

    /// The queries whose counts the control file states, each once.
    package var queries: [LeafQuery] {
        var queries: [LeafQuery] = []
        for query in samples.map(\.query) + counts + violations where !queries.contains(query) {
            queries.append(query)
        }
        return queries
    }

    /// The negative tests that each release must have, one for each known pitfall. Their ids are those of the self-test.
    package static let negativeTests = [
        "pitfall-prompt-as-boundary", "pitfall-shared-credentials", "pitfall-no-audit",
        "pitfall-untested-kill-switch", "pitfall-everything-gated", "pitfall-only-prompts-governed",
        "pitfall-uniform-controls", "pitfall-standing-production-credentials",
        "pitfall-rubber-stamp",
    ]
}
