import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGovernor
@testable import InterlockPolicy

/// One agent's limits and a log in memory that outlives processes, checked against a model: a list of all calls.
struct RestartWorld {
    let clock = WorldClock()
    private(set) var log: [[UInt8]] = []
    private var service: LimitService
    private var calls: [ModelCall] = []
    /// The number of the current process; the first is 0.
    private var process = 0
    /// The offset from the true time to the timeline of the windows, in microseconds.
    private var offset: Int64
    private var number: Int64 = 0
    private let limits: [LimitUse]
    private static let agent = AgentName("clerk").unwrapped

    private struct ModelCall {
        let id: CallID
        let amounts: [Int64]
        let process: Int
        let held: LimitReservation
        var sent: Int64?
        var ended: Int64?
        var isUndone = false
    }

    static func policy() throws -> PolicySnapshot {
        try BenchPolicy.snapshot([
            (
                "approvers: finance\n",
                """
                approvers: finance
                    limits:
                      calls: 9/m
                      desk.look: 40/h
                      spend: [{field: args.n, tool: desk.look, max: 900/d}]

                """
            )
        ])
    }

    init() throws {
        let policy = try Self.policy()
        limits = policy.limits(of: Self.address, for: Self.agent)
            .sorted { ($0.name, $0.seconds) < ($1.name, $1.seconds) }
        try #require(limits.count == 3)
        service = LimitService(clock: clock, bootID: clock.bootID)
        offset = 0
        write("log.started", [:])
        try start(usesSnapshots: true)
    }

    private static let address = ToolAddress(dotted: "desk.look").unwrapped

    // MARK: Events

    /// - Returns: whether there was room; the model must agree.
    mutating func begin(sum: Int64) throws -> Bool {
        number += 1
        let id: CallID = Identifier(
            milliseconds: number, random: [UInt8](repeating: 0, count: 10))
        let reserve = limits.map { Reservation(use: $0, amount: $0.isSum ? sum : 1) }
        let expected = zip(limits, reserve).allSatisfy { taken($0.0) + $0.1.amount <= $0.0.stated }
        let demands = reserve.map { LimitDemand($0, percent: 100) }
        let hold = service.take(demands, of: Self.agent, for: nil)
        let held: LimitReservation? = if case .held(let held) = hold { held } else { nil }
        try #require((held != nil) == expected, "desk and model do not agree on a call")
        guard let held else { return false }
        calls.append(
            ModelCall(id: id, amounts: reserve.map(\.amount), process: process, held: held))
        for reservation in reserve where reservation.use.isSum {
            write(
                "budget.reserved",
                [
                    "call": .string(id.text), "name": .string(reservation.use.name),
                    "amt": .integer(reservation.amount), "agent": "clerk",
                ])
        }
        write(
            "call.intent",
            ["call": .string(id.text), "agent": "clerk", "tool": .string(Self.address.leafName)])
        return true
    }

    mutating func send(using random: inout some RandomNumberGenerator) {
        let waiting = calls.indices.filter { calls[$0].ended == nil && calls[$0].sent == nil }
        guard let one = waiting.randomElement(using: &random) else { return }
        calls[one].sent = clock.truth
    }

    mutating func end(isDone: Bool, _ random: inout some RandomNumberGenerator) throws {
        let open = calls.indices.filter { calls[$0].ended == nil }
        guard let one = open.randomElement(using: &random) else { return }
        let call = calls[one]
        calls[one].ended = clock.truth
        if isDone, let sent = call.sent {
            service.use(call.held, since: clock.boot(at: sent))
            if Bool.random(using: &random) {
                write("call.unknown", ["call": .string(call.id.text)])
            } else {
                write("call.outcome", ["call": .string(call.id.text), "st": "ok"])
            }
        } else {
            calls[one].isUndone = true
            service.giveBack(call.held)
            if call.sent == nil {
                write("call.denied", ["call": .string(call.id.text), "intent": "x"])
            } else {
                write("call.outcome", ["call": .string(call.id.text), "st": "not_executed"])
            }
        }
    }

    /// Writes the end of a call that counts against no limit.
    ///
    /// - Parameters:
    ///   - level: the level of the run; nil for a record of an earlier version.
    ///   - hasValues: true if the run has read values of outsiders.
    mutating func end(_ call: CallID, of run: RunID, level: Int64?, hasValues: Bool = false) {
        var fields: JSONObject = [
            "call": .string(call.text), "run": .string(run.text), "st": "ok",
        ]
        fields["tl"] = level.map { .integer($0) }
        if hasValues { fields["vals"] = true }
        write("call.outcome", fields)
    }

    /// Writes that a run got content that no call brought.
    mutating func taint(_ run: RunID, by code: String, level: Int64) {
        write(
            "run.tainted",
            ["run": .string(run.text), "tl": .integer(level), "code": .string(code)])
    }

    mutating func endRun(_ run: RunID) { write("run.end", ["run": .string(run.text)]) }

    mutating func endRun(_ run: RunID, of agent: String, code: String) {
        write(
            "run.end",
            ["run": .string(run.text), "agent": .string(agent), "code": .string(code)])
    }

    mutating func stepClock(_ seconds: Int64) throws {
        clock.step(seconds * 1_000_000)
        write("clock.step", ["step": .integer(seconds * 1_000_000)])
    }

    /// Writes a snapshot; a torn one lacks its last record.
    mutating func keep(isTorn: Bool) throws {
        let status = try status(usesSnapshots: true)
        let drafts = try #require(LimitSnapshot.drafts(of: status))
        for draft in isTorn ? drafts.dropLast() : drafts[...] {
            log.append(Array(try leaf(draft).bytes))
        }
    }

