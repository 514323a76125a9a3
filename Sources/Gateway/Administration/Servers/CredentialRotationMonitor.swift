package import InterlockGovernor
import InterlockModel
import InterlockPolicy
import Synchronization

/// Raises the alerts about credentials of servers whose last day is near or past (docs/specs/policy.md, section 3).
///
/// The raised alerts are kept in memory, so a restart raises the alert that is due again.
package final class CredentialRotationMonitor: Sendable {
    private struct Credential: Hashable {
        let server: ServerName
        let agent: AgentName
    }

    private struct State {
        var raised: [Credential: CredentialRotation.Notice] = [:]
        var next: BootTime?
        /// The policy that was looked at last.
        var policy: Digest?
    }

    private static let pause: Duration = .seconds(60)
    private let gateway: Gateway
    private let state = Mutex(State())

    package init(_ gateway: Gateway) { self.gateway = gateway }

    /// Raises what is due and was not raised yet. Called every second; looks once a minute, and at once
    /// at a new policy.
    package func sweep() {
        let now = gateway.clock.now
        let policy = gateway.policy.snapshot.digest
        let isTime = state.withLock { state in
            if let next = state.next, now.boot < next, state.policy == policy { return false }
            state.policy = policy
            state.next = now.boot + Self.pause
            return true
        }
        if isTime { raise(at: now.wall) }
    }

    private func raise(at now: Timestamp) {
        for server in gateway.policy.snapshot.servers.values.sorted(by: { $0.name < $1.name }) {
            for agent in server.credentials.keys.sorted() {
                guard let rotation = server.credentials[agent]?.rotation else { continue }
                let notice = rotation.notice(at: now)
                let credential = Credential(server: server.name, agent: agent)
                let isNew = state.withLock { state in
                    defer { state.raised[credential] = notice }
                    return state.raised[credential] != notice
                }
                guard let notice, isNew else { continue }
                gateway.raise(
                    alarm: notice.code, subject: "\(server.name)/\(agent)", about: agent)
            }
        }
    }
}

extension CredentialRotation.Notice {
    fileprivate var code: String {
        switch self {
        case .fortnight, .lastDay: "credential.rotation_due"
        case .overdue: "credential.rotation_overdue"
        }
    }
}
