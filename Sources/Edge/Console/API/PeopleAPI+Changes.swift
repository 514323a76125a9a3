import InterlockAdministration
import InterlockPorts

extension PeopleAPI {
    /// Says that something changed, and nothing of what: the page asks again, and is answered by what its
    /// reader may see then.
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

    /// - Throws: `notRead` where this console is shown without what the news is of.
    func changes(of news: Operation.Topic) throws(Problem) -> AsyncStream<Void> {
        switch news {
        case .approvals: return operations.inbox.changes()
        case .standing: return try operations.part(operations.sources.standing).changes()
        }
    }

    /// Sends what `events` sends, until it returns, the client goes, the listener may not listen any more, or a newer stream
    /// of the same holder takes its place. All of it are children of the caller's task and run where it does: from elsewhere
    /// an event could come in behind the end.
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
        await withTaskGroup { group in
            group.addTask { await events() }
            group.addTask { for await _ in gone {} }
            group.addTask {
                // Else the browser would come back, and end the one that took its place.
                for await _ in replaced { return exchange.send(event: Self.ended) }
            }
            // Nobody changes anything, and the session or the token ends.
            group.addTask {
                while await listener.isThere(), !Task.isCancelled {
                    try? await Task.sleep(for: Self.sessionCheck)
                }
            }
            await group.next()
            group.cancelAll()
        }
        exchange.endEvents()
    }

    /// - Parameter token: of the session.
    func listener(_ session: PersonSession, _ token: String) -> StreamListener {
        let sessions = sessions
        return StreamListener(holder: .person(session.pseudonym)) {
            await sessions.session(of: token, isUse: false) != nil
        }
    }

    func listener(_ service: ServiceAccount, _ token: String) -> StreamListener {
        let services = operations.services
        return StreamListener(holder: .service(service.id)) {
            services?.service(of: token) != nil
        }
    }

    static let streamHead = HTTPResponse(
        status: 200,
        headers: [("content-type", "text/event-stream"), ("cache-control", "no-store")]
            + SecurityHeaders.all)

    private static let sessionCheck = Duration.seconds(10)
    private static let changed = Array("event: changed\ndata: {}\n\n".utf8)
    private static let ended = Array("event: ended\ndata: {}\n\n".utf8)
}

/// For whom a stream is open.
struct StreamListener: Sendable {
    let holder: EventStreamLimiter.Holder
    /// Whether they may still listen, asked again and again.
    let isThere: @Sendable () async -> Bool
}
