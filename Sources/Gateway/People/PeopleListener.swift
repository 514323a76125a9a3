/// Everything that the people plane's listener serves: what machines ask, and the console's pages for all the rest.
package struct PeopleListener: RequestHandler {
    private let plane: PeoplePlane
    /// nil where no console is configured.
    private let console: (any RequestHandler)?

    package init(_ plane: PeoplePlane, console: (any RequestHandler)? = nil) {
        self.plane = plane
        self.console = console
    }

    private func handler(of head: RequestHead) -> any RequestHandler {
        guard let console, !plane.serves(head.path) else { return plane }
        return console
    }

    package func judge(_ head: RequestHead) -> HeadJudgement { handler(of: head).judge(head) }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        await handler(of: head).handle(head, body: body, exchange)
    }
}
