import InterlockLedger
import InterlockModel

/// The status of one witness: the size that it is believed to remember, and what is wrong with it.
struct WitnessStatus: Sendable {
    /// The size that it was last known to remember, or nil if it has not answered yet.
    private(set) var size: UInt64?
    /// The wall-clock time at which its last cosignature arrived.
    private(set) var lastCosigned: Timestamp?
    private(set) var trouble: Fault?
    private var missedBeats = 0
    private var isClockOff = false

    /// The current problem. It ends with the next cosignature; a fork ends only when the witness is removed.
    enum Fault: Equatable, Sendable {
        case silent(String)
        case refused(status: Int)
        case unfit(String)
        case forked(String)

        var sentence: String {
            switch self {
            case .silent(let reason): "no answer: \(reason)"
            case .refused(let status): "it does not take this log: status \(status)"
            case .unfit(let reason): "its answer proves nothing: \(reason)"
            case .forked(let reason): "FORK: \(reason)"
            }
        }
    }

    private static let beatsBeforeAlarm = 3
    private static let clockTolerance = Duration.seconds(300)

    var isForked: Bool { if case .forked = trouble { true } else { false } }

    /// Sets the size that the witness named at start, before it is asked to cosign.
    mutating func learn(size: UInt64) { self.size = size }

    /// - Returns: the code of an alert if this outcome is a new problem, otherwise nil.
    mutating func take(
        _ outcome: WitnessOutcome, of asked: UInt64, at now: Timestamp, onBeat: Bool
    ) -> String? {
        switch outcome {
        case .cosigned(let cosignature):
            size = max(size ?? 0, asked)
            lastCosigned = now
            missedBeats = 0
            if !isForked { trouble = nil }
            return clockAlarm(cosignature, now)
        case .ahead(let remembered), .conflict(let remembered), .unproven(let remembered):
            size = remembered
            missedBeats = 0
            return nil
        case .silent(let reason):
            if onBeat { missedBeats += 1 }
            guard !isForked else { return nil }
            trouble = .silent(reason)
            return onBeat && missedBeats == Self.beatsBeforeAlarm ? "audit.witness_silent" : nil
        case .refused(let status): return enter(.refused(status: status), "audit.witness_refuses")
        case .unfit(let reason): return enter(.unfit(reason), "audit.witness_unfit")
        case .forked(let reason): return enter(.forked(reason), "audit.fork")
        }
    }

    private mutating func enter(_ new: Fault, _ alarm: String) -> String? {
        guard trouble != new, !isForked else { return nil }
        trouble = new
        return alarm
    }

    private mutating func clockAlarm(_ cosignature: Cosignature, _ now: Timestamp) -> String? {
        let tolerance = Self.clockTolerance.components.seconds
        let (distance, overflow) = Int64(clamping: cosignature.time)
            .subtractingReportingOverflow(now.seconds)
        let isOff = overflow || distance.magnitude > tolerance.magnitude
        defer { isClockOff = isOff }
        return isOff && !isClockOff ? "audit.witness_clock" : nil
    }
}
