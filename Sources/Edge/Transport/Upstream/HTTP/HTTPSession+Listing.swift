import InterlockJSON
import InterlockMCP

extension HTTPSession {
    func listTools() async -> Result<ListedTools, UpstreamTrouble> {
        await clients.onLoop { client in
            // A modern server is asked each time what it has to say of itself, too.
            if let opened = self.openedNow, opened.version.isModern { self.forget(opened) }
            for _ in 0..<2 {
                if case .done(let result) = await self.listTools(client) { return result }
            }
            return .failure(UpstreamTrouble("the server forgets its sessions"))
        }
    }

    private enum Listing {
        case done(Result<ListedTools, UpstreamTrouble>)
        case openAgain
    }

    private func listTools(_ client: HTTPClient) async -> Listing {
        let opened: Opened
        switch await open(client) {
        case .success(let value): opened = value
        case .failure(let trouble): return .done(.failure(trouble))
        }
        guard opened.hasTools else { return .done(.success(ListedTools())) }
        let envelope = opened.version.isModern ? shared.envelope(opened.version) : nil
        var list = UpstreamToolList()
        var cursor: String?
        repeat {
            let (_, outcome) = await exchange(
                client, in: opened, headers: envelope?.headers(of: "tools/list") ?? []
            ) { UpstreamMessages.listTools(id: $0, cursor: cursor, envelope) }
            guard case .result(let object) = outcome else {
                if case .none = contradiction(opened, in: outcome) {
                    return .done(.failure(trouble(outcome)))
                }
                return .openAgain
            }
            do throws(UpstreamProtocolError) {
                cursor = try list.add(try UpstreamToolPage(object))
            } catch {
                return .done(.failure(UpstreamTrouble(error.description)))
            }
        } while cursor != nil
        return .done(.success(ListedTools(list)))
    }
}

extension ListedTools {
    init(_ list: UpstreamToolList) {
        self.init(
            tools: list.tools, lifetime: list.lifetimeMilliseconds.map(Duration.milliseconds))
    }
}
