import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockModel
import Synchronization

/// Events from outside a run that cannot be read (docs/decisions/0119).
extension HostSessionService {
    /// Refuses an event that cannot be read. If it may have brought the result of a tool, it is reported in its
    /// session, or in each open session of the user's agent if it names none: one of their models may have read what
    /// was not searched.
    func take(unreadable event: UnreadableEvent, of agent: AgentName) async -> HookVerdict {
        let verdict = events.refuse(event)
        guard event.mayBringResult else { return verdict }
        guard let origin = event.origin else {
            await reportInEachSession(event, of: agent)
            return verdict
        }
        let session: HostSession
        do throws(SessionRefusal) {
            session = try await enter(HostSession.Key(origin, of: agent)) {
                event.sessionFields(gateway)
            }
        } catch { return error.verdict }
        await events.note(unread: event, of: session.run)
        leave(session, isOwn: true)
        return verdict
    }

    private func reportInEachSession(_ event: UnreadableEvent, of agent: AgentName) async {
        let sessions = table.withLock { $0.enterAll(of: agent) }
        for session in sessions {
            // A run whose start is not on record has no event.
            if await session.start.value == nil {
                await events.note(unread: event, of: session.run)
            }
            leave(session, isOwn: false)
        }
        let now = gateway.clock.boot
        guard sessions.isEmpty, table.withLock({ $0.noteUnattributed(agent, at: now) }) else {
            return
        }
        // There is no run to end: people are notified of the agent.
        gateway.raise(alarm: "redaction.failed", subject: agent.text, about: agent)
    }

    /// - Parameter isOwn: false if the event names no session.
    private func leave(_ session: HostSession, isOwn: Bool) {
        let now = gateway.clock.boot
        table.withLock { $0.leave(session, at: now, isLast: false, isOwn: isOwn) }
    }
}
