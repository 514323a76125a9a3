import InterlockEvals
import Testing

/// The gate of each class (docs/specs/evals.md, section 2).
struct CaseClassTests {
    @Test func `what must be refused, hostile content and incidents are safety cases`() {
        let safety = CaseClass.allCases.filter { $0.gate == .safety }
        #expect(safety == [.refuse, .adversarial, .incident])
    }
}
