import InterlockTesting
import Testing

@testable import InterlockAPI

/// Operations on promotions: who reaches them.
@Suite(.requirement("R126")) struct PromotionOperationsTests {
    @Test func `the local socket alone serves them, so that no token of an agent or service does`()
    {
        #expect(Operation.promotions.count == 6)
        for operation in Operation.promotions {
            #expect(operation.callers == .local, "\(operation.name)")
            #expect(!Operation.published.contains { $0.name == operation.name })
        }
    }

    @Test func `people sign by passkey on their plane, and services read alone`() {
        for operation in Operation.promotionDrafts {
            let isRead = operation.method == .get
            #expect(
                operation.callers == (isRead ? [.person, .service] : .person), "\(operation.name)")
        }
        #expect(
            Operation.stageExceptions.map(\.callers) == [[.person, .service, .local], .local])
    }
}
