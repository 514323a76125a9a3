import InterlockLimits
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Limits across restarts, compared with a plain list of all calls.
@Suite struct `Limits over restarts` {
    /// Random calls, times, restarts, crashes, reboots, steps of the wall clock, whole and torn snapshots. After every
    /// step each window agrees with the list, and no window, whenever it starts, exceeds its limit.
    @Test(arguments: 0..<16)
    func `nothing is ever counted otherwise than by a list of all calls`(_ round: Int) throws {
        var random = SeededGenerator.announced()
        for _ in 0..<round { random = SeededGenerator(seed: random.next()) }
        var world = try RestartWorld()
        var (admitted, refused, restarts) = (0, 0, 0)
        for step in 0..<500 {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<45:
                let isAdmitted = try world.begin(sum: Int64.random(in: 0...60, using: &random))
                if isAdmitted { admitted += 1 } else { refused += 1 }
            case 45..<55: world.send(using: &random)
            case 55..<75: try world.end(isDone: Int.random(in: 0..<4, using: &random) > 0, &random)
            case 75..<92:
                let most = [1_000, 50_000, 2_000_000, 90_000_000, 4_000_000_000, 20_000_000_000]
                    .randomElement(using: &random)
                world.clock.pass(Int64.random(in: 0...Int64(most ?? 1_000), using: &random))
            case 92..<94: try world.stepClock(Int64.random(in: -90_000...90_000, using: &random))
            case 94..<97: try world.keep(isTorn: Int.random(in: 0..<3, using: &random) == 0)
            default:
                restarts += 1
                try world.restart(
                    isClean: Bool.random(using: &random),
                    boots: Int.random(in: 0..<3, using: &random) == 0,
                    usesSnapshots: Int.random(in: 0..<4, using: &random) > 0, &random)
            }
            let found = try world.differences()
            try #require(found == [], "step \(step) of round \(round): \(found)")
        }
        #expect(admitted > 20 && refused > 5 && restarts > 5)
    }

    @Test func `a step forward frees nothing, also with a restart behind it`() throws {
        var random = SeededGenerator(seed: 1)
        var world = try RestartWorld()
        while try world.begin(sum: 1) {
            world.send(using: &random)
            try world.end(isDone: true, &random)
        }
        try world.stepClock(3 * 86_400)
        try world.restart(isClean: false, boots: false, usesSnapshots: true, &random)
        let isAdmitted = try world.begin(sum: 1)
        #expect(!isAdmitted)
        #expect(try world.differences() == [])
    }

    @Test func `a snapshot that was changed is refused, one that was broken off is none`() throws {
        var random = SeededGenerator(seed: 1)
        var world = try RestartWorld()
        for _ in 0..<3 {
            _ = try world.begin(sum: 1)
            world.send(using: &random)
            try world.end(isDone: true, &random)
        }
        try world.keep(isTorn: false)
        let whole = try world.status(usesSnapshots: true)
        #expect(whole.next == world.log.count)
        world.edit { $0.replacing("\"sec\":60", with: "\"sec\":61") }
        #expect(throws: StoreFailure.self) { try world.status(usesSnapshots: true) }
        let all = try world.status(usesSnapshots: false)
        #expect(all.limits.table.slotUnits.count == whole.limits.table.slotUnits.count)
    }

    @Test func `a snapshot takes as many records as it needs, and reads back as it was`() throws {
        var status = try RestartWorld().status(usesSnapshots: false)
        for number in 0..<3_000 {
            let agent = try #require(AgentName("agent-\(number)"))
            let call: CallID = Identifier(
                milliseconds: Int64(number), random: [UInt8](repeating: 1, count: 10))
            status.limits.begin(call, of: agent) { _ in
                [LimitDemand(limit: "calls", seconds: 60, amount: 3, most: .max)]
            }
            if number % 2 == 0 { status.limits.end(call, isDone: true) }
        }
        let drafts = try #require(LimitSnapshot.drafts(of: status))
        #expect(drafts.count > 10)
        let map = LimitMap(try RestartWorld.policy())
        let read = try LimitSnapshot.status(try drafts.map(RestartWorld.stored), under: map)
        #expect(read.limits.open == status.limits.open)
        #expect(read.limits.table.slotUnits.count == 1_500)
        #expect(throws: StoreFailure.self) {
            try LimitSnapshot.status(try drafts.reversed().map(RestartWorld.stored), under: map)
        }
    }
}