    /// - Parameter boots: whether the machine reboots too; only the wall clock then spans the pause.
    mutating func restart(
        isClean: Bool, boots: Bool, usesSnapshots: Bool,
        _ random: inout some RandomNumberGenerator
    ) throws {
        if isClean {
            while calls.contains(where: { $0.ended == nil }) { try end(isDone: true, &random) }
            try keep(isTorn: false)
        }
        // Reboots after 0 to 200 s.
        if boots { clock.reboot(after: Int64.random(in: 0...200_000_000, using: &random)) }
        process += 1
        for one in calls.indices where calls[one].ended == nil {
            let call = calls[one]
            calls[one].ended = clock.truth
            calls[one].isUndone = call.sent == nil
            write(
                call.sent == nil ? "call.denied" : "call.unknown",
                ["call": .string(call.id.text), "intent": "x"])
        }
        write("log.started", [:])
        try start(usesSnapshots: usesSnapshots)
    }

    private mutating func start(usesSnapshots: Bool) throws {
        let status = try status(usesSnapshots: usesSnapshots)
        let now = RecordTime(clock.now, clock.bootID)
        offset = status.limits.timeline.advanced(to: now).time.microseconds - clock.truth
        service = LimitService(clock: clock, bootID: clock.bootID, log: status.limits)
    }

    // MARK: The model

    /// The use of a window by the list of all calls: reserved amounts, and amounts used in the current slot and the 60
    /// before it. The process of a call counts it from its sending, a later process from its end.
    private func taken(_ use: LimitUse) -> Int64 {
        guard let place = limits.firstIndex(of: use) else { return 0 }
        func slot(_ truth: Int64) -> Int64 { (truth + offset) * 60 / (use.seconds * 1_000_000) }
        let now = slot(clock.truth)
        return calls.reduce(0) { sum, call in
            guard !call.isUndone else { return sum }
            guard let ended = call.ended, let sent = call.sent else {
                return sum + call.amounts[place]
            }
            return slot(call.process == process ? sent : ended) >= now - 60
                ? sum + call.amounts[place] : sum
        }
    }

    /// The differences between the service and the model, and the windows above their limit.
    func differences() throws -> [String] {
        service.status(limits, of: Self.agent).compactMap { use, found in
            let expected = taken(use)
            let start = clock.truth - use.seconds * 1_000_000
            let place = limits.firstIndex(of: use) ?? 0
            let inside = calls.filter { !$0.isUndone && ($0.sent ?? .max) > start }
                .reduce(0) { $0 + $1.amounts[place] }
            return found == expected && inside <= use.stated
                ? nil : "\(use.key): \(found), by the list \(expected), in a window \(inside)"
        }
    }

    // MARK: The log

    private mutating func write(_ type: String, _ fields: JSONObject) {
        var record = fields
        record["v"] = 1
        record["t"] = .string(type)
        record["ts"] = .integer(clock.now.wall.microseconds)
        record["mono"] = .integer(clock.now.boot.microseconds)
        record["boot"] = .string(clock.bootID)
        record["node"] = "gw1"
        log.append((try? JSONValue.object(record).canonical()) ?? [])
    }

    private func leaf(_ draft: RecordDraft) throws -> Leaf {
        try Leaf(
            draft,
            at: Placement(moment: clock.now, boot: clock.bootID, node: "gw1", link: .start),
            hashing: OpenSSLHashing())
    }

    static func stored(_ draft: RecordDraft) throws -> StoredRecord {
        let clock = WorldClock()
        let leaf = try Leaf(
            draft,
            at: Placement(moment: clock.now, boot: clock.bootID, node: "gw1", link: .start),
            hashing: OpenSSLHashing())
        return try StoredRecord(parsing: leaf.bytes)
    }

    mutating func edit(_ change: (String) -> String) {
        log = log.map { Array(change(String(decoding: $0, as: UTF8.self)).utf8) }
    }

    /// The state that a start reads from the log.
    func status(usesSnapshots: Bool) throws -> LoggedLimitState {
        let map = LimitMap(try Self.policy())
        var reading = LimitReading(map)
        if usesSnapshots {
            let snapshots = try log.map { try StoredRecord(parsing: $0) }.filter {
                $0.type == "budget.snapshot"
            }
            if let newest = LimitSnapshot.newestWhole(of: snapshots, under: map.policy.digest) {
                reading = LimitReading(map, after: try LimitSnapshot.status(newest, under: map))
            }
        }
        let first = reading.status?.next ?? 0
        for (index, bytes) in log.enumerated().dropFirst(Int(first)) {
            let isRead = reading.take(bytes[...], at: UInt64(index))
            try #require(isRead)
        }
        return try #require(reading.status)
    }
}

/// A true time, and the wall and boot clocks that the machine shows.
final class WorldClock: Clock {
    private struct State {
        var truth: Int64 = 1_795_169_731_500_000
        var stepped: Int64 = 0
        var booted: Int64 = 1_795_000_000_000_000
        var boots = 0
    }
    private let state = Mutex(State())

    var truth: Int64 { state.withLock { $0.truth } }
    var bootID: String { state.withLock { "0000000\($0.boots % 10)" } }
    var now: ClockReading {
        state.withLock {
            ClockReading(
                wall: Timestamp(microseconds: $0.truth + $0.stepped),
                boot: BootTime(microseconds: $0.truth - $0.booted))
        }
    }
    func boot(at truth: Int64) -> BootTime {
        state.withLock { BootTime(microseconds: truth - $0.booted) }
    }
    func pass(_ microseconds: Int64) { state.withLock { $0.truth += microseconds } }
    func step(_ microseconds: Int64) { state.withLock { $0.stepped += microseconds } }
    func reboot(after microseconds: Int64) {
        state.withLock {
            $0.truth += microseconds
            $0.booted = $0.truth - 1_000_000
            $0.boots += 1
        }
    }
}
