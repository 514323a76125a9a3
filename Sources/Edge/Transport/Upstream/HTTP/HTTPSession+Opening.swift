import InterlockJSON
import InterlockMCP
import InterlockPorts

extension HTTPSession {
    /// Determines the era and, in the legacy one, opens a session.
    func negotiate(_ client: HTTPClient) async -> Result<Opened, UpstreamFailure> {
        // A modern server needs no handshake; only the gateway's own session asks it to describe itself.
        if key.agent != nil, !key.prefersLegacy, let version = shared.version, version.isModern,
            let known = shared.handshake
        {
            return .success(opened(known, sessionID: nil))
        }
        var negotiation = EraNegotiation(guess: shared.guess(for: key))
        var step = negotiation.start()
        var sessionID: String?
        while true {
            switch step {
            case .discover(let version):
                let envelope = shared.envelope(version)
                let (_, outcome) = await exchange(
                    client, in: nil, headers: envelope.headers(of: "server/discover")
                ) { UpstreamMessages.discover(id: $0, envelope) }
                step = negotiation.probed(outcome.forNegotiation)
            case .initialize(let version):
                let (head, outcome) = await exchange(client, in: nil) {
                    UpstreamMessages.initialize(
                        id: $0, version: version, clientVersion: shared.clientVersion,
                        capabilities: key.declared)
                }
                sessionID = head.sessionID
                step = negotiation.greeted(outcome.forNegotiation)
            case .restart: return .failure(UpstreamFailure("the server ended"))
            case .failed(let reason):
                shared.failed(by: key)
                return .failure(UpstreamFailure(reason))
            case .opened(let handshake):
                return await confirm(client, handshake, sessionID: sessionID)
            }
        }
    }

    private func confirm(
        _ client: HTTPClient, _ handshake: UpstreamHandshake, sessionID: String?
    ) async -> Result<Opened, UpstreamFailure> {
        guard handshake.version >= .v2025_03_26 else {
            return .failure(UpstreamFailure("the server speaks only protocol version 2024-11-05"))
        }
        shared.learned(handshake, by: key)
        guard !handshake.version.isModern else {
            return .success(opened(handshake, sessionID: nil))
        }
        let opened = opened(handshake, sessionID: sessionID)
        let credential: UpstreamCredential?
        switch await self.credential() {
        case .failure(let trouble): return .failure(trouble)
        case .success(let value): credential = value
        }
        let (_, confirmed) = await exchange(
            client, UpstreamMessages.initialized(), id: nil, in: opened, credential)
        guard case .accepted = confirmed else { return .failure(trouble(confirmed)) }
        return .success(opened)
    }

    /// The relation between a refusal and the agreement under which the request was sent.
    enum Contradiction {
        /// The refusal concerns the request.
        case none
        /// The legacy session no longer exists.
        case sessionIsGone
        /// The server may speak another era or version. If it does, it cannot have executed the request; if not, the
        /// refusal concerned the call.
        case otherEra
    }

    /// Classifies an outcome. If it contradicts `opened`, that opening is forgotten and the next `open` starts again.
    func contradiction(_ opened: Opened, in outcome: MCPPostExchange.Outcome) -> Contradiction {
        let found = Self.contradiction(opened, outcome)
        switch found {
        case .none: return found
        case .otherEra: shared.forget(opened.version)
        case .sessionIsGone: break
        }
        forget(opened)
        return found
    }

    private static func contradiction(
        _ opened: Opened, _ outcome: MCPPostExchange.Outcome
    ) -> Contradiction {
        let status: Int
        let code: Int64?
        switch outcome {
        case .refused(let refused, let error): (status, code) = (refused, error?.code)
        case .error(let error): (status, code) = (200, error.code)
        case .result, .accepted, .failed, .garbage, .exceeded, .interrupted: return .none
        }
        guard [400, 404, 405].contains(status) else { return .none }
        if code == JSONRPCError.unsupportedVersion { return .otherEra }
        let modernCodes = [JSONRPCError.headerMismatch, JSONRPCError.missingCapability]
        if !opened.version.isModern {
            if let code, modernCodes.contains(code) { return .otherEra }
            return status == 404 && opened.sessionID != nil ? .sessionIsGone : .none
        }
        // The errors of a modern server for a request that it has read.
        let ofARequest =
            modernCodes + [
                JSONRPCError.parseError, JSONRPCError.invalidParams, JSONRPCError.internalError,
                JSONRPCError.methodNotFound,
            ]
        if let code, ofARequest.contains(code) { return .none }
        return .otherEra
    }
}

extension MCPPostExchange.Outcome {
    var forNegotiation: EraNegotiation.Answer {
        switch self {
        case .result(let result): .result(result)
        case .error(let error): .error(error)
        case .accepted: .garbage("the server did not answer")
        case .refused(let status, let error): .refused(status: status, error)
        case .failed(let failure): .unreachable(failure.reason)
        case .garbage(let reason): .garbage(reason)
        case .exceeded(let excess): .garbage(excess.reason)
        case .interrupted: .garbage("the stream ended before the answer")
        }
    }
}
