@testable import InterlockAdministration
@testable import InterlockGovernor

/// The approval stage alone, on calls that have passed every stage before it.
struct StageLoop {
    private let pipeline: CallPipeline
    private let caller: Caller
    /// Enough different calls that a call is not in the cache because it was the previous one.
    private let calls: [RecordedCall]

    static let differentCalls = 64

    init(_ caller: StageCaller) async throws {
        pipeline = caller.world.pipeline
        self.caller = caller.caller
        var calls: [RecordedCall] = []
        for _ in 0..<Self.differentCalls { calls.append(try await caller.recorded()) }
        self.calls = calls
    }

    /// The time per call, in nanoseconds; every call must pass the stage.
    func nanoseconds(_ times: Int) async -> Double {
        let start = ContinuousClock.now
        for time in 0..<times {
            let passed = await pipeline.awaitApproval(calls[time % Self.differentCalls], caller)
            guard case .success = passed else { preconditionFailure("a call was not let through") }
        }
        return (ContinuousClock.now - start).nanoseconds / Double(times)
    }

    /// The time per call of a stage that does nothing, in nanoseconds.
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
    /// `awaitApproval` without its work: asks for nothing and creates nothing.
    @inline(never)
    fileprivate func passOn(
        _ recorded: RecordedCall, _ caller: Caller
    ) async -> Result<RecordedCall, RefusedRequest> {
        .success(recorded)
    }
}
