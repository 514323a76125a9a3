package import InterlockModel

/// The units of one limit that a call takes.
package struct LimitDemand: Sendable, Hashable {
    /// The limit as the policy names it: `calls`, `server.tool`, `spend:args.field`.
    package let limit: String
    /// The length of the window: 1, 60, 3,600 or 86,400.
    package let seconds: Int64
    package let amount: Int64
    /// The most units in a window.
    package let most: Int64

    package var window: LimitWindow { LimitWindow(limit: limit, seconds: seconds) }

    package init(limit: String, seconds: Int64, amount: Int64, most: Int64) {
        self.limit = limit
        self.seconds = seconds
        self.amount = amount
        self.most = most
    }
}

/// A limit of the configuration on what an agent takes in 24 hours, in addition to the policy's limits
/// (docs/specs/limits-and-monitoring.md, section 2). The raw value is its name in records.
package enum DailyLimit: String, Sendable, CaseIterable {
    /// The bytes of results that the agent gets.
    case resultBytes = "result_bytes"
    /// The tokens that servers may sample from the agent's model.
    case samplingTokens = "sampling_tokens"

    package static let seconds: Int64 = 86_400

    package func demand(_ amount: Int64, most: Int64) -> LimitDemand {
        LimitDemand(limit: rawValue, seconds: Self.seconds, amount: amount, most: most)
    }
}

/// The limit that a call exceeds.
package struct LimitExceeded: Error, Sendable, Hashable {
    package let demand: LimitDemand
    /// The units that are used or reserved already.
    package let taken: Int64
    /// The time at which the call fits if no other call is made, or nil if that depends on calls in progress.
    package let free: Timestamp?

    package init(demand: LimitDemand, taken: Int64, free: Timestamp?) {
        self.demand = demand
        self.taken = taken
        self.free = free
    }
}

/// The identity of a window: the calls of an agent that count together, and the window's length.
package struct LimitWindow: Sendable, Hashable {
    package let limit: String
    /// The length of the window: 1, 60, 3,600 or 86,400.
    package let seconds: Int64

    package init(limit: String, seconds: Int64) {
        self.limit = limit
        self.seconds = seconds
    }
}

