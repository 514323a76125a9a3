import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockGatewayBench

/// The digest of the rules in records, which a revision of the policy replaces.
@Suite(.requirement("R137")) struct SearchedRulesTests {
    private static let digests = [Digest(words: (1, 2, 3, 4)), Digest(words: (5, 6, 7, 8))]

    private final class Rules: Sendable {
        private let digest = Mutex(SearchedRulesTests.digests[0])
        var current: Digest { digest.withLock { $0 } }
        func change(to other: Digest) { digest.withLock { $0 = other } }
    }

    @Test func `a record names the rules that are in force at its call`() async throws {
        let rules = Rules()
        var stub = StubInspector.clean
        stub.digest = { rules.current }
        let bench = try Bench(results: stub)
        let client = try await Client.open(bench)
        for digest in Self.digests {
            rules.change(to: digest)
            _ = await client.call("look", ["text": "a"])
            let outcome = try #require(bench.ledger.drafts(of: .callOutcome).last)
            #expect(outcome.fields["scan"] == .string(digest.base64))
        }
    }
}
