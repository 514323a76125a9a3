import InterlockJSON
import InterlockLimits
import InterlockModel
import InterlockMonitoring
import InterlockPolicy
import InterlockPorts

@testable import InterlockAdministration
@testable import InterlockGovernor

/// Measures the cost of limits per call, the influence of the number of counters, and the detectors' share of a core.
enum LimitBench {
    private static let times = 200_000
    private static let rounds = 9
    private static let agents = 10_000
    private static let dataSeconds = 60

    static func measured(_ caller: StageCaller) async throws -> JSONObject {
        let gateway = caller.world.pipeline.gateway
        let principal = try gateway.ports.authenticator.identify(
            bearer: "agent", now: gateway.clock.now.wall)
        guard let tool = ToolAddress(dotted: "desk.look"), let server = ServerName("desk") else {
            throw Misuse.world
        }
        let uses = gateway.policy.snapshot.limits(of: tool, for: principal.agent)
        let reservations = try await caller.recorded().decided.decision.reserve
        precondition(!uses.isEmpty && !reservations.isEmpty, "the bench's agent has limits")
        return [
            "limit_4_keys_ns": .integer(Int64(try fourKeys())),
            "limit_call_ns": .integer(
                Int64(try ofOneCall(gateway, principal.agent, server, uses, reservations))),
            "limit_10_counters_ns": .integer(Int64(try among(counters: 10))),
            "limit_100000_counters_ns": .integer(Int64(try among(counters: 100_000))),
            "detector_second_us": .integer(Int64(detectorSecond() / 1_000)),
        ]
    }

    /// Checking and reserving four limits, and using the reservations; nanoseconds.
    private static func fourKeys() throws -> Double {
        guard let agent = AgentName("clerk") else { throw Misuse.world }
        let demands = ["calls", "desk.look", "spend:args.n desk.look", "desk.note"].map {
            LimitDemand(limit: $0, seconds: 60, amount: 1, most: 1 << 40)
        }
        var table = LimitTable()
        return try median {
            for time in 0..<times {
                let now = Timestamp(microseconds: Int64(time))
                try table.hold(demands, of: agent, at: now)
                table.use(demands, of: agent, at: now)
            }
        }
    }

    /// The whole work of one call for limits, in nanoseconds: its rate, its slot among the concurrent calls, the
    /// counters that its decision and the check before it is sent read, reserving and settling.
    private static func ofOneCall(
        _ gateway: Gateway, _ agent: AgentName, _ server: ServerName, _ uses: [LimitUse],
        _ reservations: [Reservation]
    ) throws -> Double {
        return try median {
            for _ in 0..<times {
                let now = gateway.clock.now.boot
                precondition(gateway.admission.requests.take(agent, at: now) == nil)
                try gateway.admission.flights.enter(agent, server)
                _ = gateway.limits.counters(uses, of: agent)
                let demands = reservations.map { LimitDemand($0, percent: 100) }
                guard case .held(let held) = gateway.limits.take(demands, of: agent, for: nil)
                else { throw Misuse.world }
                _ = gateway.limits.counters(uses, of: agent, beside: held)
                gateway.limits.use(held, since: now)
                gateway.admission.flights.leave(agent, server)
            }
        }
    }

    /// The time of two agents' calls with `counters` counters in the table, in nanoseconds.
    private static func among(counters: Int) throws -> Double {
        let limits = (0..<5).map { "limit-\($0)" }
        var table = LimitTable()
        let now = Timestamp(microseconds: 1_795_169_731_500_000)
        var asked: [AgentName] = []
        for number in 0..<counters / limits.count {
            guard let agent = AgentName("agent-\(number)") else { throw Misuse.world }
            if number < 2 { asked.append(agent) }
            let demands = limits.map {
                LimitDemand(limit: $0, seconds: 86_400, amount: 1, most: 1 << 40)
            }
            table.recall(demands, of: agent, at: now)
        }
        let demands = limits.prefix(4).map {
            LimitDemand(limit: $0, seconds: 86_400, amount: 1, most: 1 << 40)
        }
        return try median {
            for time in 0..<times {
                let agent = asked[time & 1]
                try table.hold(demands, of: agent, at: now)
                table.use(demands, of: agent, at: now)
            }
        }
    }

    /// The detectors' time for one second of activity of 10,000 agents, in nanoseconds: a call each, its bytes, one of
    /// forty recipients, and every window that ends.
    private static func detectorSecond() -> Double {
        var monitors = (0..<agents).map { number in
            AgentMonitor(DetectorSettings(), seconds: Int64(number % 60))
        }
        var alarms = 0
        func second(_ second: Int) {
            for place in monitors.indices {
                monitors[place].observe(.calls)
                monitors[place].observe(.bytesOut, 900 + second % 7)
                monitors[place].observe(recipient: UInt64((second + place) % 40))
                alarms +=
                    monitors[place].close(
                        seconds: Int64(60 + second + place % 60), hour: 498_658, isHeld: false
                    ).count
            }
        }
        // Fills all windows first: detectors start after a hundred of them.
        for minute in 0..<200 {
            for place in monitors.indices {
                monitors[place].observe(.calls, 60)
                monitors[place].observe(.bytesOut, 54_000)
                _ = monitors[place].close(
                    seconds: Int64(60 + minute * 60 + place % 60), hour: 498_658, isHeld: false)
            }
        }
        let start = ContinuousClock.now
        for time in 0..<dataSeconds { second(200 * 60 + time) }
        let took = (ContinuousClock.now - start).nanoseconds / Double(dataSeconds)
        precondition(alarms < agents, "nothing is out of the usual")
        return took
    }

    /// The median of the rounds, in nanoseconds per iteration.
    private static func median(_ body: () throws -> Void) rethrows -> Double {
        var found: [Double] = []
        for _ in 0..<rounds {
            let start = ContinuousClock.now
            try body()
            found.append((ContinuousClock.now - start).nanoseconds / Double(times))
        }
        return found.sorted()[rounds / 2]
    }
}
