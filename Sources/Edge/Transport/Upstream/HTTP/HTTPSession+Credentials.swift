import InterlockMCP

extension HTTPSession {
    /// All that a request needs before it is made.
    struct Ready: Sendable {
        let opened: Opened
        let credential: UpstreamCredential?
    }

    /// What is there without waiting.
    var readyNow: Ready? {
        guard let opened = openedNow else { return nil }
        switch shared.credentials.known(key.agent) {
        case .none: return Ready(opened: opened, credential: nil)
        case .ready(let credential): return Ready(opened: opened, credential: credential)
        case .toGet: return nil
        }
    }

    func prepare(_ client: HTTPClient) async -> Result<Ready, UpstreamFailure> {
        let opened: Opened
        switch await open(client) {
        case .failure(let trouble): return .failure(trouble)
        case .success(let value): opened = value
        }
        return await credential().map { Ready(opened: opened, credential: $0) }
    }

    func credential() async -> Result<UpstreamCredential?, UpstreamFailure> {
        await shared.credentials.get(key.agent).mapError { UpstreamFailure($0.reason) }
    }

    /// Whether the request may go out again, with what `credential` gives then.
    func verdict(
        _ credential: UpstreamCredential?, _ status: Int, _ head: ClientHead
    ) async -> CredentialVerdict {
        await shared.credentials.refused(
            credential, of: key.agent, status: status,
            head.challenge.flatMap(BearerChallenge.init))
    }

    /// The last try was turned away too.
    func gaveUp(_ credential: UpstreamCredential?, _ status: Int) {
        if status == 401 { shared.credentials.exhausted(credential, of: key.agent) }
    }

    /// A request of the gateway's own, each try with an id of its own. What is turned away for its
    /// credential goes out again as often as `CredentialTries` says.
    func exchange(
        _ client: HTTPClient, in opened: Opened?, headers: [(name: String, value: String)] = [],
        _ message: (Int64) -> [UInt8]
    ) async -> (ClientHead, MCPPostExchange.Outcome) {
        var tries = CredentialTries()
        while true {
            let id = shared.nextID()
            let credential: UpstreamCredential?
            switch await self.credential() {
            case .success(let value): credential = value
            case .failure(let trouble):
                let failure = ClientFailure(.broken, wasSent: false, trouble.description)
                return (ClientHead(status: 0), .failed(failure))
            }
            let (head, outcome) = await exchange(
                client, message(id), id: id, in: opened, headers: headers, credential)
            guard case .refused(let status, _) = outcome else { return (head, outcome) }
            guard tries.take(status) else {
                gaveUp(credential, status)
                return (head, outcome)
            }
            switch await verdict(credential, status, head) {
            case .again: continue
            case .giveUp: return (head, outcome)
            case .refuse(let failure):
                return (head, .failed(ClientFailure(.broken, wasSent: false, failure.reason)))
            }
        }
    }
}
