import InterlockJSON
import InterlockLedger
package import InterlockModel

/// The time that one call of a run took, and for what: people, the server, nothing that is known.
package struct CallSpan: Sendable {
    package enum Phase: Sendable, Hashable {
        /// An approval was awaited.
        case people
        /// The call was with its server.
        case server
    }

    package struct Part: Sendable, Hashable {
        package let phase: Phase
        package let from: Timestamp
        package let until: Timestamp
    }

    package enum End: Sendable, Hashable {
        /// The status of the outcome, such as `ok`.
        case result(String)
        case denied(code: String)
        case unknown
        /// No record of its end is among the steps.
        case open
    }

    package let call: String
    /// `server__tool`, or nil if it is no legal name.
    package fileprivate(set) var tool: String?
    package let start: Timestamp
    package fileprivate(set) var last: Timestamp
    package fileprivate(set) var parts: [Part] = []
    package fileprivate(set) var end = End.open
    /// The record in which the call begins.
    package let index: UInt64
    fileprivate var phase: (Phase, since: Timestamp)?

    /// The phase of a call without an end among the steps; nil if it has one.
    package var current: Phase? { end == .open ? phase?.0 : nil }

    fileprivate mutating func enter(_ next: Phase?, at time: Timestamp) {
        if let (phase, since) = phase, since < time {
            parts.append(Part(phase: phase, from: since, until: time))
        }
        phase = next.map { ($0, time) }
        last = max(last, time)
    }
}

extension RunSteps {
    /// The calls that begin among these steps, in their order.
    package var spans: [CallSpan] {
        var spans: [CallSpan] = []
        var places: [ExactText: Int] = [:]
        for step in steps {
            let record = step.record
            guard let type = RecordType(rawValue: record.type), let time = record.time,
                let call = record.text("use") ?? record.text("call")
            else { continue }
            let key = ExactText(call)
            if places[key] == nil {
                guard [.callIntent, .callDenied, .approvalRequested].contains(type) else {
                    continue
                }
                places[key] = spans.count
                spans.append(
                    CallSpan(
                        call: call, tool: record.text("tool"), start: time, last: time,
                        index: step.index))
            }
            guard let place = places[key] else { continue }
            spans[place].take(type, record, at: time)
        }
        return spans
    }
}

extension CallSpan {
    fileprivate mutating func take(_ type: RecordType, _ record: StoredRecord, at time: Timestamp) {
        tool = tool ?? record.text("tool")
        switch type {
        case .callIntent: enter(record.text("dec") == "approve" ? .people : .server, at: time)
        case .approvalRequested: enter(.people, at: time)
        case .approvalUsed: enter(.server, at: time)
        case .callOutcome:
            enter(nil, at: time)
            end = .result(record.text("st") ?? "")
        case .callDenied:
            enter(nil, at: time)
            end = .denied(code: record.text("code") ?? "")
        case .callUnknown:
            enter(nil, at: time)
            end = .unknown
        default: last = max(last, time)
        }
    }
}
