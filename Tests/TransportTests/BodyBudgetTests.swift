import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockTransport

/// The memory for bodies, and the part of one source.
@Suite(.requirement("R151")) struct BodyBudgetTests {
    private let large = 1 << 20
    private let mallory = RequestSource.user(1001)
    private let ada = RequestSource.user(1000)

    @Test func `a source at its limit is refused, and others are not`() {
        let budget = BodyBudget(limit: 32 * large, limitOfSource: 4 * large)
        for _ in 0..<4 { #expect(budget.take(large, of: mallory)) }
        #expect(!budget.take(large, of: mallory))
        #expect(!budget.take(1, of: mallory), "small bodies count too")
        for _ in 0..<4 { #expect(budget.take(large, of: ada)) }
        budget.give(large, of: mallory)
        #expect(budget.take(large, of: mallory))
        #expect(!budget.take(1, of: mallory))
    }

    @Test func `what a source is refused takes nothing of the others' room`() {
        let budget = BodyBudget(limit: 8 * large, limitOfSource: large)
        #expect(budget.take(large, of: mallory))
        for _ in 0..<100 { #expect(!budget.take(large, of: mallory)) }
        for user in UInt32(0)..<6 { #expect(budget.take(large, of: .user(user))) }
    }

    @Test func `what does not fit into the whole leaves the source its room`() {
        let budget = BodyBudget(limit: 4 * large, limitOfSource: 2 * large)
        #expect(budget.take(2 * large, of: mallory))
        // A part of the rest is for small bodies.
        #expect(!budget.take(2 * large, of: ada))
        #expect(budget.take(large, of: ada))
        #expect(budget.sources == 2)
        budget.give(large, of: ada)
        budget.give(2 * large, of: mallory)
        #expect(budget.sources == 0 && budget.take(2 * large, of: ada))
    }

    @Test func `sources that hold nothing are forgotten`() {
        let budget = BodyBudget(limit: 8 * large, limitOfSource: large)
        for user in UInt32(0)..<10_000 {
            #expect(budget.take(1, of: .user(user)))
            budget.give(1, of: .user(user))
            #expect(budget.take(0, of: .user(user)))
        }
        #expect(budget.sources == 0)
    }

    @Test func `without a limit of its own one source may take all`() {
        let budget = BodyBudget(limit: 8 * large)
        for _ in 0..<7 { #expect(budget.take(large, of: mallory)) }
        #expect(!budget.take(large, of: mallory) && !budget.take(large, of: ada))
        #expect(budget.sources == 0)
    }
}
