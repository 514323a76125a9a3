/// The steps that a decision may still take, all its guards together (specs of the policy, 5.4). Once
/// it has run out it stays so: the guard that ran out and every later one end in an error.
package struct CELBudget: Sendable {
    /// Per decision.
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

    /// 1 step for each 16 bytes compared, searched, converted or built.
    package mutating func spend(bytes: Int) throws(CELFault) { try spend((bytes + 15) / 16) }
}
