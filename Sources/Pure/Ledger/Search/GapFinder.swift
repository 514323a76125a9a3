import InterlockJSON
package import InterlockModel

/// Follows a log record by record and collects its gaps. Unlike `LogChecker`, which stops at the first fault, it
/// continues after each.
package struct GapFinder: Sendable {
    package private(set) var gaps: [LogGap] = []
    /// The number of gaps beyond the limit, which are only counted.
    package private(set) var uncounted = 0

    private var chains: [ExactText: ChainLink] = [:]
    private var open: [Digest: Opened] = [:]
    private var unknown: [Digest: LogGap] = [:]
    private var clock = ClockDriftDetector()
    private var silence = SilenceDetector()
    /// True if the first records of the log were pruned, and with them the start of some chains.
    private let isPruned: Bool

    private struct Opened {
        let index: UInt64
        let time: Int64
        let run: String?
        let call: String?
    }

    package static let maximumGaps = 10_000
    /// The age of a quorum, in seconds, above which a tick reports it as late; ticks are at most a minute apart.
    static let lateSeconds: Int64 = 60

    package init(isPruned: Bool = false) { self.isPruned = isPruned }

    package mutating func add(_ stored: StoredRecord?, index: UInt64, hash: Digest) {
        guard let record = stored else {
            return note(.unreadable, index, 0, nil, "the record is in no canonical form")
        }
        let seen = Entry(record, index)
        follow(record, seen, hash)
        account(record, seen, hash)
        if let text = silence.take(record) { note(.missingTick, seen, text) }
        if let text = clock.take(record) { note(.clockStep, seen, text) }
        if record.type == RecordType.logTick.rawValue, let seconds = record["cos"]?.integer,
            seconds > Self.lateSeconds
        {
            note(.lateCosignature, seen, "the last quorum was \(seconds) s ago")
        }
    }

    /// Reports the intents that are still open and the calls that stayed unknown; must be called after the last record.
    package mutating func finish() {
        for opened in open.values.sorted(by: { $0.index < $1.index }) {
            let call = opened.call.map { "call `\($0)`" } ?? "a call"
            note(
                .openIntent, opened.index, opened.time, opened.run, "\(call) has no closing record")
        }
        open = [:]
        for gap in unknown.values.sorted(by: { $0.index < $1.index }) { note(gap) }
        unknown = [:]
        gaps.sort { $0.index < $1.index }
    }

    private mutating func follow(_ record: StoredRecord, _ seen: Entry, _ hash: Digest) {
        guard let sequence = record["rs"]?.integer, let run = seen.run else { return }
        let previous = record.digest("prev")
        if let link = chains[run] ?? (isPruned ? nil : .start) {
            if sequence != link.sequence {
                note(
                    .brokenChain, seen,
                    "it is record \(sequence) of its run, expected was \(link.sequence)")
            } else if previous != link.previous {
                note(.brokenChain, seen, "`prev` is not the leaf hash of the run's record before")
            }
        }
        let (next, overflow) = sequence.addingReportingOverflow(1)
        chains[run] = ChainLink(sequence: overflow ? 0 : next, previous: hash)
    }

    private mutating func account(_ record: StoredRecord, _ seen: Entry, _ hash: Digest) {
        switch record.type {
        case RecordType.callIntent.rawValue:
            open[hash] = Opened(
                index: seen.index, time: seen.time, run: seen.run, call: record.text("call"))
        case RecordType.callOutcome.rawValue where record["late"]?.bool == true:
            guard let intent = record.digest("intent") else { return }
            if unknown.removeValue(forKey: intent) == nil, !isPruned {
                note(.badClosing, seen, "a late outcome of a call that is not unknown")
            }
        case RecordType.callOutcome.rawValue, RecordType.callUnknown.rawValue: close(record, seen)
        case RecordType.callDenied.rawValue where record["intent"] != nil: close(record, seen)
        case RecordType.outcomeChecked.rawValue: check(record)
        default: break
        }
    }

    private mutating func close(_ record: StoredRecord, _ seen: Entry) {
        guard let intent = record.digest("intent"), open.removeValue(forKey: intent) != nil else {
            // The intent may have been pruned.
            if !isPruned { note(.badClosing, seen, "it closes an intent that is not open") }
            return
        }
        guard record.type == RecordType.callUnknown.rawValue else { return }
        let why = record.text("why") ?? "?"
        unknown[intent] = LogGap(
            kind: .unknown, index: seen.index, time: seen.time, run: seen.run,
            detail: "it is unknown whether the call happened: \(why)")
    }

    /// Adds what a person found to the gap: the log itself still does not say how the call ended.
    private mutating func check(_ record: StoredRecord) {
        guard let intent = record.digest("intent"), let gap = unknown[intent] else { return }
        unknown[intent] = LogGap(
            kind: gap.kind, index: gap.index, time: gap.time, run: gap.run,
            detail: gap.detail + "; a person found `\(record.text("as") ?? "?")`")
    }

    private mutating func note(_ kind: LogGap.Kind, _ seen: Entry, _ detail: String) {
        note(kind, seen.index, seen.time, seen.run, detail)
    }

    private mutating func note(
        _ kind: LogGap.Kind, _ index: UInt64, _ time: Int64, _ run: String?, _ detail: String
    ) {
        note(LogGap(kind: kind, index: index, time: time, run: run, detail: detail))
    }

    private mutating func note(_ gap: LogGap) {
        if gaps.count < Self.maximumGaps { gaps.append(gap) } else { uncounted += 1 }
    }
}

/// A record's position, time and run, for a gap.
private struct Entry {
    let index: UInt64
    let time: Int64
    let run: String?

    init(_ record: StoredRecord, _ index: UInt64) {
        self.index = index
        time = record["ts"]?.integer ?? 0
        run = record.text("run")
    }
}
