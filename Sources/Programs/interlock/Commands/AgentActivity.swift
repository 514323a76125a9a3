import InterlockCommandLine
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore

/// The activity of an agent since a time. It is counted by the index and, behind its end, from the log. The newest
/// records, and those that exceptional figures count, are read from the log and proven.
struct AgentActivity {
    /// The most records behind the index that are read one by one.
    private static let mostScanned: UInt64 = 20_000
    /// The most records of one exceptional figure that are proven.
    private static let mostProved = 100
    private static let mostListed = 20
    private static let exceptional: [RecordType] = [.callDenied, .callUnknown, .approvalDenied]

    private let since: Timestamp
    private var counts = Counts()
    /// False if neither the index nor the scanned records cover the log.
    private let isCounted: Bool
    /// The records behind the index that are not counted.
    private let uncounted: UInt64
    private let calls: [ProvedRecord]
    private let exceptions: [ProvedRecord]
    /// The newest permitted call of a tool that does more than read.
    private let lastWrite: ProvedRecord?
    private let unproved: [UInt64]
    private let first: UInt64
    private let size: UInt64

    private struct Counts {
        var types: [String: Int] = [:]
        /// The calls that people had to approve.
        var asked = 0
        /// The refusals of calls that had an intent.
        var laterDenials = 0

        mutating func add(_ record: StoredRecord) {
            types[record.type, default: 0] += 1
            if record.type == RecordType.callIntent.rawValue, record.text("dec") == "approve" {
                asked += 1
            }
            if record.type == RecordType.callDenied.rawValue, record["intent"] != nil {
                laterDenials += 1
            }
        }

        mutating func add(_ count: ActivityCount) {
            types[count.type, default: 0] += count.count
            if count.type == RecordType.callIntent.rawValue, count.decision == "approve" {
                asked += count.count
            }
        }

        func number(_ type: RecordType) -> Int { types[type.rawValue] ?? 0 }
    }

    /// - Parameter writes: the tools that do more than read, as records name them.
    init(
        of agent: AgentName, since: Timestamp, writes: [String], _ log: AuditLog
    ) throws {
        self.since = since
        var search = try RecordSearch(log, RecordSearch.Bounds(scanned: Self.mostScanned))
        let (oldest, end) = (try search.first(), search.log.size)
        let start = min(max(search.index?.size ?? 0, oldest), end)
        var counts = Counts()
        let isScanned = end - start <= Self.mostScanned
        if start < end, isScanned {
            try search.log.log.scan(from: start) { entry in
                guard entry.index < end else { return false }
                if let record = entry.record, record.text("agent") == agent.text,
                    record["ts"]?.integer ?? 0 >= since.microseconds
                {
                    counts.add(record)
                }
                return true
            }
        }
        if let index = search.index {
            do throws(IndexFailure) {
                for count in try index.activity(of: agent, since: since) { counts.add(count) }
                counts.laterDenials += try index.laterDenials(of: agent, since: since)
            } catch {
                throw Failure(
                    .data, error.reason, help: "remove the index; the gateway builds it anew")
            }
        }
        self.counts = counts
        isCounted = isScanned || search.index != nil
        uncounted = isScanned ? 0 : end - start
        (first, size) = (oldest, end)
        var filter = RecordFilter()
        filter.agents = [agent.text]
        calls = try search.newest(filter, limit: 3 * Self.mostListed)
            .filter { $0.record.type.hasPrefix("call.") }.suffix(Self.mostListed)
        filter.since = since
        var exceptions: [ProvedRecord] = []
        for type in Self.exceptional where counts.number(type) > 0 {
            filter.type = type.rawValue
            exceptions += try search.newest(filter, limit: Self.mostProved)
        }
        self.exceptions = exceptions
        filter.type = RecordType.callIntent.rawValue
        var newest: ProvedRecord?
        for tool in writes.prefix(Self.mostProved) where counts.number(.callIntent) > 0 {
            filter.tool = tool
            guard let found = try search.newest(filter, limit: 1).last else { continue }
            if newest.map({ $0.index < found.index }) ?? true { newest = found }
        }
        lastWrite = newest
        unproved = search.unproved
    }

    var json: JSONValue {
        var records = JSONObject()
        for (type, count) in counts.types.sorted(by: { $0.key < $1.key }) {
            records[type] = .count(count)
        }
        let denied = counts.number(.callDenied)
        var object: JSONObject = [
            "since": .string(since.rfc3339(fractionDigits: 0)),
            "counted": .bool(isCounted), "uncounted": .integer(Int64(clamping: uncounted)),
            "records": .object(records),
            "last": .array(calls.map(Self.json)),
            "exceptions": .array(exceptions.map(Self.json)),
            "reconstruct": [
                "first": .integer(Int64(clamping: first)),
                "checkpoint": .integer(Int64(clamping: size)),
                "unproved": .array(unproved.map { .integer(Int64(clamping: $0)) }),
            ],
        ]
        object["last_write"] = lastWrite.map(Self.json)
        guard isCounted else { return .object(object) }
        object["calls"] = .count(counts.number(.callIntent) + denied - counts.laterDenials)
        object["denied"] = .count(denied)
        object["asked"] = .count(counts.asked)
        object["rejected"] = .count(counts.number(.approvalDenied))
        object["unknown"] = .count(counts.number(.callUnknown))
        return .object(object)
    }

    private static func json(_ found: ProvedRecord) -> JSONValue {
        let record = found.record
        let time = record["ts"]?.integer.map {
            JSONValue.string(Timestamp(microseconds: $0).rfc3339(fractionDigits: 0))
        }
        return [
            "index": .integer(Int64(clamping: found.index)), "type": .string(record.type),
            "leaf": .string(found.hash.base64), "at": time ?? .null,
            "tool": record["tool"] ?? .null, "code": record["code"] ?? record["dec"] ?? .null,
            "rule": record["rule"] ?? .null,
        ]
    }
}
