package import InterlockModel

/// The use of limits as reconstructed from the records of a log: the used units of each window, and the calls in
/// progress. A call counts at the time of the record that ends it, which is never before it was sent; a call that
/// certainly was not executed does not count.
package struct LimitLog: Sendable {
    /// A call with an intent and without an outcome.
    package struct OpenCall: Sendable, Hashable {
        package let agent: AgentName
        package let demands: [LimitDemand]

        package init(agent: AgentName, demands: [LimitDemand]) {
            self.agent = agent
            self.demands = demands
        }
    }

    package private(set) var timeline: LimitTimeline
    package private(set) var table: LimitTable
    package private(set) var open: [CallID: OpenCall]
    /// The units of limits on sums that calls reserve, by the limit's name, before their intents.
    package private(set) var sums: [CallID: [String: Int64]]

    package init(
        _ timeline: LimitTimeline, table: LimitTable = LimitTable(),
        open: [CallID: OpenCall] = [:], sums: [CallID: [String: Int64]] = [:]
    ) {
        self.timeline = timeline
        self.table = table
        self.open = open
        self.sums = sums
    }

    /// Sets the time of the records that follow.
    package mutating func advance(to record: RecordTime) { timeline.advance(to: record) }

    package mutating func reserve(_ call: CallID, _ limit: String, _ amount: Int64) {
        sums[call, default: [:]][limit] = amount
    }

    /// - Parameter demands: returns the call's demands, given the units that it reserved of limits on sums.
    package mutating func begin(
        _ call: CallID, of agent: AgentName, _ demands: ([String: Int64]) -> [LimitDemand]
    ) {
        open[call] = OpenCall(agent: agent, demands: demands(sums.removeValue(forKey: call) ?? [:]))
    }

    /// - Parameters:
    ///   - isDone: whether the call was executed, or may have been.
    ///   - bytes: the size of the result that the agent got.
    package mutating func end(_ call: CallID, isDone: Bool, bytes: Int64 = 0) {
        sums[call] = nil
        guard let ended = open.removeValue(forKey: call), isDone else { return }
        table.recall(ended.demands, of: ended.agent, at: timeline.time)
        take(.resultBytes, bytes, of: ended.agent)
    }

    package mutating func take(_ limit: DailyLimit, _ amount: Int64, of agent: AgentName) {
        guard amount > 0 else { return }
        table.recall([limit.demand(amount, most: .max)], of: agent, at: timeline.time)
    }

    /// Ends the open calls, whose outcomes will never be recorded: they count as executed now.
    package mutating func endOpen() {
        for call in Array(open.keys) { end(call, isDone: true) }
        sums = [:]
    }
}
