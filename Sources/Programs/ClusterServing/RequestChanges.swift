import InterlockCluster
import InterlockClusterNodes
import InterlockModel

/// The requests that other nodes have changed, as the heartbeats name them.
final class RequestChanges: NodeListener {
    private let changes: AsyncStream<[ApprovalID]>
    private let queue: AsyncStream<[ApprovalID]>.Continuation

    init() { (changes, queue) = AsyncStream.makeStream() }

    func receive(_ notification: NodeNotification) {
        guard case .answered(let answer) = notification, !answer.requests.isEmpty else { return }
        queue.yield(answer.requests.map(\.request.request))
    }

    /// Runs until the task is cancelled.
    func run(_ changed: @Sendable ([ApprovalID]) async -> Void) async {
        for await ids in changes { await changed(ids) }
    }
}
