package import InterlockModel

/// A number of events in a window of a second, a minute, an hour or a day.
package struct PaceRate: Sendable, Hashable, CustomStringConvertible {
    package let count: Int64
    /// The length of the window: 1, 60, 3,600 or 86,400.
    package let seconds: Int64

    package static let units: [(name: Character, seconds: Int64)] = [
        ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400),
    ]

    fileprivate init(count: Int64, seconds: Int64) {
        self.count = count
        self.seconds = seconds
    }

    package static func perMinute(_ count: Int64) -> PaceRate {
        PaceRate(count: count, seconds: 60)
    }

    package static func perHour(_ count: Int64) -> PaceRate {
        PaceRate(count: count, seconds: 3_600)
    }

    /// Parses a text such as `600/m`: digits without a sign or a leading zero, a slash, a unit.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            parts[0].first != "0", let count = Int64(parts[0]), parts[1].count == 1,
            let unit = Self.units.first(where: { String($0.name) == parts[1] })
        else { return nil }
        self.init(count: count, seconds: unit.seconds)
    }

    package var description: String {
        let unit = Self.units.first { $0.seconds == seconds }
        return "\(count)/\(unit?.name ?? "s")"
    }
}

/// The limits that apply before policy and quotas: the rate of an agent's requests, the rate of failed authentications,
/// the number of calls in progress, and what it takes in a day (docs/specs/limits-and-monitoring.md, section 2). None of them can be disabled.
package struct AdmissionLimits: Sendable, Hashable {
    package var requests = PaceRate.perMinute(600)
    /// The most requests at once.
    package var burst = 100
    package var failures = PaceRate.perMinute(30)
    package var agentCalls = 16
    package var serverCalls = 64
    package var lists = PaceRate.perMinute(60)
    package var discovers = PaceRate.perMinute(60)
    package var completions = PaceRate.perMinute(60)
    /// The most bytes of results that an agent gets in 24 hours.
    package var resultBytes = 256 << 20
    /// The most tokens that servers may sample from the model of an agent in 24 hours.
    package var samplingTokens = 100_000

    /// The most different recipients that an agent names to a tool.
    package var recipients: [ToolAddress: RecipientLimit] = [:]

    package func most(_ limit: DailyLimit) -> Int64 {
        switch limit {
        case .resultBytes: Int64(resultBytes)
        case .samplingTokens: Int64(samplingTokens)
        }
    }

    package init() {}

    /// The upper bound of each limit, for canaries of drills, which call rapidly.
    package static let widest: AdmissionLimits = {
        var limits = AdmissionLimits()
        let rate = PaceRate(count: Bounds.counts.upperBound, seconds: 1)
        limits.requests = rate
        limits.burst = Bounds.burst.upperBound
        limits.failures = rate
        limits.agentCalls = Bounds.calls.upperBound
        limits.serverCalls = Bounds.calls.upperBound
        limits.lists = rate
        limits.discovers = rate
        limits.completions = rate
        limits.resultBytes = Bounds.resultBytes.upperBound
        limits.samplingTokens = Bounds.samplingTokens.upperBound
        return limits
    }()

    package enum Bounds {
        package static let counts: ClosedRange<Int64> = 1...1_000_000_000
        package static let burst = 1...100_000
        package static let calls = 1...100_000
        package static let resultBytes = 1 << 10...1 << 40
        package static let samplingTokens = 0...1_000_000_000
    }
}
