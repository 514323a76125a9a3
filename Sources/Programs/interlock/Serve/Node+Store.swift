import InterlockAdministration
import InterlockCommandLine
import InterlockDeployment
import InterlockGovernor
import InterlockModel
import InterlockPorts
import InterlockStore

extension Node {
    /// The longest time that a start waits for a store that may come back.
    private static let storePatience = Duration.seconds(30)

    /// Waits for a store that another program holds, or whose disk does not answer; nothing listens meanwhile. Other
    /// faults end the start at once.
    static func openStore(
        _ deployment: Deployment
    ) async throws(Failure) -> any NodeStore {
        let began = ContinuousClock.now
        var isSaid = false
        while true {
            let failure: StoreFailure
            do throws(StoreFailure) { return try deployment.openStore() } catch { failure = error }
            guard failure.mayPass, ContinuousClock.now - began < storePatience else {
                throw Failure(.io, "cannot open `\(deployment.store)`: \(failure.reason)")
            }
            if !isSaid {
                isSaid = true
                log(
                    "\(failure.reason); waiting for it for \(storePatience.components.seconds) s",
                    .warning, part: "store")
            }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }

    /// Runs after the start: only people who review the past need it.
    static func recallEnded(_ approvals: ApprovalService, _ gateway: Gateway) async {
        do throws(StoreFailure) { try await approvals.recallEnded() } catch {
            gateway.raise(alarm: "approval.past", subject: error.reason)
        }
    }
}
