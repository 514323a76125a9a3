import InterlockPolicyReview
import InterlockTrust

extension CriteriaFile {
    /// The differences from the criteria next to another policy, as `policy diff` shows those of policies: what admits more
    /// widens. Without a file no agent rises, so the first one widens and its removal narrows.
    func differences(from former: CriteriaFile) -> [Difference] {
        guard exists || former.exists else { return [] }
        guard exists, former.exists else {
            return [
                Difference(
                    exists ? .widens : .narrows, Self.name,
                    new: exists ? "version \(criteria.version)" : "none",
                    old: former.exists ? "version \(former.criteria.version)" : "none")
            ]
        }
        let looser = criteria.loosened(from: former.criteria)
        let known = Set(looser.map(\.key))
        // A number that the former criteria loosen is one that these tighten; an interval is neither.
        let stricter = former.criteria.loosened(from: criteria).filter { !known.contains($0.key) }
        let widening = looser.map {
            Difference(
                $0.key == "interval" ? .notComparable : .widens, "\(Self.name) \($0.key)",
                new: $0.after, old: $0.before)
        }
        let narrowing = stricter.map {
            Difference(.narrows, "\(Self.name) \($0.key)", new: $0.before, old: $0.after)
        }
        return widening + narrowing
    }
}
