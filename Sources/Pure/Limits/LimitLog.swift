package import InterlockModel

/// What a log has of limits, record by record: what was used of each window, and the calls under way. A call counts
/// at the time of the record that ends it, which is never before it was sent; one that surely was not done does not.
package struct LimitLog: Sendable {
    /// A call that has an intent and no end.
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
    /// What calls take of limits on sums, by the limit's name, before their intents.
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

    /// The records that follow are of this time.
    package mutating func advance(to record: RecordTime) { timeline.advance(to: record) }

    package mutating func reserve(_ call: CallID, _ limit: String, _ amount: Int64) {
        sums[call, default: [:]][limit] = amount
    }

    /// - Parameter demands: what the call takes, told what it takes of limits on sums.
    package mutating func begin(
        _ call: CallID, of agent: AgentName, _ demands: ([String: Int64]) -> [LimitDemand]
    ) {
        open[call] = OpenCall(agent: agent, demands: demands(sums.removeValue(forKey: call) ?? [:]))
    }

    /// - Parameter isDone: whether it was done, or may have been.
    package mutating func end(_ call: CallID, isDone: Bool) {
        sums[call] = nil
        guard let ended = open.removeValue(forKey: call), isDone else { return }
        table.recall(ended.demands, of: ended.agent, at: timeline.time)
    }

    /// Nobody will say how the open calls end: they count as done, now.
    package mutating func endOpen() {
        for call in Array(open.keys) { end(call, isDone: true) }
        sums = [:]
    }
}
