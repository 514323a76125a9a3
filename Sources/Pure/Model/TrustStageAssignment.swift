/// The trust stage of an agent by its trust record, 0 to 3 (docs/specs/trust-and-review.md, section 2).
package struct TrustStageAssignment: Sendable, Hashable, Comparable {
    package let number: Int
    /// - Returns: nil outside 0...3.
    package init?(_ number: Int) {
        guard (0...3).contains(number) else { return nil }
        self.number = number
    }

    /// The stage of an agent without a trust record.
    package static let lowest = TrustStageAssignment(number: 0)
    /// The ceilings of `supervised` and of `trusted` in a policy file.
    package static let highestSupervised = TrustStageAssignment(number: 1)
    package static let highest = TrustStageAssignment(number: 3)

    package static func < (a: TrustStageAssignment, b: TrustStageAssignment) -> Bool {
        a.number < b.number
    }

    private init(number: Int) { self.number = number }

    /// The name in criteria files and messages.
    package var name: String {
        switch number {
        case 0: "gated"
        case 1: "assisted"
        case 2: "bounded"
        default: "full"
        }
    }

    /// The number and the name, such as `0 gated`.
    package var text: String { "\(number) \(name)" }

    /// The percentage of each policy limit that the agent may use.
    package var quotaPercent: Int64 { Int64(number + 1) * 25 }

    /// The policy word: `supervised` for 0 and 1, `trusted` for 2 and 3.
    package var word: TrustStage { number < 2 ? .supervised : .trusted }
}