/// The windows of all agents. A call's demands are reserved for all its limits, or for none. A value type without a
/// clock.
package struct LimitTable: Sendable {
    /// The units that one agent has taken. An agent has few limits, so a linear search is sufficient.
    private struct Agent: Sendable {
        var names: [LimitWindow] = []
        var windows: [RateWindow] = []

        func place(_ demand: LimitDemand) -> Int? {
            names.firstIndex { $0.seconds == demand.seconds && $0.limit == demand.limit }
        }

        mutating func made(_ demand: LimitDemand, at now: Timestamp) -> Int {
            place(demand) ?? add(demand.window, at: now)
        }

        mutating func made(_ window: LimitWindow, at now: Timestamp) -> Int {
            names.firstIndex(of: window) ?? add(window, at: now)
        }

        private mutating func add(_ window: LimitWindow, at now: Timestamp) -> Int {
            names.append(window)
            windows.append(RateWindow(seconds: window.seconds, at: now))
            return names.count - 1
        }

        mutating func giveBack(_ demands: some Sequence<LimitDemand>) {
            for demand in demands {
                guard let place = place(demand) else { continue }
                windows[place].giveBack(demand.amount)
            }
        }
    }

    private var agents: [AgentName: Agent] = [:]
    /// Windows whose use is unknown: they admit nothing.
    private var unknown: [AgentName: Set<LimitWindow>] = [:]

    package init() {}

    /// Makes these windows admit nothing until `learn`, while their use is being reconstructed.
    package mutating func forget(_ windows: Set<LimitWindow>, of agent: AgentName) {
        unknown[agent, default: []].formUnion(windows)
    }

    package var hasUnknown: Bool { !unknown.isEmpty }

    /// Makes every window known again: the unknown ones take their use from the other table.
    package mutating func learn(from other: LimitTable) {
        for (agent, windows) in unknown {
            for window in windows {
                let place = agents[agent, default: Agent()]
                    .made(window, at: Timestamp(microseconds: 0))
                let source = other.agents[agent]
                let used = source?.names.firstIndex(of: window).map { source?.windows[$0] } ?? nil
                agents[agent]?.windows[place].takeUsed(
                    of: used ?? RateWindow(seconds: window.seconds, at: Timestamp(microseconds: 0)))
            }
        }
        unknown = [:]
    }

    package func isUnknown(_ demand: LimitDemand, of agent: AgentName) -> Bool {
        unknown[agent]?.contains(demand.window) == true
    }

    /// The used units by slot; windows without any are omitted.
    package var slotUnits:
        [(agent: AgentName, window: LimitWindow, units: [(slot: Int64, units: Int64)])]
    {
        agents.flatMap { agent, own in
            zip(own.names, own.windows).compactMap { name, window in
                let units = window.slotUnits
                return units.isEmpty ? nil : (agent, name, units)
            }
        }
    }

    /// The units that count against a limit at this time, or `Int64.max` if they are unknown.
    package mutating func taken(_ demand: LimitDemand, of agent: AgentName, at now: Timestamp)
        -> Int64
    {
        guard !isUnknown(demand, of: agent) else { return .max }
        var taken: Int64 = 0
        change(agent, makes: false) { own in
            guard let place = own.place(demand) else { return }
            own.windows[place].advance(to: now)
            taken = own.windows[place].taken
        }
        return taken
    }

    /// Reserves all demands, or none.
    ///
    /// - Throws: the first limit that the demands exceed.
    package mutating func hold(
        _ demands: [LimitDemand], of agent: AgentName, at now: Timestamp
    ) throws(LimitExceeded) {
        if let demand = demands.first(where: { isUnknown($0, of: agent) }) {
            throw LimitExceeded(demand: demand, taken: .max, free: nil)
        }
        var full: (demand: LimitDemand, window: RateWindow)?
        change(agent, makes: true) { own in
            for (number, demand) in demands.enumerated() {
                let place = own.made(demand, at: now)
                guard !own.windows[place].hold(demand.amount, of: demand.most, at: now) else {
                    continue
                }
                own.giveBack(demands[..<number])
                full = (demand, own.windows[place])
                return
            }
        }
        guard let (demand, window) = full else { return }
        throw LimitExceeded(
            demand: demand, taken: window.taken,
            free: window.room(for: demand.amount, of: demand.most))
    }

    /// Returns the time at which the demand fits if no other call is made, or nil if that depends on calls in progress.
    package mutating func room(
        for demand: LimitDemand, of agent: AgentName, at now: Timestamp
    ) -> Timestamp? {
        var room: Timestamp? = now
        change(agent, makes: false) { own in
            guard let place = own.place(demand) else { return }
            own.windows[place].advance(to: now)
            room = own.windows[place].room(for: demand.amount, of: demand.most)
        }
        return room
    }

    /// Returns the reserved units of a call that certainly was not executed.
    package mutating func giveBack(_ demands: some Sequence<LimitDemand>, of agent: AgentName) {
        change(agent, makes: false) { $0.giveBack(demands) }
    }

    /// Counts the reserved units of a call that was executed, or may have been.
    package mutating func use(_ demands: [LimitDemand], of agent: AgentName, at now: Timestamp) {
        change(agent, makes: false) { own in
            for demand in demands {
                guard let place = own.place(demand) else { continue }
                own.windows[place].use(demand.amount, at: now)
            }
        }
    }

    /// Counts units that were used before this process.
    package mutating func recall(_ demands: [LimitDemand], of agent: AgentName, at time: Timestamp)
    {
        change(agent, makes: true) { own in
            for demand in demands {
                let place = own.made(demand, at: time)
                own.windows[place].recall(demand.amount, at: time)
            }
        }
    }

    /// Changes an agent's entry in place, with one lookup.
    ///
    /// - Parameter makes: whether to add an unknown agent; if false, nothing happens for one.
    private mutating func change(_ agent: AgentName, makes: Bool, _ body: (inout Agent) -> Void) {
        if let place = agents.index(forKey: agent) {
            body(&agents.values[place])
        } else if makes {
            body(&agents[agent, default: Agent()])
        }
    }
}
