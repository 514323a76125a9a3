import InterlockJSON
package import InterlockLedger
import InterlockLimits
package import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// Records that hold the state of limits, breakers and levels of runs up to an index, so that a start continues from
/// there instead of reading the longest window (docs/specs/limits-and-monitoring.md, section 6). A snapshot has as
/// many records as it needs; an incomplete one was interrupted and is ignored.
package enum LimitSnapshot {
    /// The bytes of items in one record; the rest of its 4,096 bytes is for other fields.
    private static let itemBytes = 3_400
    /// Larger snapshots are not written, because the log is then as fast to read.
    package static let mostParts = 2_048
    /// - Returns: nil if a name is too long for a record, or there are too many parts or tainted runs.
    package static func drafts(of status: LoggedLimitState) -> [RecordDraft]? {
        guard let items = items(of: status) else { return nil }
        var parts: [[JSONValue]] = [[]]
        var bytes = 0
        for item in items {
            let size = item.serialized().count + 1
            if bytes + size > itemBytes, bytes > 0 {
                parts.append([])
                bytes = 0
            }
            parts[parts.count - 1].append(item)
            bytes += size
        }
        guard parts.count <= mostParts else { return nil }
        let timeline = status.limits.timeline
        return parts.enumerated().map { number, items in
            RecordDraft(
                .budgetSnapshot, run: nil,
                fields: [
                    "upto": .integer(Int64(clamping: status.next)),
                    "pol": .string(status.policy.base64), "part": .integer(Int64(number)),
                    "parts": .integer(Int64(parts.count)),
                    "at": .integer(timeline.time.microseconds),
                    "wall": .integer(timeline.newest.wall.microseconds),
                    "up": .integer(timeline.newest.boot.microseconds),
                    "bid": .string(timeline.newest.bootID), "items": .array(items),
                    Self.tainted: .integer(Int64(status.taint.count)),
                ])
        }
    }

    /// The field of the number of tainted runs. A snapshot of a version without levels does not have it.
    private static let tainted = "tl"

    /// - Parameter records: snapshots' records in the order of the log.
    /// - Returns: the newest snapshot under this policy that has all its parts and the levels of runs.
    package static func newestWhole(
        of records: some Sequence<StoredRecord>, under policy: Digest
    ) -> [StoredRecord]? {
        var sets: [Int64: [StoredRecord]] = [:]
        for record in records
        where record.digest("pol") == policy && record[tainted]?.integer != nil {
            if let upTo = record["upto"]?.integer { sets[upTo, default: []].append(record) }
        }
        return sets.filter { _, records in
            records.first?["parts"]?.integer.map { Int64(records.count) >= $0 } ?? true
        }.max { $0.key < $1.key }?.value
    }

    /// - Parameter records: the parts of one snapshot, in order.
    /// - Throws: if a part differs from what was written.
    package static func status(
        _ records: [StoredRecord], under map: LimitMap
    ) throws(StoreFailure) -> LoggedLimitState {
        let failure = StoreFailure(reason: "a snapshot of the limits is not as it was written")
        guard let first = records.first, let next = first["upto"]?.integer,
            let policy = first.digest("pol"), policy == map.policy.digest,
            let at = first["at"]?.integer, let wall = first["wall"]?.integer,
            let boot = first["up"]?.integer, let bootID = first.text("bid")
        else { throw failure }
        var reader = SnapshotReader(
            map,
            LimitTimeline(
                time: Timestamp(microseconds: at),
                newest: RecordTime(
                    wall: Timestamp(microseconds: wall), boot: BootTime(microseconds: boot),
                    bootID: bootID)))
        for (number, record) in records.enumerated() {
            guard record["part"]?.integer == Int64(number),
                record["parts"]?.integer == Int64(records.count),
                record["upto"] == first["upto"], record["pol"] == first["pol"],
                record[tainted] == first[tainted],
                let items = record["items"]?.array, items.allSatisfy({ reader.take($0) })
            else { throw failure }
        }
        guard first[tainted]?.integer == Int64(reader.taint.count) else { throw failure }
        return LoggedLimitState(
            limits: reader.limits, holds: reader.holds, taint: reader.taint,
            next: UInt64(clamping: next), policy: policy)
    }

    private static func items(of status: LoggedLimitState) -> [JSONValue]? {
        guard !status.taint.isFull else { return nil }
        var items: [JSONValue] = []
        for (agent, window, units) in status.limits.table.slotUnits {
            guard isShort(window.limit) else { return nil }
            var numbers: [JSONValue] = []
            var slot: Int64 = 0
            for unit in units {
                numbers.append(.integer(unit.slot - slot))
                numbers.append(.integer(min(unit.units, LimitSnapshot.mostUnits)))
                slot = unit.slot
            }
            items.append([
                "agent": .string(agent.text), "limit": .string(window.limit),
                "sec": .integer(window.seconds), "n": .array(numbers),
            ])
        }
        for (call, open) in status.limits.open {
            guard open.demands.allSatisfy({ isShort($0.limit) }) else { return nil }
            let demands = open.demands.flatMap { demand -> [JSONValue] in
                [.string(demand.limit), .integer(demand.seconds), .integer(demand.amount)]
            }
            items.append([
                "call": .string(call.text), "agent": .string(open.agent.text),
                "takes": .array(demands),
            ])
        }
        for (call, sums) in status.limits.sums {
            let sums = sums.flatMap { [JSONValue.string($0.key), .integer($0.value)] }
            items.append(["call": .string(call.text), "sums": .array(sums)])
        }
        return items + status.holds.items + status.taint.items
    }

    /// The largest integer that a record holds exactly; a limit is at most 10^12.
    static let mostUnits: Int64 = (1 << 53) - 1

    private static func isShort(_ name: String) -> Bool { name.leafText == name }
}

