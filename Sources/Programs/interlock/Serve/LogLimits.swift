import InterlockGateway
import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockModel
import InterlockStore

/// What a node's own log has of limits and breakers.
struct LoggedStanding: Sendable {
    var uses = LoggedUses()
    var holds = LoggedHolds()
    /// The time of the newest record; nil of an empty log.
    var newest: Timestamp?
}

/// Reads what counts against limits, and what breakers still hold, out of a node's own log.
struct LogLimits: LimitTrail {
    private let reader: LedgerReader

    /// The longest window there is.
    static let longestWindow = Duration.seconds(86_400 + 86_400 / 60)
    /// The longest life of a token, and so of a run's last call after a pause.
    static let longestHold = Duration.seconds(31 * 86_400)

    init(_ reader: LedgerReader) { self.reader = reader }

    func uses(until time: Timestamp) async throws(StoreFailure) -> LoggedUses {
        try await read(since: time - Self.longestWindow).uses
    }

    /// - Throws: when the log cannot be read; then nothing may be served.
    func standing(at now: Timestamp) async throws(StoreFailure) -> LoggedStanding {
        try await read(since: now - Self.longestHold, usesSince: now - Self.longestWindow)
    }

    private func read(
        since time: Timestamp, usesSince: Timestamp? = nil
    ) async throws(StoreFailure) -> LoggedStanding {
        let reader = reader
        let jobs = JobThread("limits-trail", limit: 1)
        defer { jobs.close() }
        return try await jobs.answer(busy: "the log is read already") { () throws(StoreFailure) in
            var standing = LoggedStanding()
            do throws(LedgerFailure) {
                let first = try reader.first(since: time)
                try reader.scan(from: first) { entry in
                    guard let record = entry.record else { return true }
                    standing.newest = record.time ?? standing.newest
                    standing.holds.take(record)
                    if let usesSince, let time = record.time, time < usesSince { return true }
                    standing.uses.take(record)
                    return true
                }
            } catch {
                throw StoreFailure(reason: error.reason)
            }
            return standing
        }
    }
}

extension LoggedUses {
    /// Of the types that count; others change nothing.
    fileprivate mutating func take(_ record: StoredRecord) {
        guard let call = record.text("call") else { return }
        switch RecordType(rawValue: record.type) {
        case .budgetReserved:
            guard let name = record.text("name"), let amount = record.object["amt"]?.integer else {
                return
            }
            reserve(call, name, amount)
        case .callIntent:
            guard let agent = record.text("agent").flatMap({ AgentName($0) }),
                let tool = record.text("tool"), let time = record.time
            else { return }
            begin(call, agent: agent, tool: tool, at: time)
        case .callDenied where record.text("intent") != nil: undo(call)
        case .callOutcome
        where ["not_executed", "cancelled"].contains(record.text("st")): undo(call)
        default: return
        }
    }
}

extension LoggedHolds {
    fileprivate mutating func take(_ record: StoredRecord) {
        switch RecordType(rawValue: record.type) {
        case .responseThrottle: hold(record, .throttle)
        case .responsePause: hold(record, .pause)
        case .responseEnd, .runEnd:
            if let run = record.text("run").flatMap({ RunID($0) }) { end(run) }
        case .breakerOpened:
            guard let (server, tool) = server(of: record), let until = time("until", of: record)
            else { return }
            open(server, tool, until: until)
        case .breakerClosed:
            if let (server, tool) = server(of: record) { close(server, tool) }
        default: return
        }
    }

    private mutating func hold(_ record: StoredRecord, _ step: BreakerTrip.Step) {
        guard let run = record.text("run").flatMap({ RunID($0) }),
            let agent = record.text("agent").flatMap({ AgentName($0) }),
            let reason = record.text("code")
        else { return }
        hold(run, agent, step, reason, until: time("until", of: record))
    }

    private func server(of record: StoredRecord) -> (ServerName, ToolAddress?)? {
        guard let server = record.text("server").flatMap({ ServerName($0) }) else { return nil }
        return (server, record.text("tool").flatMap { ToolAddress(itemWireName: $0) })
    }

    private func time(_ field: String, of record: StoredRecord) -> Timestamp? {
        record.object[field]?.integer.map { Timestamp(microseconds: $0) }
    }
}
