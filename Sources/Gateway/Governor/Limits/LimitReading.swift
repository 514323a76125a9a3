import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockModel
import InterlockPolicy

/// Counts the limits, breakers and levels of runs from the records of a log, one after the other.
package struct LimitReading: Sendable {
    private var map: LimitMap
    private var limits: LimitLog?
    private var holds = LoggedHolds()
    private var taint = LoggedTaint()
    private var next: UInt64 = 0

    package init(_ map: LimitMap) { self.map = map }

    /// Continues from a state that was read before.
    package init(_ map: LimitMap, after status: LoggedLimitState) {
        self.map = map
        limits = status.limits
        holds = status.holds
        taint = status.taint
        next = status.next
    }

    /// - Returns: nil before the first record.
    package var status: LoggedLimitState? {
        limits.map {
            LoggedLimitState(
                limits: $0, holds: holds, taint: taint, next: next, policy: map.policy.digest)
        }
    }

    /// - Parameters:
    ///   - index: the index of the record; in another log it starts at 0 again.
    ///   - onlyHolds: whether the record is too old to count against a limit; it may still hold or taint a run.
    /// - Returns: false if the record cannot be read; then nothing is known.
    package mutating func take(
        _ bytes: ArraySlice<UInt8>, at index: UInt64, onlyHolds: Bool = false
    ) -> Bool {
        guard let record = ReadRecord(bytes), let type = record.text("t"),
            let wall = record.integer("ts"), let boot = record.integer("mono"),
            let bootID = record.text("boot")
        else { return false }
        let time = RecordTime(
            wall: Timestamp(microseconds: wall), boot: BootTime(microseconds: boot), bootID: bootID)
        if limits == nil { limits = LimitLog(LimitTimeline(time)) }
        limits?.advance(to: time)
        next = index + 1
        guard onlyHolds || takeUse(record, type), takeHold(record, type) else { return false }
        return takeTaint(record, type, at: time.wall)
    }

    /// - Returns: false for a record of a counted type that cannot be read.
    private mutating func takeUse(_ record: ReadRecord, _ type: String) -> Bool {
        switch type {
        case "call.intent":
            guard let call = record.call, let agent = record.agent else { return false }
            let tool = record.text("tool") ?? ""
            limits?.begin(call, of: agent) { map.demands(of: tool, by: agent, sums: $0) }
        case "call.outcome":
            guard let call = record.call, let end = record.text("st") else { return false }
            guard let bytes = record.bytesOfResult(end) else { return false }
            limits?.end(
                call, isDone: end != "not_executed" && end != "cancelled", bytes: bytes)
        case "call.unknown":
            guard let call = record.call else { return false }
            limits?.end(call, isDone: true)
        case "call.denied":
            guard record.text("intent") != nil else { return true }
            guard let call = record.call else { return false }
            limits?.end(call, isDone: false)
        case "budget.reserved":
            guard let call = record.call, let name = record.text("name"),
                let amount = record.integer("amt"), amount >= 0
            else { return false }
            guard let daily = DailyLimit(rawValue: name) else {
                limits?.reserve(call, name, amount)
                return true
            }
            guard let agent = record.agent else { return false }
            limits?.take(daily, amount, of: agent)
        default: break
        }
        return true
    }

    private mutating func takeHold(_ record: ReadRecord, _ type: String) -> Bool {
        switch type {
        case "response.throttle", "response.pause":
            guard let run = record.run, let agent = record.agent, let reason = record.text("code")
            else { return false }
            holds.hold(
                run, agent, type == "response.pause" ? .pause : .throttle, reason,
                until: record.until)
        case "response.end", "run.end":
            guard let run = record.run else { return false }
            holds.end(run, byTime: type == "response.end" && record.text("code") == "time")
        case "breaker.opened", "breaker.closed":
            guard let server = record.text("server").flatMap({ ServerName($0) }) else {
                return false
            }
            let tool = record.text("tool").flatMap { ToolAddress(itemWireName: $0) }
            if type == "breaker.closed", record.text("code") == "person" {
                holds.halfOpen(server, tool)
            } else if type == "breaker.closed" {
                holds.close(server, tool)
            } else if let until = record.until {
                holds.open(server, tool, until: until)
            }
        default: break
        }
        return true
    }
}

extension LimitReading {
    /// - Returns: false for a record whose run cannot be read.
    private mutating func takeTaint(
        _ record: ReadRecord, _ type: String, at time: Timestamp
    ) -> Bool {
        switch type {
        case "call.outcome", "call.unknown":
            if record.isTrue("vals") {
                guard let run = record.run, let call = record.call else { return false }
                taint.value(call, in: run, at: time)
            }
            let level = record.integer("tl")
            // Only records of a run have something to restore.
            guard level != TaintLevel.clean.rawValue, record.text("run") != nil else {
                return true
            }
            guard let run = record.run, let call = record.call else { return false }
            taint.end(call, of: run, level: level, at: time)
        case "run.tainted":
            guard let run = record.run else { return false }
            taint.read(
                by: record.text("code").flatMap { TaintCause(rawValue: $0) },
                from: record.text("ofrun").flatMap { RunID($0) }, in: run,
                level: record.integer("tl"), at: time)
        case "run.end":
            guard let run = record.run else { return false }
            guard let agent = record.agent else {
                taint.remove(run)
                break
            }
            taint.close(run, of: agent, isSession: record.endsSession, at: time)
        default: break
        }
        return true
    }
}

/// Access to the members of a record: scans its bytes, or uses a parser if they contain escapes.
private enum ReadRecord {
    case scanned(LeafScan)
    case parsed(StoredRecord)

    init?(_ bytes: ArraySlice<UInt8>) {
        if let scan = LeafScan(bytes) {
            self = .scanned(scan)
        } else if let record = try? StoredRecord(parsing: bytes) {
            self = .parsed(record)
        } else {
            return nil
        }
    }

    func text(_ name: StaticString) -> String? {
        switch self {
        case .scanned(let scan): scan.text(name)
        case .parsed(let record): record.text("\(name)")
        }
    }

    func isTrue(_ name: StaticString) -> Bool {
        switch self {
        case .scanned(let scan): scan.isTrue(name)
        case .parsed(let record): record["\(name)"]?.bool == true
        }
    }

    func integer(_ name: StaticString) -> Int64? {
        switch self {
        case .scanned(let scan): scan.integer(name)
        case .parsed(let record): record["\(name)"]?.integer
        }
    }

    /// Returns the size of the result that the agent got: 0 if it got none, nil if it cannot be read.
    func bytesOfResult(_ end: String) -> Int64? {
        guard end == "ok" || end == "tool_error" else { return 0 }
        let length: Int64?
        switch self {
        case .scanned(let scan):
            guard let payload = scan.object("out") ?? scan.object("res") else { return 0 }
            length = payload.integer("n")
        case .parsed(let record):
            guard let payload = record["out"] ?? record["res"] else { return 0 }
            length = payload["n"]?.integer
        }
        return length.flatMap { $0 >= 0 ? $0 : nil }
    }

    /// True for the end of a host's session outside `interlock run`: only supervisors state a source.
    var endsSession: Bool {
        guard text("src") == nil, let code = text("code") else { return false }
        return ["ended", "idle", "unknown"].contains { sameBytes($0, code) }
    }

    var call: CallID? { text("call").flatMap { CallID($0) } }
    var agent: AgentName? { text("agent").flatMap { AgentName($0) } }
    var run: RunID? { text("run").flatMap { RunID($0) } }
    var until: Timestamp? { integer("until").map { Timestamp(microseconds: $0) } }
}
