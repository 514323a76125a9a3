package import InterlockAlerts
package import InterlockGovernor
import InterlockModel
import Synchronization

/// Secrets that agents were about to send, until an incident is opened for each agent and kind. In memory: the denial, the
/// alert and the demotion are on record without it.
package final class SentSecretQueue: Sendable {
    struct Key: Hashable {
        let agent: AgentName
        let trigger: IncidentTrigger
    }

    private let waiting = Mutex<[Key: RunID]>([:])

    package init() {}

    /// Does not block, and may be called on the call path. The first run of an agent counts. A drill's agents have no
    /// incidents.
    func add(_ key: Key, in run: RunID) {
        guard !key.agent.isCanary else { return }
        waiting.withLock { waiting in
            if waiting[key] == nil { waiting[key] = run }
        }
    }

    func takeAll() -> [Key: RunID] {
        waiting.withLock { waiting in
            defer { waiting = [:] }
            return waiting
        }
    }
}

/// Hands secrets that agents were about to send to the queue of incidents, and passes every signal on.
package struct IncidentLadder: SignalLadder {
    private let next: any SignalLadder
    private let queue: SentSecretQueue

    package init(_ next: any SignalLadder, _ queue: SentSecretQueue) {
        self.next = next
        self.queue = queue
    }

    package func take(_ signal: RaisedSignal) { next.take(signal) }

    package func take(_ sent: SentSecret) {
        next.take(sent)
        queue.add(
            SentSecretQueue.Key(
                agent: sent.agent, trigger: sent.isCanary ? .canary : .brokeredValue),
            in: sent.run)
    }

    package func take(opened incident: Incident) { next.take(opened: incident) }
}

extension IncidentService {
    /// Opens the incidents of secrets that agents were about to send. What cannot be recorded is tried again. Called every
    /// second.
    package func sweep(_ queue: SentSecretQueue) async {
        for (key, run) in queue.takeAll() {
            do throws(IncidentRefusal) {
                try await open(key.trigger, by: key.agent, in: run)
            } catch {
                // A secret on record is not recorded again, also if the store failed.
                if case .unstored = error { continue }
                queue.add(key, in: run)
            }
        }
    }
}
