import InterlockAdministration
import InterlockEvidence
import InterlockMarkup
import InterlockPorts
import InterlockSchemas

extension PeopleAPI {
    /// Streams an event for each change, without its content: the page then requests what its reader may see.
    func stream(
        _ exchange: any Exchange, _ changes: AsyncStream<Void>, for listener: StreamListener
    ) async {
        await stream(exchange, for: listener) {
            for await _ in changes {
                guard await listener.isThere() else { return }
                exchange.send(event: Self.changed)
            }
        }
    }

    /// - Throws: `notRead` if the subject of the changes is not available.
    func changes(of topics: Operation.Topic) throws(Problem) -> AsyncStream<Void> {
        switch topics {
        case .approvals: return operations.inbox.changes()
        case .status: return try operations.part(operations.sources.status).changes()
        }
    }

    /// Runs `events`, which sends the events, until it returns, the client closes the connection, the listener's
    /// session or token ends, or a newer stream of the same holder takes its slot. Its tasks are children of the
    /// caller's task and run on its executor, so that no event is sent after the end.
    func stream(
        _ exchange: any Exchange, for listener: StreamListener,
        events: @escaping @Sendable () async -> Void
    ) async {
        let (replaced, replace) = AsyncStream.makeStream(of: Void.self)
        let holder = listener.holder
        guard let place = streams.enter(holder, end: { replace.yield() }) else {
            return exchange.respond(
                Problem(.tooMany, "too many pages are open; this one is not told").response)
        }
        defer { streams.leave(place, holder) }
        exchange.startEvents(headers: [("cache-control", "no-store")] + SecurityHeaders.all)
        let (gone, leave) = AsyncStream.makeStream(of: Void.self)
        exchange.onClose { leave.finish() }
        let isReplaced = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await events()
                return false
            }
            group.addTask {
                for await _ in gone {}
                return false
            }
            // A page that hears none for a while knows that it shows the past.
            group.addTask {
                while (try? await Task.sleep(for: Self.beatPause)) != nil {
                    exchange.send(event: operations.beat.event)
                }
                return false
            }
            group.addTask {
                for await _ in replaced { return true }
                return false
            }
            // Ends the stream if the session or token ends while nothing changes.
            group.addTask {
                while await listener.isThere(), !Task.isCancelled {
                    try? await Task.sleep(for: Self.sessionCheck)
                }
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        // Sent once all tasks have ended, so that it is the last event. It keeps the browser from reconnecting, which would
        // end the stream that took its slot.
        if isReplaced { exchange.send(event: Self.ended) }
        exchange.endEvents()
    }

    /// - Parameter token: the token of the session.
    func listener(_ session: PersonSession, _ token: String) -> StreamListener {
        let sessions = sessions
        return StreamListener(holder: .person(session.pseudonym)) {
            await sessions.session(of: token, isUse: false) != nil
        }
    }

    func listener(_ service: ServiceAccount, _ token: String) -> StreamListener {
        let services = operations.services
        return StreamListener(holder: .service(service.id)) { services?.service(of: token) != nil }
    }

    static let streamHead = HTTPResponse(
        status: 200,
        headers: [("content-type", "text/event-stream"), ("cache-control", "no-store")]
            + SecurityHeaders.all)

    private static let sessionCheck = Duration.seconds(10)
    private static let beatPause = Duration.seconds(2)
    private static let changed = Array("event: changed\ndata: {}\n\n".utf8)
    private static let ended = Array("event: ended\ndata: {}\n\n".utf8)
}

/// The recipient of a stream.
struct StreamListener: Sendable {
    let holder: EventStreamLimiter.Holder
    /// Returns true while the session or token is valid. Called before each change event and every `sessionCheck`.
    let isThere: @Sendable () async -> Bool
}
