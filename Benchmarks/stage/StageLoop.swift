@testable import InterlockAdministration
@testable import InterlockGovernor

/// The approval stage by itself, on calls that went the way as far as it.
struct StageLoop {
    private let pipeline: CallPipeline
    private let caller: Caller
    /// So many that no call is at hand because it was the one before.
    private let calls: [RecordedCall]

    static let differentCalls = 64

    init(_ caller: StageCaller) async throws {
        pipeline = caller.world.pipeline
        self.caller = caller.caller
        var calls: [RecordedCall] = []
        for _ in 0..<Self.differentCalls { calls.append(try await caller.recorded()) }
        self.calls = calls
    }

    /// For each of so many calls, of which all must have gone on.
    func nanoseconds(_ times: Int) async -> Double {
        let start = ContinuousClock.now
        for time in 0..<times {
            let passed = await pipeline.awaitApproval(calls[time % Self.differentCalls], caller)
            guard case .success = passed else { preconditionFailure("a call was not let through") }
        }
        return (ContinuousClock.now - start).nanoseconds / Double(times)
    }

    /// The same of a stage that does nothing.
    func nanosecondsEmpty(_ times: Int) async -> Double {
        let start = ContinuousClock.now
        for time in 0..<times {
            let passed = await pipeline.passOn(calls[time % Self.differentCalls], caller)
            guard case .success = passed else { preconditionFailure("a call was not let through") }
        }
        return (ContinuousClock.now - start).nanoseconds / Double(times)
    }
}

extension CallPipeline {
    /// What is left of `awaitApproval` when nothing is asked and nothing made.
    @inline(never)
    fileprivate func passOn(
        _ recorded: RecordedCall, _ caller: Caller
    ) async -> Result<RecordedCall, PipelineExit> {
        .success(recorded)
    }
}