/// Decodes the items of a snapshot, one after the other.
private struct SnapshotReader {
    private(set) var holds = LoggedHolds()
    private(set) var taint = LoggedTaint()
    private let map: LimitMap
    private let timeline: LimitTimeline
    private var table = LimitTable()
    private var open: [CallID: LimitLog.OpenCall] = [:]
    private var sums: [CallID: [String: Int64]] = [:]

    init(_ map: LimitMap, _ timeline: LimitTimeline) {
        self.map = map
        self.timeline = timeline
    }

    var limits: LimitLog { LimitLog(timeline, table: table, open: open, sums: sums) }

    /// - Returns: false if the item has an unknown form.
    mutating func take(_ item: JSONValue) -> Bool {
        if item["n"] != nil { return takeWindow(item) }
        if item["ofrun"] != nil { return taint.take(item) }
        guard let call = item["call"]?.string else { return holds.take(item) }
        guard let call = CallID(call) else { return false }
        return item["takes"] != nil ? takeOpen(call, item) : takeSums(call, item)
    }

    private mutating func takeWindow(_ item: JSONValue) -> Bool {
        guard let agent = item["agent"]?.string.flatMap({ AgentName($0) }),
            let limit = item["limit"]?.string, let seconds = item["sec"]?.integer,
            Self.lengths.contains(seconds), let numbers = item["n"]?.array, numbers.count % 2 == 0
        else { return false }
        var slot: Int64 = 0
        for place in stride(from: 0, to: numbers.count, by: 2) {
            guard let step = numbers[place].integer, let units = numbers[place + 1].integer,
                step >= 0, units > 0
            else { return false }
            let next = slot.addingReportingOverflow(step)
            guard !next.overflow,
                let time = RateWindow.start(of: next.partialValue, seconds: seconds)
            else { return false }
            slot = next.partialValue
            let used = LimitDemand(limit: limit, seconds: seconds, amount: units, most: .max)
            table.recall([used], of: agent, at: time)
        }
        return true
    }

    private mutating func takeOpen(_ call: CallID, _ item: JSONValue) -> Bool {
        guard let agent = item["agent"]?.string.flatMap({ AgentName($0) }),
            let takes = item["takes"]?.array, takes.count % 3 == 0
        else { return false }
        var demands: [LimitDemand] = []
        for place in stride(from: 0, to: takes.count, by: 3) {
            guard let limit = takes[place].string, let seconds = takes[place + 1].integer,
                Self.lengths.contains(seconds), let amount = takes[place + 2].integer, amount >= 0
            else { return false }
            demands.append(LimitDemand(limit: limit, seconds: seconds, amount: amount, most: .max))
        }
        open[call] = LimitLog.OpenCall(agent: agent, demands: demands)
        return true
    }

    private mutating func takeSums(_ call: CallID, _ item: JSONValue) -> Bool {
        guard let pairs = item["sums"]?.array, pairs.count % 2 == 0 else { return false }
        for place in stride(from: 0, to: pairs.count, by: 2) {
            guard let name = pairs[place].string, let amount = pairs[place + 1].integer, amount >= 0
            else { return false }
            sums[call, default: [:]][name] = amount
        }
        return true
    }

    private static let lengths: [Int64] = [1, 60, 3_600, 86_400]
}
