import InterlockMCP
import Synchronization

extension HTTPSession {
    /// Whether a legacy server must be asked for more log messages before a call that wants these.
    func owesLevel(_ wanted: LogLevel?, in opened: Opened) -> Bool {
        guard let wanted, opened.hasLogging else { return false }
        return level.withLock { asked in
            guard let asked, asked.generation == opened.generation else { return true }
            return wanted < asked.level
        }
    }

    /// Asks for them, and waits a moment for it to be done. Callers of one session may want different
    /// levels: the server is asked for the most, each caller gets its own.
    func ask(for wanted: LogLevel?, _ client: HTTPClient, in opened: Opened) async {
        guard let wanted, owesLevel(wanted, in: opened) else { return }
        level.withLock { $0 = (opened.generation, wanted) }
        await withCheckedContinuation { continuation in
            send(
                UpstreamMessages.setLevel(id: shared.nextID(), wanted), client, in: opened,
                then: { _ in continuation.resume() })
        }
    }
}
