import InterlockAdministration
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockGovernor
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension Node {
    /// Counts limit usage and breaker holds from the log; without them nothing may be served.
    static func counted(
        _ logReader: LogLimits, _ bootID: String, _ settings: Configuration.BreakerSettings,
        under policy: PolicySnapshot
    ) async throws(Failure) -> CountedLimits {
        let clock = SystemClock()
        do throws(StoreFailure) {
            let status = try await logReader.status(under: LimitMap(policy))
            let limits = LimitService(
                clock: clock, bootID: bootID, log: status.limits, logReader: logReader)
            let breakers = CircuitBreakerService(
                agents: settings.agents, upstreams: settings.upstreams)
            status.holds.restore(to: breakers, at: clock.now)
            return CountedLimits(
                limits: limits, breakers: breakers, logReader: logReader, status: status)
        } catch {
            throw Failure(
                .unavailable,
                "cannot count what agents have taken of their limits: \(error.reason)",
                help: "interlock serve --rebuild reads no snapshot, but all that can still count")
        }
    }
}
