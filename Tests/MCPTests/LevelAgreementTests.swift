import InterlockMCP
import Testing

@Suite struct LevelAgreementTests {
    @Test func `the most that is wanted is asked for once, and counts when it is agreed`() {
        var levels = LevelAgreement()
        #expect(!levels.owes(nil))
        var asks = [levels.ask(for: .error), levels.ask(for: .error), levels.ask(for: .debug)]
        #expect(asks == [true, false, true] && !levels.owes(.critical), "the first is under way")
        levels.answered(.error, isAgreed: true)
        #expect(!levels.owes(.info), "debug is under way")
        levels.answered(.debug, isAgreed: false)
        #expect(!levels.owes(.error) && levels.owes(.info))
        asks = [levels.ask(for: .info)]
        #expect(asks == [true])
        levels.answered(.info, isAgreed: true)
        #expect(!levels.owes(.info) && !levels.owes(.emergency) && levels.owes(.debug))
    }

    @Test func `who always refuses is left alone`() {
        var levels = LevelAgreement()
        for _ in 0..<3 {
            let asks = levels.ask(for: .debug)
            #expect(asks)
            levels.answered(.debug, isAgreed: false)
        }
        let asks = levels.ask(for: .debug)
        #expect(!asks && !levels.owes(.debug))
    }
}
