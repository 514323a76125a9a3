import InterlockJSON
import InterlockMCP

extension HTTPSession {
    func list() async -> Result<ListedOffers, UpstreamFailure> {
        await clients.onLoop { client in
            // A modern server is asked to describe itself each time, too.
            if let opened = self.openedNow, opened.version.isModern { self.forget(opened) }
            for _ in 0..<2 {
                if case .done(let result) = await self.list(client) { return result }
            }
            return .failure(UpstreamFailure("the server forgets its sessions"))
        }
    }

    private enum Listing<Value: Sendable>: Sendable {
        case done(Result<Value, UpstreamFailure>)
        case openAgain
    }

    private func list(_ client: HTTPClient) async -> Listing<ListedOffers> {
        let opened: Opened
        switch await open(client) {
        case .success(let value): opened = value
        case .failure(let trouble): return .done(.failure(trouble))
        }
        var listed = ListedOffers()
        for list in FeatureListMethod.allCases where opened.lists.contains(list) {
            switch await pages(of: list, client, opened) {
            case .openAgain: return .openAgain
            case .done(.success(let all)): listed.add(all)
            case .done(.failure(let trouble)):
                guard shared.leavesOut(list, for: trouble) else { return .done(.failure(trouble)) }
            }
        }
        return .done(.success(listed))
    }

    private func pages(
        of list: FeatureListMethod, _ client: HTTPClient, _ opened: Opened
    ) async -> Listing<UpstreamList> {
        let envelope = opened.version.isModern ? shared.envelope(opened.version) : nil
        var all = UpstreamList(list)
        var cursor: String?
        repeat {
            let (_, outcome) = await exchange(
                client, in: opened, headers: envelope?.headers(of: list.rawValue) ?? []
            ) { UpstreamMessages.list(list, id: $0, cursor: cursor, envelope) }
            guard case .result(let object) = outcome else {
                if case .none = contradiction(opened, in: outcome) {
                    return .done(.failure(trouble(outcome)))
                }
                return .openAgain
            }
            do throws(UpstreamProtocolError) {
                cursor = try all.add(try UpstreamPage(object, of: list))
            } catch {
                return .done(.failure(UpstreamFailure(error.description, wasAnswered: true)))
            }
        } while cursor != nil
        return .done(.success(all))
    }
}
