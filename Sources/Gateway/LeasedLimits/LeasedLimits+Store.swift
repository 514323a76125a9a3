import InterlockCluster
import InterlockModel
import Synchronization

/// The work without the lock: calls get their answers, and tasks call the store.
extension LeasedLimits {
    func handle(_ events: [EscrowEvent]) {
        let now = clock.now
        perform(state.withLock { $0.handle(events, at: now) })
    }

    func perform(_ work: UnitWork) {
        for (call, answer) in work.answers { call.resume(returning: answer) }
        for _ in 0..<work.takers { Task { await takeUnits() } }
        for _ in 0..<work.writers { Task { await sendMessages() } }
        if work.startsTimer { Task { await timeCalls() } }
    }

    /// Handles an answer of the store. An answer to an earlier incarnation says nothing about this one.
    private func handle(_ events: [EscrowEvent], of incarnation: Incarnation) {
        let now = clock.now
        let work = state.withLock { state in
            state.node.incarnation == incarnation ? state.handle(events, at: now) : UnitWork()
        }
        perform(work)
    }

    private func takeUnits() async {
        while let takes = state.withLock({ $0.queue.nextTakes() }) {
            guard let incarnation = takes.first?.id.incarnation else { continue }
            var events: [EscrowEvent] = []
            do throws(UnitStoreFailure) {
                let grants = try await store.take(takes)
                for take in takes {
                    if let grant = grants[take.id] {
                        events.append(.taken(take.id, grant))
                    } else {
                        events.append(.takeFailed(take.id))
                    }
                }
            } catch {
                events =
                    error.refusal == .expelled
                    ? [.expelled] : takes.map { EscrowEvent.takeFailed($0.id) }
            }
            handle(events, of: incarnation)
        }
    }

    private func sendMessages() async {
        while let message = state.withLock({ $0.queue.nextMessage() }) {
            switch message {
            case .report(let report): await send(report)
            case .putBack(let lease, let most): await putBack(lease, most: most)
            case .finishRestoring(let generation): await finishRestoring(generation)
            }
        }
    }

    private func send(_ report: UnitReport) async {
        let event: EscrowEvent
        do throws(UnitStoreFailure) {
            try await store.report(report)
            event = .reported(report)
        } catch { event = .reportFailed(report, error.refusal) }
        handle([event], of: report.id.incarnation)
    }

    private func putBack(_ lease: UnitPutBack, most: Int64) async {
        let event: EscrowEvent
        do throws(UnitStoreFailure) {
            try await store.putBack(lease, most: most)
            event = .restored(lease)
        } catch { event = error.refusal == .expelled ? .expelled : .restoreFailed(lease) }
        handle([event], of: lease.report.id.incarnation)
    }

    /// A failure is not handled: the next heartbeat asks for it again.
    private func finishRestoring(_ generation: StoreGeneration) async {
        let incarnation = state.withLock { $0.node.incarnation }
        do throws(UnitStoreFailure) {
            try await store.finishRestoring(generation, in: incarnation)
        } catch {
            if error.refusal == .expelled { handle([.expelled], of: incarnation) }
        }
    }

    /// Refuses the calls that have waited too long, while there are any that wait.
    private func timeCalls() async {
        while true {
            // Nothing cancels the task.
            try? await Task.sleep(for: Self.look)
            handle([.overdue])
            let isOver = state.withLock { state in
                state.isTimed = !state.calls.isEmpty
                return !state.isTimed
            }
            if isOver { return }
        }
    }
}
