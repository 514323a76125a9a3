import InterlockMCP
import Synchronization

extension HTTPSession {
    /// Returns true if a legacy server must be asked for more log messages before a call at this level.
    func owesLevel(_ wanted: LogLevel?, in opened: Opened) -> Bool {
        opened.hasLogging && levels(in: opened) { $0.owes(wanted) }
    }

    /// Sends the request for the level, and waits briefly for its result.
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
                    let isAgreed = if case .result? = outcome { true } else { false }
                    continuation.resume(returning: isAgreed)
                })
        }
        _ = levels(in: opened) { $0.answered(wanted, isAgreed: isAgreed) }
    }

    /// Discards the agreement of earlier openings; late results of an old opening are ignored.
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
