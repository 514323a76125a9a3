import InterlockMCP
import Synchronization

extension HTTPSession {
    /// Whether a legacy server must be asked for more log messages before a call that wants these.
    func owesLevel(_ wanted: LogLevel?, in opened: Opened) -> Bool {
        opened.hasLogging && levels(in: opened) { $0.owes(wanted) }
    }

    /// Asks for them, and waits a moment for it to be done.
    func ask(for wanted: LogLevel?, _ client: HTTPClient, in opened: Opened) async {
        guard let wanted, opened.hasLogging, levels(in: opened, { $0.ask(for: wanted) }) else {
            return
        }
        let id = shared.nextID()
        let isAgreed = await withCheckedContinuation {
            (continuation: CheckedContinuation<Bool, Never>) in
            send(
                UpstreamMessages.setLevel(id: id, wanted), client, in: opened, id: id,
                then: { outcome in
                    if case .result? = outcome {
                        continuation.resume(returning: true)
                    } else {
                        continuation.resume(returning: false)
                    }
                })
        }
        _ = levels(in: opened) { $0.answered(wanted, isAgreed: isAgreed) }
    }

    /// What was agreed on before this opening counts no more; what comes late of an old one is let go.
    private func levels(in opened: Opened, _ body: (inout LevelAgreement) -> Bool) -> Bool {
        agreement.withLock { agreement in
            guard opened.generation >= agreement.generation else { return false }
            if opened.generation > agreement.generation {
                agreement = (opened.generation, LevelAgreement())
            }
            return body(&agreement.levels)
        }
    }
}
