package import InterlockModel

/// What a call takes of one limit.
package struct LimitDemand: Sendable, Hashable {
    /// As the policy names it: `calls`, `server.tool`, `spend:args.field`.
    package let limit: String
    /// 1, 60, 3,600 or 86,400.
    package let seconds: Int64
    package let amount: Int64
    /// At most so much in a window.
    package let most: Int64

    package var window: LimitWindow { LimitWindow(limit: limit, seconds: seconds) }

    package init(limit: String, seconds: Int64, amount: Int64, most: Int64) {
        self.limit = limit
        self.seconds = seconds
        self.amount = amount
        self.most = most
    }
}

/// The limit that a call does not fit in.
package struct LimitExceeded: Error, Sendable, Hashable {
    package let demand: LimitDemand
    /// Used and set aside already.
    package let taken: Int64
    /// When there is room if nothing else comes; nil: when what waits now has ended.
    package let free: Timestamp?
}

/// Which calls of an agent are counted together, and for how long.
package struct LimitWindow: Sendable, Hashable {
    package let limit: String
    /// 1, 60, 3,600 or 86,400.
    package let seconds: Int64

    package init(limit: String, seconds: Int64) {
        self.limit = limit
        self.seconds = seconds
    }
}

/// The windows of all agents: what a call demands is set aside of all its limits, or of none. A value, without clock.
package struct LimitTable: Sendable {
    /// What one agent has taken. There are few limits of one agent, so they are looked through.
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
    /// Windows of which it is not known what was taken: they have no room.
    private var unknown: [AgentName: Set<LimitWindow>] = [:]

    package init() {}

    /// From now on there is no room in these until `learned`: what was taken of them is being found out.
    package mutating func forget(_ windows: Set<LimitWindow>, of agent: AgentName) {
        unknown[agent, default: []].formUnion(windows)
    }

    package var hasUnknown: Bool { !unknown.isEmpty }

    /// Every window is known again: what was used of those that were not is as of the other.
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

    /// What was used, by slot; windows of which nothing is used are left out.
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

    /// What counts against a limit at this time; all there is, where that is not known.
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

    /// Sets all of it aside, or nothing.
    ///
    /// - Throws: the first limit that has no room.
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

    /// When there is room for it, if nothing else comes; nil: when what waits now has ended.
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

    /// Surely nothing was done.
    package mutating func giveBack(_ demands: some Sequence<LimitDemand>, of agent: AgentName) {
        change(agent, makes: false) { $0.giveBack(demands) }
    }

    /// It was done, or may have been.
    package mutating func use(
        _ demands: [LimitDemand], of agent: AgentName, at now: Timestamp
    ) {
        change(agent, makes: false) { own in
            for demand in demands {
                guard let place = own.place(demand) else { continue }
                own.windows[place].use(demand.amount, at: now)
            }
        }
    }

    /// What was used before this process.
    package mutating func recall(_ demands: [LimitDemand], of agent: AgentName, at time: Timestamp)
    {
        change(agent, makes: true) { own in
            for demand in demands {
                let place = own.made(demand, at: time)
                own.windows[place].recall(demand.amount, at: time)
            }
        }
    }

    /// In place, with one look-up.
    ///
    /// - Parameter makes: whether an agent that is not known begins; else nothing happens.
    private mutating func change(
        _ agent: AgentName, makes: Bool, _ body: (inout Agent) -> Void
    ) {
        if let place = agents.index(forKey: agent) {
            body(&agents.values[place])
        } else if makes {
            body(&agents[agent, default: Agent()])
        }
    }
}
