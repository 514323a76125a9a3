import InterlockModel
import Synchronization

/// How many completions each agent had in the last minute (specs of limits and monitoring, section 2),
/// whatever its runs.
final class CompletionPace: Sendable {
    static let mostInAMinute = 60
    private static let window = Duration.seconds(60)

    /// As many agents as the policy has; others were refused before.
    private let times = Mutex<[AgentName: [BootTime]]>([:])

    /// - Returns: nil when there is room for one more, which then counts; else the time until there is, in
    ///   milliseconds.
    func take(_ agent: AgentName, at now: BootTime) -> Int? {
        times.withLock { times in
            var recent = (times[agent] ?? []).filter { now < $0 + Self.window }
            defer { times[agent] = recent }
            guard recent.count < Self.mostInAMinute else {
                let wait = (recent[0] + Self.window) - now
                return Int(wait / .milliseconds(1)) + 1
            }
            recent.append(now)
            return nil
        }
    }
}
