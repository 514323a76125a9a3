import InterlockPolicy
import InterlockPolicyCEL
import Testing

@Suite struct TreeTests {
    @Test func `a budget that has run out stays so`() {
        var budget = CELBudget(steps: 1)
        #expect(throws: Never.self) { try budget.spend() }
        #expect(throws: CELFault(.budget)) { try budget.spend() }
        #expect(throws: CELFault(.budget)) { try budget.spend(0) }
    }
}
