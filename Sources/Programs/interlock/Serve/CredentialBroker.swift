import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockTransport

/// The credentials of agents for one server, as the policy names them and `secrets` provides them: a separate secret
/// for each agent, or a token obtained with one. Recreated with each policy, so a reload reads secrets again.
final class CredentialBroker: UpstreamCredentials {
    private enum Kind: Sendable {
        case secret(header: String, name: String)
        case token(ClientTokens.Purpose)
        /// Not usable as configured, for this reason.
        case refused(String)
    }

    private let kinds: [AgentName: Kind]
    /// The last days after which the policy refuses the credential.
    private let ends: [AgentName: CredentialRotation]
    /// The agents with credentials. The gateway uses that of the first one for its own lists.
    private let agents: [AgentName]
    private let sources: CredentialSources
    private let kept = ExpiringValues<String, String>()

    init(_ server: ServerEntry, _ sources: CredentialSources) {
        self.sources = sources
        agents = server.credentials.keys.sorted()
        ends = server.credentials.compactMapValues(\.rotation)
        kinds = server.credentials.reduce(into: [:]) { kinds, entry in
            kinds[entry.key] = Self.kind(of: entry.value, for: entry.key, server, sources)
        }
    }

    private static func kind(
        of entry: CredentialEntry, for agent: AgentName, _ server: ServerEntry,
        _ sources: CredentialSources
    ) -> Kind {
        guard let source = sources.clients[entry.secret] else {
            return .secret(header: entry.header, name: entry.secret)
        }
        guard entry.header.lowercased() == "authorization" else {
            return .refused("a token of `secrets.oauth` goes into the header `Authorization`")
        }
        guard let purpose = sources.purpose(of: agent, at: server, source) else {
            return .refused("no token can be made out to the server's URL")
        }
        return .token(purpose)
    }

    /// Judged for each request, so that a credential is refused from the end of its last day on, also one that was read
    /// before. The gateway's own lists use the first credential that is not refused.
    private func kind(_ agent: AgentName?) -> Kind? {
        let now = sources.clock.wall
        func isRefused(_ agent: AgentName) -> Bool { ends[agent]?.isRefused(at: now) ?? false }
        guard let agent = agent ?? agents.first(where: { !isRefused($0) }) ?? agents.first else {
            return nil
        }
        if let end = ends[agent], end.isRefused(at: now) {
            return .refused(
                "it was to be rotated by \(end.on.text), and the policy refuses it since")
        }
        return kinds[agent]
    }

    func known(_ agent: AgentName?) -> KnownCredential {
        guard let kind = kind(agent) else { return .none }
        switch kind {
        case .secret(let header, let name):
            return kept.known(name, at: sources.clock.boot)
                .map { .ready(UpstreamCredential(header: header, value: $0)) } ?? .toGet
        case .token(let purpose):
            return sources.tokens.known(purpose).map { .ready(Self.bearer($0)) } ?? .toGet
        case .refused: return .toGet
        }
    }

    func get(_ agent: AgentName?) async -> Result<UpstreamCredential?, CredentialFailure> {
        guard let kind = kind(agent) else { return .success(nil) }
        let found: Result<UpstreamCredential, KeyFailure>
        switch kind {
        case .secret(let header, let name):
            found = await kept.value(name, clock: sources.clock) { [sources] in
                do throws(KeyFailure) {
                    return .success((try await sources.provider.secret(named: name), sources.life))
                } catch { return .failure(error) }
            }.map { UpstreamCredential(header: header, value: $0) }
        case .token(let purpose): found = await sources.tokens.token(for: purpose).map(Self.bearer)
        case .refused(let reason): found = .failure(KeyFailure(.argument, reason))
        }
        return found.map { Optional($0) }.mapError {
            CredentialFailure("the credential for this server cannot be had: \($0.reason)")
        }
    }

    func refused(
        _ credential: UpstreamCredential?, of agent: AgentName?, status: Int,
        _ challenge: BearerChallenge?
    ) async -> CredentialVerdict {
        guard let credential, let kind = kind(agent) else { return .giveUp }
        switch kind {
        case .refused: return .giveUp
        case .token(let purpose):
            let token = Self.token(in: credential)
            return switch sources.tokens.refused(token, for: purpose, status: status, challenge) {
            case .again: .again
            case .giveUp: .giveUp
            case .refuse(let reason): .refuse(CredentialFailure(reason))
            }
        case .secret(_, let name):
            // The secret may have been rotated since it was read.
            guard status == 401 else { return .giveUp }
            kept.drop(name) { $0 == credential.value }
            guard case .success(let now?) = await get(agent) else { return .giveUp }
            return now != credential ? .again : .giveUp
        }
    }

    func exhausted(_ credential: UpstreamCredential?, of agent: AgentName?) {
        guard let credential, case .token(let purpose)? = kind(agent) else { return }
        sources.tokens.exhausted(Self.token(in: credential), for: purpose)
    }

    private static func token(in credential: UpstreamCredential) -> String {
        String(credential.value.dropFirst("Bearer ".count))
    }

    private static func bearer(_ token: String) -> UpstreamCredential {
        UpstreamCredential(header: "Authorization", value: "Bearer \(token)")
    }
}

/// The dependencies that all brokers of a deployment share.
struct CredentialSources: Sendable {
    let provider: SecretProvider
    let clients: [String: TokenSource]
    let tokens: ClientTokens
    let signIns: AuthorizationCodeFlow
    /// The time after which a secret is read again.
    let life: Duration
    let clock: any Clock

    /// Returns nil if no token can be issued for the server.
    func purpose(
        of agent: AgentName, at server: ServerEntry, _ source: TokenSource
    ) -> ClientTokens.Purpose? {
        guard case .http(let url) = server.connect, let resource = CanonicalURI(url: url) else {
            return nil
        }
        return ClientTokens.Purpose(
            server: server.name, agent: agent, source: source, resource: resource)
    }
}
