import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockReview
@testable import InterlockReviews
@testable import InterlockTrust
@testable import InterlockTrustStages

/// Starts of reviews that wait for a checkpoint.
@Suite(.requirement("R129", "R133")) struct ReviewStartTests {
    private static let scope = ReviewScope.agent(ReviewBench.clerk)

    /// Starts a review of the clerk, which finds nothing to wait for but what the bench does meanwhile.
    private func start(_ made: ReviewBench) async -> Problem? {
        guard
            let period = ReviewPeriod(
                from: made.now - .seconds(7 * 86_400), to: made.now - .seconds(60))
        else { return Problem(.malformed, "no period") }
        do throws(Problem) {
            _ = try await made.service.start(Self.scope, period, by: made.by)
            return nil
        } catch { return error }
    }

    @Test func `other reviews are worked on while a start waits for a checkpoint`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let other = try await made.start(.org)
        _ = try await made.service.read(ReviewBench.leaf(0), of: other, by: made.by)
        let isMarked = Mutexed(false)
        made.reader.during.value = {
            let marking = Task {
                _ = try await made.service.mark(
                    ReviewBench.leaf(0), of: other, as: "ok", severity: nil, note: "", by: made.by)
            }
            for _ in 0..<500 where made.registry.open(other)?.marks.isEmpty == true {
                try? await Task.sleep(for: .milliseconds(10))
            }
            isMarked.value = made.registry.open(other)?.marks.isEmpty == false
            // A mark that waits for the start is left to end after it.
            if isMarked.value { try? await marking.value }
        }
        #expect(await start(made) == nil)
        #expect(isMarked.value, "the mark did not wait for the start")
        #expect(made.registry.open(of: Self.scope) != nil)
    }

    @Test func `two starts at once draw one sample`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let second = Mutexed<ProblemKind?>(nil)
        made.reader.during.value = { second.value = await start(made)?.kind }
        #expect(await start(made) == nil)
        #expect(second.value == .otherState)
        #expect(made.bench.ledger.drafts(of: .reviewStarted).count == 1)
    }

    @Test func `a sample that was drawn under another policy starts nothing`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let changed = try BenchPolicy.snapshot([("purpose: Clerks", "purpose: Other clerks")])
        made.reader.during.value = {
            made.bench.gateway.policy.swap(to: changed, isFounding: false)
        }
        let problem = try #require(await start(made))
        #expect(problem.kind == .otherState && problem.detail.contains("policy or a stage"))
        #expect(made.bench.ledger.drafts(of: .reviewStarted).isEmpty)
        #expect(made.files.contents.value.isEmpty && made.registry.openReviews.isEmpty)
        #expect(await start(made) == nil, "and nothing is left of the one before")
    }

    @Test func `a sample that was drawn at another stage starts nothing`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        made.reader.during.value = { try? await made.promote() }
        #expect(await start(made)?.kind == .otherState)
        #expect(made.stages.status(of: ReviewBench.clerk).stage == .assisted)
        #expect(made.registry.openReviews.isEmpty)
    }
}
