import InterlockJSON
import InterlockLedger
import InterlockModel
import Synchronization

/// Prevents a flood of refusals from filling the log: per (type, agent, code), 20 a second are recorded individually;
/// the rest are counted and written as one record a second with `cnt`, `from` and `to`.
final class RefusalSummary: Sendable {
    private struct Key: Hashable {
        let type: RecordType
        let agent: String
        let code: String
    }
    private struct Count {
        var second: Int64
        var inSecond: Int
        var left = 0
        var from = Timestamp(microseconds: 0)
        var to = Timestamp(microseconds: 0)
    }
    private let counts = Mutex<[Key: Count]>([:])

    static let perSecond = 20
    /// The number of distinct keys; refusals of further agents and codes are counted together under `otherCode`.
    static let maximumKeys = 4096
    static let otherCode = "audit.other"

    /// - Returns: true if the record must be written individually.
    func lets(_ draft: RecordDraft, at moment: ClockReading) -> Bool {
        guard let named = Self.key(draft) else { return true }
        return counts.withLock { counts in
            let key = Self.bounded(named, counts)
            let second = moment.boot.microseconds / 1_000_000
            var count = counts[key] ?? Count(second: second, inSecond: 0)
            if count.second != second {
                count.second = second
                count.inSecond = 0
            }
            count.inSecond += 1
            let single = count.inSecond <= Self.perSecond
            if !single { Self.add(to: &count, moment.wall) }
            counts[key] = count
            return single
        }
    }

    /// Counts a refusal that could not be written individually.
    /// - Returns: false if the record is not of a kind that may be summarised.
    func count(_ draft: RecordDraft, at moment: ClockReading) -> Bool {
        guard let named = Self.key(draft) else { return false }
        counts.withLock { counts in
            let key = Self.bounded(named, counts)
            let second = moment.boot.microseconds / 1_000_000
            var count = counts[key] ?? Count(second: second, inSecond: 0)
            Self.add(to: &count, moment.wall)
            counts[key] = count
        }
        return true
    }

    /// Takes the counted refusals, one record per key. The caller must return with `putBack` what it cannot write.
    func take(at moment: ClockReading) -> [RecordDraft] {
        let second = moment.boot.microseconds / 1_000_000
        return counts.withLock { counts in
            var drafts: [RecordDraft] = []
            for (key, count) in counts {
                if count.left > 0 {
                    drafts.append(Self.draft(key, count))
                    counts[key]?.left = 0
                } else if count.second < second {
                    counts[key] = nil
                }
            }
            return drafts
        }
    }

    func putBack(_ draft: RecordDraft) {
        guard let key = Self.key(draft), let left = draft.fields["cnt"]?.integer,
            let from = draft.fields["from"]?.integer, let to = draft.fields["to"]?.integer
        else { return }
        counts.withLock { counts in
            var count = counts[key] ?? Count(second: 0, inSecond: 0)
            count.from = Timestamp(microseconds: from)
            if count.left == 0 { count.to = Timestamp(microseconds: to) }
            count.left += Int(left)
            counts[key] = count
        }
    }

    /// Returns true for records that can wait in memory as a count: refusals that close no intent.
    static func covers(_ draft: RecordDraft) -> Bool { key(draft) != nil }

    private static func key(_ draft: RecordDraft) -> Key? {
        guard draft.type == .callDenied || draft.type == .accessRefused,
            draft.fields["intent"] == nil, let code = draft.fields["code"]?.string
        else { return nil }
        let agent = draft.run?.agent.text ?? draft.fields["agent"]?.string ?? ""
        return Key(type: draft.type, agent: agent, code: code)
    }

    private static func bounded(_ key: Key, _ counts: [Key: Count]) -> Key {
        counts[key] != nil || counts.count < maximumKeys
            ? key : Key(type: key.type, agent: "", code: otherCode)
    }

    private static func add(to count: inout Count, _ time: Timestamp) {
        if count.left == 0 { count.from = time }
        count.to = time
        count.left += 1
    }

    /// The record belongs to no run's chain, since the refusals may be of several runs.
    private static func draft(_ key: Key, _ count: Count) -> RecordDraft {
        var draft = RecordDraft(key.type, run: nil)
        if !key.agent.isEmpty { draft.fields["agent"] = .string(key.agent) }
        draft.fields["code"] = .string(key.code)
        if key.type == .callDenied { draft.fields["dec"] = "deny" }
        draft.fields["cnt"] = .integer(Int64(count.left))
        draft.fields["from"] = .integer(count.from.microseconds)
        draft.fields["to"] = .integer(count.to.microseconds)
        return draft
    }
}
