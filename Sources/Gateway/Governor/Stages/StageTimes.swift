import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// The stages of the pipeline, in order (`CallPipeline`).
package enum PipelineStage: Int, CaseIterable, Sendable {
    case receive, identify, checkHalt, parse, resolve, decide, recordIntent, awaitApproval
    case recheck, awaitQuorum, confirm, execute, inspect, recordOutcome
}

/// The durations of stages that did not stop their call.
package final class StageTimes: Sendable {
    private let times = PipelineStage.allCases.map { _ in Histogram() }

    package var all: [(stage: PipelineStage, times: Histogram)] {
        Array(zip(PipelineStage.allCases, times))
    }

    package subscript(stage: PipelineStage) -> Histogram { times[stage.rawValue] }

    func record(microseconds time: Int64, of stage: PipelineStage) {
        times[stage.rawValue].record(microseconds: time)
    }
}

/// Measures the stages of one call, one after the other.
struct PipelineStageTimer {
    private let gateway: Gateway
    private let began: BootTime
    private var last: BootTime

    init(_ gateway: Gateway) {
        self.gateway = gateway
        began = gateway.clock.boot
        last = began
    }

    /// Ends a stage and begins the next one.
    mutating func end(_ stage: PipelineStage) {
        let now = gateway.clock.boot
        gateway.figures.stageTimes.record(
            microseconds: now.microseconds - last.microseconds, of: stage)
        last = now
    }

    /// Excludes the time since the last stage.
    mutating func skip() { last = gateway.clock.boot }

    /// Ends the last stage, of a call that was sent.
    mutating func close(_ call: DecidedCall) {
        end(.recordOutcome)
        gateway.figures.callTimes.record(
            microseconds: last.microseconds - began.microseconds, at: call.address.server,
            call.decision.toolClass ?? .read)
    }
}
