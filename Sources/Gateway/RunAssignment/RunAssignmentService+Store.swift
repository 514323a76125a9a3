import InterlockCluster
import InterlockModel
import InterlockPorts
import Synchronization

/// The work without the lock: requests get their answers, and tasks call the store and the memory of runs.
extension RunAssignmentService {
    func handle(_ events: [RunEvent]) {
        let now = clock.boot
        perform(state.withLock { $0.handle(events, at: now) })
    }

    func perform(_ work: RunWork) {
        for (request, decision) in work.decisions { request.resume(returning: decision) }
        for (result, isCommitted) in work.commits { result.resume(returning: isCommitted) }
        if !work.lost.isEmpty, let memory = state.withLock({ $0.memory }) {
            for run in work.lost { memory.lose(run) }
        }
        for (attachment, term) in work.attachments { Task { await attach(attachment, term) } }
        for claim in work.claims { Task { await send(claim) } }
        for change in work.changes { Task { await send(change) } }
        for _ in 0..<work.writers { Task { await sendQueue() } }
    }

    private func attach(_ attachment: RunAttachment, _ term: Int64) async {
        let memory = state.withLock { $0.memory }
        let isDone = await memory?.attach(attachment) ?? false
        let now = clock.boot
        perform(
            state.withLock {
                $0.finishAttaching(attachment.run, term: term, isDone: isDone, at: now)
            })
    }

    private func send(_ claim: RunClaim) async {
        let event: RunEvent
        do throws(RunStoreFailure) {
            event = .claimed(claim, try await store.claim(claim))
        } catch { event = .claimFailed(claim) }
        handle([event])
    }

    private func send(_ change: RunChange) async {
        let event: RunEvent
        do throws(RunStoreFailure) {
            try await store.change(change)
            event = .changed(change)
        } catch { event = .changeFailed(change, error.refusal) }
        handle([event])
    }

    private func sendQueue() async {
        while let change = state.withLock({ $0.queue.nextChange() }) { await send(change) }
    }
}
