import InterlockCredentials
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockTrust

/// The times at which a gateway writes the cache of collected runs, and what a cache belongs to.
@Suite struct CollectedRunsUpkeepTests {
    private static let basis = TrustFixture.digest(1)
    private static let now = TrustFixture.now
    private static let last = CollectedRunsUpkeep(
        first: 5, size: 50_000, basis: basis, counted: now - .seconds(3_600))

    private func step(
        after last: CollectedRunsUpkeep? = last, first: UInt64 = 5, size: UInt64 = 50_001,
        basis: Digest = basis, isErased: Bool = false, tooLarge: Timestamp? = nil,
        at now: Timestamp = now
    ) -> CollectedRunsUpkeep.Step {
        CollectedRunsUpkeep.step(
            after: last, first: first, size: size, basis: basis, isErased: isErased,
            tooLarge: tooLarge, at: now)
    }

    @Test func `a cache is extended once enough records follow it`() {
        #expect(step() == .nothing && step(size: 69_999) == .nothing)
        #expect(step(size: 70_000) == .extend && step(size: 900_000) == .extend)
    }

    @Test func `a cache that cannot be used is made anew`() {
        #expect(step(after: nil) == .recount)
        #expect(step(basis: TrustFixture.digest(2)) == .recount)
        #expect(step(first: 6) == .recount)
        #expect(step(size: 49_999) == .recount)
        #expect(step(isErased: true) == .recount)
    }

    @Test func `the whole log is read once a day, and when the clock was set back`() {
        let day = Duration.seconds(86_400)
        #expect(step(at: Self.last.counted + day - .seconds(1)) == .nothing)
        #expect(step(at: Self.last.counted + day) == .recount)
        #expect(step(at: Self.last.counted - .seconds(1)) == .recount)
    }

    @Test func `runs that are too large are not read again for a day`() {
        let day = Duration.seconds(86_400)
        #expect(step(after: nil, tooLarge: Self.now) == .nothing)
        #expect(step(size: 900_000, tooLarge: Self.now - day + .seconds(1)) == .nothing)
        #expect(step(size: 900_000, tooLarge: Self.now - day) == .extend)
        #expect(step(after: nil, tooLarge: Self.now - day) == .recount)
        #expect(step(after: nil, tooLarge: Self.now + .seconds(1)) == .recount, "it was set back")
    }

    @Test func `a short log has no cache`() {
        #expect(step(after: nil, first: 0, size: 9_999) == .nothing)
        #expect(step(after: nil, first: 0, size: 10_000) == .recount)
        #expect(step(after: nil, first: 90_001, size: 100_000) == .nothing)
    }

    @Test func `each part of the basis makes another one`() throws {
        let billing = ServerName("billing").unwrapped
        func digest(_ edit: (inout CollectionBasis) -> Void = { _ in }) throws -> Digest {
            var basis = CollectionBasis(
                program: TrustFixture.digest(1), origin: "acme.example/gw1/1",
                agents: [TrustFixture.agent: [billing]], withTasks: [], criteria: .standard)
            edit(&basis)
            return try #require(basis.digest(hashing: OpenSSLHashing()))
        }
        let all = try [
            digest(), digest { $0.program = TrustFixture.digest(2) },
            digest { $0.origin = "acme.example/gw1/2" },
            digest { $0.agents[TrustFixture.agent] = [] },
            digest { $0.agents[RandomTrustLog.other] = [] },
            digest { $0.withTasks = [TrustFixture.agent] },
            digest { $0.criteria.stages.full.cleanRuns += 1 },
        ]
        #expect(Set(all).count == all.count)
        let again = try digest()
        #expect(again == all[0])
    }
}
