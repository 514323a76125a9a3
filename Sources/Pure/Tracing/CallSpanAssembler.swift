import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// Makes a span of the records of each call, in the order of the log: an intent opens a call, and the record that
/// closes it ends its span. Records of many calls at once have no span, and a true end that comes after an unknown
/// one makes no second span.
package struct CallSpanAssembler: Sendable {
    package enum Step: Sendable, Hashable {
        case nothing
        case span(CallSpan)
        /// The span of one call can never be made.
        case lost
    }

    private var open: [CallID: CallSpan.Facts] = [:]
    private let capacity: Int

    /// The most calls that may be open.
    package static let most = 20_000

    /// The types of records that make spans.
    package static let types: [RecordType] = [
        .callIntent, .callOutcome, .callUnknown, .callDenied,
    ]

    package init(capacity: Int = Self.most) { self.capacity = capacity }

    package var openCount: Int { open.count }

    /// - Parameter hash: the leaf hash of the record.
    package mutating func take(_ record: StoredRecord, hash: Digest) -> Step {
        guard let type = RecordType(rawValue: record.type), Self.types.contains(type),
            let text = record.text("call")
        else { return .nothing }
        guard let call = CallID(text) else { return .lost }
        switch type {
        case .callIntent: return begin(call, record, hash)
        case .callDenied:
            let begun = open.removeValue(forKey: call)
            guard let code = record.text("code"), let facts = begun ?? Self.facts(of: record)
            else { return .lost }
            return span(call, facts, .denied(code: code), record, hash)
        case .callUnknown:
            guard let facts = open.removeValue(forKey: call), let cause = record.text("why") else {
                return .lost
            }
            return span(call, facts, .unknown(cause: cause), record, hash)
        case .callOutcome:
            guard record["late"] == nil else { return .nothing }
            guard let facts = open.removeValue(forKey: call), let status = record.text("st"),
                let code = record.text("code")
            else { return .lost }
            return span(call, facts, .ended(status: status, code: code), record, hash)
        default: return .nothing
        }
    }

    private mutating func begin(_ call: CallID, _ record: StoredRecord, _ hash: Digest) -> Step {
        guard open.count < capacity, let facts = Self.facts(of: record, intent: hash) else {
            return .lost
        }
        open[call] = facts
        return .nothing
    }

    private static func facts(of record: StoredRecord, intent: Digest? = nil) -> CallSpan.Facts? {
        guard let verdict = record.text("dec").flatMap({ CallSpan.Verdict(rawValue: $0) }) else {
            return nil
        }
        return CallSpan.Facts(
            agent: record.text("agent"),
            tool: record.text("tool").flatMap { ToolAddress(itemWireName: $0) },
            verdict: verdict, rule: record.text("rule"), policy: record.digest("pol"),
            toolClass: record.text("risk"), intent: intent)
    }

    private func span(
        _ call: CallID, _ facts: CallSpan.Facts, _ outcome: CallSpan.Outcome,
        _ record: StoredRecord, _ hash: Digest
    ) -> Step {
        guard let end = record.time,
            let identity = SpanIdentity(run: record.text("run").flatMap { RunID($0) }, call: call)
        else { return .lost }
        let begun =
            record["dur"]?.integer.map { end.microseconds - max($0, 0) }
            ?? call.milliseconds * 1_000
        let start = Timestamp(microseconds: min(max(begun, 0), end.microseconds))
        return .span(
            CallSpan(
                identity: identity, facts: facts, outcome: outcome, start: start, end: end,
                leaf: hash))
    }
}
