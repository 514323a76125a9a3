/// The steps that a decision may still take, shared by all its guards (docs/specs/policy.md, section 5.4).
/// An exhausted budget stays exhausted: the guard that exhausts it and every later one end in an error.
///
/// INVARIANT: a guard never takes more steps than its decision has. Kept by `Tests/CELTests`, `Fuzz/CEL`.
package struct CELBudget: Sendable {
    /// The number of steps per decision.
    package static let ofDecision = 20_000

    package private(set) var left: Int

    package init(steps: Int = CELBudget.ofDecision) { left = steps }

    package mutating func spend(_ steps: Int = 1) throws(CELFault) {
        left &-= steps
        if left < 0 {
            left = -1
            throw CELFault(.budget)
        }
    }

    /// Charges 1 step for each started 16 bytes that are compared, searched, converted or built.
    package mutating func spend(bytes: Int) throws(CELFault) { try spend((bytes + 15) / 16) }
}
