import InterlockMCP

extension HTTPSession {
    /// The parts of a request that must be obtained before it is created.
    struct Ready: Sendable {
        let opened: Opened
        let credential: UpstreamCredential?
    }

    /// The opened session and its credential, if both are available without waiting.
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

    /// Decides whether the request may be sent again, with the result of the next `credential`.
    func verdict(
        _ credential: UpstreamCredential?, _ status: Int, _ head: ClientHead
    ) async -> CredentialVerdict {
        await shared.credentials.refused(
            credential, of: key.agent, status: status,
            head.challenge.flatMap(BearerChallenge.init))
    }

    /// Notes that the last attempt was rejected too.
    func gaveUp(_ credential: UpstreamCredential?, _ status: Int) {
        if status == 401 { shared.credentials.exhausted(credential, of: key.agent) }
    }

    /// Sends a request of the gateway itself; each attempt has its own id. A request that is rejected for its
    /// credential is repeated within the limits of `CredentialTries`.
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
