import InterlockEvals
import InterlockModel

/// Runs are not independent: they are counted in clusters of a task template and a UTC day.
struct RunCluster: Sendable, Hashable {
    /// Runs without a task share one template.
    let template: RunTaskName?
    let day: Int64
}

/// Counts of clusters under the caps of a criteria file: at most `per_cluster` of one cluster, and of one template at
/// most `template_share` of what the first cap leaves.
struct CappedClusters: Sendable {
    private let perCluster: Int
    private let shareTenThousandths: Int

    init(_ criteria: TrustCriteria) {
        perCluster = criteria.perCluster
        shareTenThousandths = criteria.templateShare.tenThousandths
    }

    /// The most that one template gives, made from the clean runs alone: a bad run must not make room for others.
    private func templateCap(_ clean: [RunCluster: Int]) -> Int {
        byTemplate(clean).values.reduce(0, +) * shareTenThousandths / 10_000
    }

    /// The clean runs that count.
    ///
    /// INVARIANT: one more run never lowers it. Kept by `TrustCountTests`.
    func credit(_ clean: [RunCluster: Int]) -> Int {
        let cap = templateCap(clean)
        return byTemplate(clean).values.reduce(0) { $0 + min($1, cap) }
    }

    /// The templates and the days of the clean runs that count.
    func spread(_ clean: [RunCluster: Int]) -> (templates: Int, days: Int) {
        let counted = clean.filter { $0.value > 0 }.keys
        return (
            templates: Set(counted.map(\.template)).count, days: Set(counted.map(\.day)).count
        )
    }

    /// The rate of all bad cases among those that count: the caps bound the denominator, and never the numerator.
    ///
    /// - Parameter loose: bad cases that belong to no run.
    /// - Returns: nil if nothing counts: no rate is made of no cases.
    ///
    /// INVARIANT: one more bad case never lowers the rate, nor makes one where there was none. Kept by
    /// `TrustAssessmentTests`.
    func rate(
        clean: [RunCluster: Int], bad: [RunCluster: Int], loose: Int = 0
    ) -> PassRate? {
        let cap = templateCap(clean)
        let all = clean.merging(bad, uniquingKeysWith: +)
        let total = byTemplate(all).values.reduce(0) { $0 + min($1, cap) }
        let cases = bad.values.reduce(loose, +)
        return PassRate(min(cases, total), of: total)
    }

    private func byTemplate(_ clusters: [RunCluster: Int]) -> [RunTaskName?: Int] {
        var counts: [RunTaskName?: Int] = [:]
        for (cluster, count) in clusters {
            counts[cluster.template, default: 0] += min(count, perCluster)
        }
        return counts
    }
}
