package import InterlockModel

/// The cases of one agent and the rules for counting them (docs/specs/evals.md, section 2).
package struct Suite: Sendable {
    package let agent: AgentName
    /// The person who answers for the suite, and is taken for the author of its cases.
    package let owner: Person
    package let baseline: Baseline
    /// The largest tolerated upper bound of the drop of utility.
    package let margin: Fraction
    /// The least lower bound of the utility pass rate without a baseline.
    package let floor: Fraction
    /// The stated age of a result, or nil for that of the tier.
    package let maxAge: Duration?
    /// The stated trials of each case, or nil for those of its kind.
    package let trials: Int?
    /// The command of the agent; empty if the suite has policy cases alone.
    package let command: [String]
    package let flaky: [FlakyEntry]
    /// The cases, by id.
    package let cases: [EvalCase]
    package let place: PolicyLocation

    package enum Baseline: Sendable, Hashable {
        /// The last result that passed; the floor counts as long as there is none.
        case lastPass
        /// The result with this digest, without which the run is invalid.
        case result(Digest)
        /// The floor counts, whatever results there are; written `none`.
        case floorOnly
    }

    /// The trials of each case of a kind, fixed before a run.
    package func trials(of kind: CaseKind) -> Int {
        if let trials { return trials }
        switch kind {
        case .policy: return 1
        case .agent: return 5
        }
    }

    /// The age up to which a result counts: that of the tier, which a suite can only shorten.
    package func maxAge(at tier: Tier) -> Duration {
        let most = tier.resultAge
        return maxAge.map { min($0, most) } ?? most
    }

    /// The cases that are run: a captured case is left out as long as it is a draft, which a flag of lint says.
    package var counted: [EvalCase] { cases.filter { !$0.isDraft } }

    /// The cases that are run and not counted on a day. An entry that has ended counts again by itself.
    package func flakyCases(on day: CivilDate) -> Set<CaseID> {
        Set(flaky.filter { day <= $0.expires }.map(\.id))
    }
}

/// A case that is run and shown, and not counted until a day.
package struct FlakyEntry: Sendable, Hashable {
    package let id: CaseID
    package let owner: Person
    package let reason: String
    /// The last day on which the case is not counted.
    package let expires: CivilDate
    package let place: PolicyLocation
}

extension Tier {
    /// The longest age of a result of an agent of the tier.
    package var resultAge: Duration {
        switch self {
        case .high: .seconds(14 * 86_400)
        case .medium: .seconds(30 * 86_400)
        case .low: .seconds(90 * 86_400)
        }
    }
}

/// A number from 0 to 1 with at most four digits behind the point, without rounding.
package struct Fraction: Sendable, Hashable, Comparable {
    /// 0 to 10,000.
    package let tenThousandths: Int

    /// Parses `0.10`: `0`, `1`, or a point and one to four digits behind one of them.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, whole == "0" || whole == "1" else {
            return nil
        }
        var value = whole == "1" ? 10_000 : 0
        if parts.count == 2 {
            guard (1...4).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy(isDigit) else {
                return nil
            }
            var unit = 1_000
            for digit in parts[1].utf8 {
                value += Int(digit - UInt8(ascii: "0")) * unit
                unit /= 10
            }
        }
        guard value <= 10_000 else { return nil }
        tenThousandths = value
    }

    package init?(tenThousandths: Int) {
        guard (0...10_000).contains(tenThousandths) else { return nil }
        self.tenThousandths = tenThousandths
    }

    package var double: Double { Double(tenThousandths) / 10_000 }

    package static func < (a: Fraction, b: Fraction) -> Bool {
        a.tenThousandths < b.tenThousandths
    }
}
