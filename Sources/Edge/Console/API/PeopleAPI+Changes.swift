import InterlockGateway

extension PeopleAPI {
    /// Says that something changed, and nothing of what: the page asks again, and is answered by what its
    /// reader may see then. Ends with the client, or with the session.
    func stream(_ exchange: any Exchange, _ token: String) async {
        // First, so that nothing is missed by who asks for the page when the stream is open.
        let changes = inbox.changes()
        exchange.startEvents(headers: [("cache-control", "no-store")] + SecurityHeaders.all)
        let sessions = sessions
        let task = Task {
            await withTaskGroup { group in
                group.addTask {
                    for await _ in changes {
                        guard await sessions.session(of: token, isUse: false) != nil else { return }
                        exchange.send(event: Self.changed)
                    }
                }
                // Nobody changes anything, and the session ends.
                group.addTask {
                    while await sessions.session(of: token, isUse: false) != nil, !Task.isCancelled
                    {
                        try? await Task.sleep(for: Self.sessionCheck)
                    }
                }
                await group.next()
                group.cancelAll()
            }
        }
        exchange.onClose { task.cancel() }
        await task.value
        exchange.endEvents()
    }

    private static let sessionCheck = Duration.seconds(10)
    private static let changed = Array("event: changed\ndata: {}\n\n".utf8)
}
