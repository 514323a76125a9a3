import InterlockJSON
package import InterlockModel

/// Follows a log record by record and finds what hashes cannot: a run's chain with a hole, a record of
/// a run that had ended, an intent closed twice, a closing record without intent. After the last record
/// it holds what is still open.
package struct LogChecker: Sendable {
    package private(set) var heads: LogHeads
    /// Leaf hashes of records that are not there any more, with the starts seen before each: a chain or a
    /// call may begin among them.
    private var absent: [Digest: Int] = [:]
    private var starts = 0
    /// Whose calls those are that were added here and may have a closing record, or a late outcome.
    private var owners: [Digest: Owner] = [:]

    private struct Owner: Hashable {
        let run: RunID?
        let call: CallID?
    }

    /// - Parameter heads: of the records before the first that is added. By default there are none, and
    ///   every run that ends is remembered.
    package init(_ heads: LogHeads = LogHeads(ended: EndedRuns(limit: .max))) {
        self.heads = heads
    }

    /// Where each run's chain goes on, without the runs that ended.
    package var runs: [RunID: ChainLink] { heads.runs }
    /// Intents without a closing record, by leaf hash.
    package var open: [Digest: OpenIntent] { heads.calls.open }
    /// Intents closed as unknown, for which one late outcome may follow.
    package var unknown: Set<Digest> { heads.calls.unknown }

    /// - Throws: the fault of this record, which then changed nothing.
    package mutating func add(_ record: StoredRecord, hash: Digest) throws(RecordFault) {
        guard !heads.isClosed else { throw .afterTheEnd }
        let owner = Owner(run: try id("run", of: record), call: try id("call", of: record))
        let place = try chained(record)
        let effect = try effect(of: record, hash, owner, isChained: place != nil)
        if let place { heads.begin(place.run, at: place.link) }
        heads.apply(
            HeadMove(
                leaf: hash, run: place?.run,
                agent: place == nil ? nil : record.text("agent").flatMap { AgentName($0) },
                at: Timestamp(microseconds: record["ts"]?.integer ?? 0), effect: effect))
        switch effect {
        case .opens: owners[hash] = owner
        case .closes(let intent, let asUnknown):
            absent[intent] = nil
            owners[intent] = asUnknown ? owner : nil
        case .endsLate(let intent):
            absent[intent] = nil
            owners[intent] = nil
        case .none, .usesApproval, .issuesToken, .endsRun, .closesLog, .prunes: break
        }
        if record.type == RecordType.logStarted.rawValue { starts += 1 }
    }

    /// Passes a record of which the hash alone is left, in a log that was pruned. The first record of a
    /// run that is added may then follow one of these, and a call may be closed, once and before the next
    /// start, that one opened.
    package mutating func skip(_ hash: Digest) { absent[hash] = starts }

    /// - Throws: `.malformed` when the field is there and no id.
    private func id<Tag>(
        _ name: String, of record: StoredRecord
    ) throws(RecordFault) -> Identifier<Tag>? {
        guard let value = record[name] else { return nil }
        guard let id = value.string.flatMap({ Identifier<Tag>($0) }) else { throw .malformed }
        return id
    }

    /// The run whose chain the record goes on with, and its place there; nil when it is in none.
    private func chained(
        _ record: StoredRecord
    ) throws(RecordFault) -> (run: RunID, link: ChainLink)? {
        // Outside a chain a record may name a run; in a chain it has `rs`.
        guard let sequence = record["rs"] else {
            guard record["prev"] == nil else { throw .malformed }
            return nil
        }
        guard let text = record.text("run"), let run = RunID(text) else { throw .malformed }
        guard !heads.ended.contains(run) else { throw .endedRun(run: text) }
        let link = runs[run] ?? inherited(record) ?? .start
        guard sequence.integer == link.sequence, record.digest("prev") == link.previous,
            (record["prev"] == nil) == (link.previous == nil)
        else { throw .brokenChain(run: text) }
        return (run, link)
    }

    /// The place that the record claims, if the record before it is absent.
    private func inherited(_ record: StoredRecord) -> ChainLink? {
        guard let previous = record.digest("prev"), absent[previous] != nil,
            let sequence = record["rs"]?.integer, sequence > 0
        else { return nil }
        return ChainLink(sequence: sequence, previous: previous)
    }

    private func effect(
        of record: StoredRecord, _ hash: Digest, _ owner: Owner, isChained: Bool
    ) throws(RecordFault) -> RecordEffect {
        switch record.type {
        case RecordType.callIntent.rawValue:
            // In a chain, so no two intents have one hash.
            guard isChained, owner.call != nil else { throw .malformed }
            return .opens(OpenIntent(record, hash: hash))
        case RecordType.approvalUsed.rawValue:
            return record.digest("intent").map { .usesApproval($0) } ?? .none
        case RecordType.callOutcome.rawValue:
            guard let late = record["late"] else {
                return .closes(try closing(record, owner), asUnknown: false)
            }
            guard late.bool == true else { throw .malformed }
            return .endsLate(try endingLate(record, owner))
        case RecordType.callUnknown.rawValue:
            return .closes(try closing(record, owner), asUnknown: true)
        case RecordType.callDenied.rawValue where record["intent"] != nil:
            return .closes(try closing(record, owner), asUnknown: false)
        case RecordType.runEnd.rawValue where isChained: return .endsRun
        case RecordType.tokenIssued.rawValue: return .issuing(record.object)
        case RecordType.logClosed.rawValue: return .closesLog
        case RecordType.logPruned.rawValue: return .pruning(record["min"])
        default: return .none
        }
    }

    private func closing(_ record: StoredRecord, _ owner: Owner) throws(RecordFault) -> Digest {
        let intent = try closed(record)
        guard let opened = open[intent] else {
            guard absent[intent] == starts else { throw .notOpen(intent: intent.base64) }
            return intent
        }
        let known = Owner(run: opened.run?.run, call: CallID(opened.call))
        guard owners[intent] ?? known == owner else {
            throw .foreignCloser(intent: intent.base64)
        }
        return intent
    }

    /// The record that left the call unknown may be absent, with the intent.
    private func endingLate(_ record: StoredRecord, _ owner: Owner) throws(RecordFault) -> Digest {
        let intent = try closed(record)
        guard unknown.contains(intent) || absent[intent] != nil else {
            throw .notOpen(intent: intent.base64)
        }
        guard owners[intent] ?? owner == owner else {
            throw .foreignCloser(intent: intent.base64)
        }
        return intent
    }

    private func closed(_ record: StoredRecord) throws(RecordFault) -> Digest {
        guard let intent = record.digest("intent") else { throw .malformed }
        return intent
    }
}
