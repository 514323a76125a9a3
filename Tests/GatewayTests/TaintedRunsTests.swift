import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The runs that have read untrusted content: in memory, and from the log after a restart.
@Suite(.requirement("R084")) struct TaintedRunsTests {
    private static func run(_ number: Int64) -> RunID {
        RunID(milliseconds: number, random: [UInt8](repeating: 1, count: 10))
    }
    private static let call = CallID(milliseconds: 7, random: [UInt8](repeating: 2, count: 10))
    private static let time = Timestamp(microseconds: 1_795_169_731_500_000)
    private static let read = UntrustedRead(call: call, at: time)

    @Test func `the first read of a run counts to its end`() {
        let runs = TaintedRuns()
        #expect(runs.level(of: Self.run(1)) == .clean)
        runs.add(Self.run(1), Self.read)
        runs.add(Self.run(1), UntrustedRead(call: Self.call, at: Self.time))
        let taint = runs.taint(of: Self.run(1))
        #expect(taint?.first === Self.read && taint?.level == .hostile)
        #expect(runs.level(of: Self.run(2)) == .clean)
        runs.remove(Self.run(1))
        #expect(runs.level(of: Self.run(1)) == .clean)
    }

    @Test func `a level rises and never falls, and the first text that raised it is kept`() {
        let runs = TaintedRuns()
        runs.add(Self.run(1), Self.read, level: .untrusted)
        #expect(runs.level(of: Self.run(1)) == .untrusted)
        runs.raise(
            Self.run(1), by: MarkedRead(call: Self.call, at: Self.time, kinds: ["a"], passage: "x"))
        runs.raise(
            Self.run(1), by: MarkedRead(call: Self.call, at: Self.time, kinds: ["b"], passage: "y"))
        runs.add(Self.run(1), Self.read, level: .untrusted)
        let taint = runs.taint(of: Self.run(1))
        #expect(taint?.level == .hostile && taint?.first === Self.read)
        #expect(taint?.mark?.kinds == ["a"] && runs.passage(of: Self.run(1))?.text == "x")
        #expect(taint?.words.contains("x") == false, "people sign no text of a server")
        // Content that is not searched makes a run hostile without a text.
        runs.add(Self.run(2), Self.read, level: .untrusted)
        runs.add(Self.run(2), Self.read, level: .hostile)
        #expect(runs.level(of: Self.run(2)) == .hostile && runs.passage(of: Self.run(2)) == nil)
        runs.remove(Self.run(1))
        #expect(runs.level(of: Self.run(1)) == .clean && runs.passage(of: Self.run(1)) == nil)
    }

    @Test func `a log has both levels, also in a snapshot, and the call that made a run hostile`()
        throws
    {
        let later = CallID(milliseconds: 9, random: [UInt8](repeating: 3, count: 10))
        var log = LoggedTaint()
        log.end(Self.call, of: Self.run(1), level: 1, at: Self.time)
        log.end(Self.call, of: Self.run(2), level: 1, at: Self.time)
        log.end(later, of: Self.run(2), level: 2, at: Self.time)
        log.end(Self.call, of: Self.run(2), level: 1, at: Self.time)
        var again = LoggedTaint()
        for item in log.items {
            let isTaken = again.take(item)
            #expect(isTaken)
        }
        for log in [log, again] {
            let runs = TaintedRuns()
            log.restore(to: runs)
            #expect(runs.level(of: Self.run(1)) == .untrusted)
            let taint = runs.taint(of: Self.run(2))
            #expect(taint?.level == .hostile && taint?.first.call == Self.call)
            #expect(taint?.mark?.call == later && taint?.mark?.passage == nil)
            #expect(taint?.words.contains("or content that was not searched") == true)
        }
        // An item of an earlier version has no level.
        var old = LoggedTaint()
        let item: JSONValue = [
            "ofrun": .string(Self.run(3).text), "call": .string(Self.call.text),
            "at": .integer(Self.time.microseconds),
        ]
        let isTaken = old.take(item)
        let runs = TaintedRuns()
        old.restore(to: runs)
        #expect(isTaken && runs.level(of: Self.run(3)) == .hostile)
    }

    @Test func `without room for a run every run counts, also those that come later`() {
        let runs = TaintedRuns(most: 2)
        for number: Int64 in 1...2 { runs.add(Self.run(number), Self.read) }
        #expect(runs.level(of: Self.run(3)) == .clean)
        runs.add(Self.run(3), Self.read)
        for number: Int64 in 1...9 { #expect(runs.level(of: Self.run(number)) == .hostile) }
        // The run for which there was no room may be any of those that are left.
        runs.remove(Self.run(1))
        #expect(runs.level(of: Self.run(1)) == .hostile)
    }

    @Test func `a run of the log counts unless its record says that it is clean`() {
        var log = LoggedTaint()
        log.end(Self.call, of: Self.run(1), level: 0, at: Self.time)
        log.end(Self.call, of: Self.run(2), level: 2, at: Self.time)
        // A record of an earlier version, or of the start after a crash.
        log.end(Self.call, of: Self.run(3), level: nil, at: Self.time)
        log.end(Self.call, of: Self.run(4), level: 2, at: Self.time)
        // A later clean record of a tainted run changes nothing.
        log.end(Self.call, of: Self.run(2), level: 0, at: Self.time)
        log.remove(Self.run(4))
        let runs = TaintedRuns()
        log.restore(to: runs)
        let levels = (1...4).map { runs.level(of: Self.run($0)) }
        #expect(levels == [.clean, .hostile, .hostile, .clean])
        #expect(runs.taint(of: Self.run(2))?.first.call == Self.call)
    }

    @Test func `a log with more runs than there is room for lets every run count`() {
        var log = LoggedTaint(most: 2)
        for number: Int64 in 1...3 {
            log.end(Self.call, of: Self.run(number), level: 2, at: Self.time)
        }
        #expect(log.isFull && log.count == 2)
        // Others have ended since, so that there would be room for one.
        log.remove(Self.run(1))
        let runs = TaintedRuns()
        log.restore(to: runs)
        #expect(runs.level(of: Self.run(3)) == .hostile && runs.level(of: Self.run(9)) == .hostile)
    }

    /// A log as a node writes it: the level is in the ends of calls, and a run ends.
    private func world() throws -> RestartWorld {
        var world = try RestartWorld()
        let levels: [(Int64, Int64?)] = [(1, 0), (2, 2), (3, nil), (4, 2)]
        for (run, level) in levels { world.end(Self.call, of: Self.run(run), level: level) }
        world.endRun(Self.run(4))
        return world
    }

    private func levels(_ status: LoggedLimitState) -> [TaintLevel] {
        let runs = TaintedRuns()
        status.taint.restore(to: runs)
        return (1...4).map { runs.level(of: Self.run($0)) }
    }

    @Test func `a start has the levels of the log, with and without a snapshot`() throws {
        var world = try world()
        let expected: [TaintLevel] = [.clean, .hostile, .hostile, .clean]
        #expect(levels(try world.status(usesSnapshots: false)) == expected)
        try world.keep(isTorn: false)
        #expect(levels(try world.status(usesSnapshots: true)) == expected)
        // The ends of calls and of runs after the snapshot count as well.
        world.end(Self.call, of: Self.run(1), level: 2)
        world.endRun(Self.run(2))
        #expect(
            levels(try world.status(usesSnapshots: true)) == [.hostile, .clean, .hostile, .clean])
    }

    @Test func `a start has the levels of content that no call brought`() throws {
        var world = try RestartWorld()
        world.taint(Self.run(1), by: "mention", level: 1)
        world.taint(Self.run(2), by: "unread", level: 2)
        // A reason that this version does not know.
        world.taint(Self.run(3), by: "tomorrow", level: 7)
        world.end(Self.call, of: Self.run(4), level: 1)
        world.taint(Self.run(4), by: "workspace", level: 2)
        let expected: [TaintLevel] = [.untrusted, .hostile, .hostile, .hostile]
        #expect(levels(try world.status(usesSnapshots: false)) == expected)
        try world.keep(isTorn: false)
        let status = try world.status(usesSnapshots: true)
        #expect(levels(status) == expected)
        let runs = TaintedRuns()
        status.taint.restore(to: runs)
        let first = runs.taint(of: Self.run(1))?.first
        #expect(first?.cause == .mention && first?.call == nil && first?.isRestored == true)
        #expect(runs.taint(of: Self.run(4))?.first.call == Self.call)
        #expect(runs.taint(of: Self.run(1))?.words.contains("mentions a file") == true)
    }

    @Test func `a snapshot without levels is not read, and one with fewer than it says is refused`()
        throws
    {
        var old = try world()
        try old.keep(isTorn: false)
        var changed = old
        old.edit { text in
            text.contains(#""items""#) ? text.replacing(#","tl":2"#, with: "") : text
        }
        // All of the log is read instead.
        #expect(levels(try old.status(usesSnapshots: true))[2] == .hostile)
        changed.edit { text in
            text.contains(#""items""#) ? text.replacing(#","tl":2"#, with: #","tl":3"#) : text
        }
        #expect(throws: StoreFailure.self) { try changed.status(usesSnapshots: true) }
    }
}
