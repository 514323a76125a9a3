import InterlockJSON
package import InterlockModel

/// Follows a log record by record and detects what hashes cannot: a gap in a run's chain, a record of an ended run, an
/// intent that is closed twice, a closing record without an intent. After the last record, it holds the intents that
/// are still open.
package struct LogChecker: Sendable {
    package private(set) var heads: LogHeads
    /// The leaf hashes of absent records, each with the number of starts before it: a chain or a call may begin with
    /// one of them.
    private var absent: [Digest: Int] = [:]
    private var starts = 0
    /// The run and call of each intent that was added here and may still receive a closing record or a late outcome.
    private var owners: [Digest: Owner] = [:]

    private struct Owner: Hashable {
        let run: RunID?
        let call: CallID?
    }

    /// - Parameter heads: the heads of the log before the first added record. The default is an empty log, for which
    ///   every ended run is remembered.
    package init(_ heads: LogHeads = LogHeads(ended: EndedRuns(limit: .max))) {
        self.heads = heads
    }

    /// The next position of each run's chain, without ended runs.
    package var runs: [RunID: ChainLink] { heads.runs }
    /// The intents without a closing record, by leaf hash.
    package var open: [Digest: OpenIntent] { heads.calls.open }
    /// The intents that were closed as unknown, each of which may receive one late outcome.
    package var unknown: Set<Digest> { heads.calls.unknown }

    /// - Throws: the fault of this record, with no state changed.
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
        case .none, .usesApproval, .checks, .issuesToken, .endsRun, .closesLog, .prunes,
            .fillsDisk:
            break
        }
        if record.type == RecordType.logStarted.rawValue { starts += 1 }
    }

    /// Skips a record of a pruned log of which only the hash remains. The first added record of a run may then follow
    /// such a record, and a call that it opened may be closed once, before the next start.
    package mutating func skip(_ hash: Digest) { absent[hash] = starts }

    /// - Throws: `.malformed` if the field is present but is not an id.
    private func id<Tag>(
        _ name: String, of record: StoredRecord
    ) throws(RecordFault) -> Identifier<Tag>? {
        guard let value = record[name] else { return nil }
        guard let id = value.string.flatMap({ Identifier<Tag>($0) }) else { throw .malformed }
        return id
    }

    /// Returns the run whose chain the record continues and its position there, or nil if it is in no chain.
    private func chained(
        _ record: StoredRecord
    ) throws(RecordFault) -> (run: RunID, link: ChainLink)? {
        // A record outside a chain may name a run; a record in a chain has `rs`.
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

    /// Returns the position that the record claims, if the previous record is absent.
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
            // Intents are in a chain, so no two have the same hash.
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
        case RecordType.outcomeChecked.rawValue:
            return .checking(try checking(record), record["as"])
        case RecordType.callDenied.rawValue where record["intent"] != nil:
            return .closes(try closing(record, owner), asUnknown: false)
        case RecordType.runEnd.rawValue where isChained: return .endsRun
        case RecordType.tokenIssued.rawValue: return .issuing(record.object)
        case RecordType.logClosed.rawValue: return .closesLog
        case RecordType.logPruned.rawValue: return .pruning(record["min"])
        case RecordType.logFull.rawValue: return .filling(record["level"])
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

    /// The record that closed the call as unknown may be absent, together with the intent.
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

    /// The record that closed the call as unknown may be absent, together with the intent.
    private func checking(_ record: StoredRecord) throws(RecordFault) -> Digest {
        let intent = try closed(record)
        let owner = Owner(run: try id("ofrun", of: record), call: try id("call", of: record))
        guard unknown.contains(intent) || absent[intent] != nil else {
            throw .notUnknown(intent: intent.base64)
        }
        guard owner.run != nil, owner.call != nil, owners[intent] ?? owner == owner else {
            throw .foreignCloser(intent: intent.base64)
        }
        guard !heads.calls.settled.contains(intent) else {
            throw .checkedAlready(intent: intent.base64)
        }
        return intent
    }

    private func closed(_ record: StoredRecord) throws(RecordFault) -> Digest {
        guard let intent = record.digest("intent") else { throw .malformed }
        return intent
    }
}
