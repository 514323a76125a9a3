import InterlockJSON
import InterlockModel

/// Detects where the wall clock and the monotonic clock diverge within one boot.
struct ClockDriftDetector: Sendable {
    private var boot: String?
    /// The wall clock minus the monotonic clock at the previous record, in microseconds.
    private var drift: Int64 = 0
    /// The monotonic time at which the last step was detected, in microseconds.
    private var lastStep: Int64?

    private static let step: Int64 = 500_000
    /// The time, in microseconds, within which a record `clock.step` reports a step that other records have already
    /// shown.
    private static let echo: Int64 = 5_000_000

    /// - Returns: a description of the step that this record shows, or nil.
    mutating func take(_ record: StoredRecord) -> String? {
        guard let boot = record.text("boot"), let mono = record["mono"]?.integer,
            let wall = record["ts"]?.integer
        else { return nil }
        let now = wall.subtractingReportingOverflow(mono).partialValue
        defer { (self.boot, drift) = (boot, now) }
        guard boot == self.boot else {
            lastStep = nil
            return nil
        }
        let moved = now.subtractingReportingOverflow(drift).partialValue
        if moved.magnitude > Self.step.magnitude {
            lastStep = mono
            return "the wall clock was set by \(moved / 1000) ms"
        }
        guard record.type == RecordType.clockStep.rawValue else { return nil }
        if let lastStep, mono.subtractingReportingOverflow(lastStep).partialValue <= Self.echo {
            return nil
        }
        return "the wall clock was set by \((record["step"]?.integer ?? 0) / 1000) ms"
    }
}

/// Detects silence of a running gateway. The gateway writes a tick at least once a minute and checks for it on each
/// beat, and beats are at most a minute apart. A silence that ends in a start is a pause and not reported.
struct SilenceDetector: Sendable {
    private var boot: String?
    private var mono: Int64 = 0
    private var pending: String?

    private static let longest: Int64 = 130_000_000

    /// - Returns: a description of a silence that this record confirms, or nil.
    mutating func take(_ record: StoredRecord) -> String? {
        guard let boot = record.text("boot"), let mono = record["mono"]?.integer else { return nil }
        defer { (self.boot, self.mono) = (boot, mono) }
        if record.type == RecordType.logStarted.rawValue {
            pending = nil
            return nil
        }
        let silent = mono.subtractingReportingOverflow(self.mono).partialValue
        if boot == self.boot, silent > Self.longest, pending == nil {
            pending = "nothing was recorded for \(silent / 1_000_000) s, and nothing had ended"
        }
        guard let text = pending, !Self.recovery(record) else { return nil }
        pending = nil
        return text
    }

    /// Returns true for the records that a start may write before `log.started`.
    private static func recovery(_ record: StoredRecord) -> Bool {
        record.type == RecordType.logRecovered.rawValue
            || record.type == RecordType.callUnknown.rawValue
            || record.type == RecordType.callDenied.rawValue && record["intent"] != nil
    }
}
