import InterlockJSON
import InterlockModel

/// Finds where wall clock and monotonic clock part within one boot.
struct ClockDriftDetector: Sendable {
    private var boot: String?
    /// Wall clock minus monotonic clock of the record before, in microseconds.
    private var drift: Int64 = 0
    /// When the last step was found, by the monotonic clock.
    private var lastStep: Int64?

    private static let step: Int64 = 500_000
    /// The record `clock.step` follows the step that others show within this time.
    private static let echo: Int64 = 5_000_000

    /// - Returns: what to say of a step that shows at this record.
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

/// Finds where a running gateway was silent: it writes a tick at least once a minute, looked at on each
/// beat, and a beat is a minute at most. What ends in a start was no silence but a pause.
struct SilenceDetector: Sendable {
    private var boot: String?
    private var mono: Int64 = 0
    private var pending: String?

    private static let longest: Int64 = 130_000_000

    /// - Returns: what to say of a silence that this record confirms.
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

    /// Records that a start may write before it says that it has started.
    private static func recovery(_ record: StoredRecord) -> Bool {
        record.type == RecordType.logRecovered.rawValue
            || record.type == RecordType.callUnknown.rawValue
            || record.type == RecordType.callDenied.rawValue && record["intent"] != nil
    }
}
