package import InterlockModel

/// A number of repetitions within a time span.
package struct Repeats: Sendable, Hashable {
    package let count: Int
    package let span: Duration

    package init(_ count: Int, in span: Duration) {
        self.count = count
        self.span = span
    }
}

/// The thresholds that stop an agent's loop (docs/specs/limits-and-monitoring.md, section 8). No value disables one:
/// configurations outside `Bounds` are not loaded.
package struct AgentBreakerSettings: Sendable, Hashable {
    /// The same call again, of a tool that is not read-only.
    package var sameWrite = Repeats(5, in: .seconds(60))
    /// The same call again, of any tool.
    package var sameAny = Repeats(10, in: .seconds(30))
    /// The same read again, with the same result.
    package var sameRead = Repeats(20, in: .seconds(600))
    /// Full rounds of two or three calls.
    package var cycles = 4
    /// Denials without a permitted call between them; `denialsMinute` counts those within a minute.
    package var denials = 5
    package var denialsMinute = 10
    /// A denied call again with one argument changed.
    package var variants = Repeats(3, in: .seconds(300))
    /// Requests of a run that people denied.
    package var refusals = 3
    /// The most calls of one session of a run.
    package var calls = 5_000
    /// The longest duration of one session of a run.
    package var wall: Duration = .seconds(24 * 3_600)
    /// Tools that are polled until something changes, with the number of admitted calls that return the same result.
    package var poll: [ToolAddress: Int] = [:]

    package init() {}

    /// The range of each setting, by its name in `interlock.yaml`.
    package enum Bounds {
        package static let sameWrite = 2...10
        package static let sameAny = 5...50
        package static let sameRead = 5...1_000
        package static let cycles = 3...8
        package static let denials = 3...20
        package static let denialsMinute = 5...60
        package static let variants = 2...10
        package static let refusals = 1...5
        package static let calls = 1...100_000
        package static let wallSeconds = 60...7 * 86_400
        /// The spans of repeats, in seconds.
        package static let spanSeconds = 10...3_600
    }
}

/// The times of an agent breaker's response.
package enum AgentBreakerTimes {
    /// The duration of a throttle.
    package static let throttle: Duration = .seconds(300)
    /// The time between two calls of a throttled run.
    package static let pace: Duration = .seconds(10)
    /// The time without a call after which a run's next call begins another session.
    package static let silence: Duration = .seconds(1_800)
    /// The time after a trip within which no other session begins.
    package static let inherited: Duration = .seconds(86_400)
    /// A second trip within this time pauses the run.
    package static let memory: Duration = .seconds(3_600)
}

/// The reason why a breaker on an agent trips.
package enum AgentSignal: String, Sendable, CaseIterable {
    case sameWrite = "same-write"
    case sameAny = "same-call"
    case sameRead = "same-read"
    case cycle
    case denials = "denials"
    case denialsMinute = "denials-minute"
    case variants
    case refusals
    case calls = "run-calls"
    case wall = "run-length"
    /// Its calls or denials are far from what is usual for the agent.
    case unusual = "unusual"
    /// A person marked a call of the run as suspicious.
    case suspicious

    /// The description for people.
    package var meaning: String {
        switch self {
        case .sameWrite: "the same call again and again, of a tool that changes something"
        case .sameAny: "the same call again and again"
        case .sameRead: "the same read with the same result again and again"
        case .cycle: "two or three calls in a circle"
        case .denials: "one denial after the other"
        case .denialsMinute: "many denials in a minute"
        case .variants: "a denied call tried again with one argument changed"
        case .refusals: "people refused what it asked for several times"
        case .calls: "very many calls in one session"
        case .wall: "a very long session"
        case .unusual: "more calls or denials than is usual for this agent"
        case .suspicious: "a person paused it"
        }
    }
}
