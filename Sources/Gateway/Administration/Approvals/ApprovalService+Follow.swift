import InterlockApprovals
import InterlockGovernor
package import InterlockModel
import InterlockPorts
import Synchronization

extension ApprovalService {
    /// Takes the changes that other nodes of a cluster have made to these requests: each row is read and verified whole, and
    /// the calls that wait for it here go on. A row that does not verify changes nothing, and an alert names it.
    ///
    /// - Parameter prepare: makes the key of a run's payloads, so that the votes on its call can be recorded here.
    package func follow(
        _ requests: [ApprovalID], prepare: @Sendable (RunID) async -> Void
    ) async {
        for id in requests {
            await follow(id)
            if let request = self[id], !request.state.isFinal {
                await prepare(request.review.call.run)
            }
        }
    }

    private func follow(_ id: ApprovalID) async {
        await gates.requests.enter(id)
        defer { gates.requests.leave(id) }
        // An end is final, also if it came from here.
        if self[id]?.state.isFinal == true { return }
        do throws(StoreFailure) {
            guard let stored = try await ports.store.row(of: id),
                state.withLock({ $0.versions[id] }) != stored.version,
                let row = openRows([stored]).first
            else { return }
            state.withLock { state in
                state.versions[id] = row.version
                state.votes[id] = row.votes
            }
            show(row.request)
        } catch { ports.alarm("approval.unreadable", id.text) }
    }
}
