import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// Finds the servers and agents of the policy that a person can sign in for, and carries out the operator's sign-in
/// commands.
struct UpstreamAuthorizationService: UpstreamAuthorization {
    private typealias Entry = (purpose: ClientTokens.Purpose, client: SignInClient)
    let sources: CredentialSources
    let policy: @Sendable () -> PolicySnapshot
    /// Returns true if the server or the agent is halted; a sign-in is then refused.
    let isHalted: @Sendable (AuthorizationStore.Holder) -> Bool
    /// Queries the tools of a server at once after a sign-in.
    let look: @Sendable (ServerName) -> Void

    func begin(
        _ subject: SignInSubject, redirect: String, by: Pseudonym
    ) async throws(SignInRefusal) -> (id: String, url: String) {
        let (purpose, client) = try entry(subject)
        guard !isHalted(purpose.holder) else {
            throw SignInRefusal(
                .refused, "`\(purpose.server)` or the agent is halted: no sign-in there now",
                help: "release the halt with `interlock resume` first")
        }
        do throws(KeyFailure) {
            return try await sources.signIns.begin(purpose, as: client, redirect: redirect, by: by)
        } catch { throw SignInRefusal(error) }
    }

    func finish(
        _ id: String, query: String,
        admit: @Sendable (SignedIn, _ by: Pseudonym) async throws(SignInRefusal) -> Void
    ) async throws(SignInRefusal) -> SignedIn {
        do throws(KeyFailure) {
            let done = try await sources.signIns.finish(id, query: query, isWanted: isWanted) {
                (agreed: AuthorizationCodeFlow.Agreed) async throws(KeyFailure) in
                let signed = SignedIn(agreed.holder, agreed.grant)
                do throws(SignInRefusal) { try await admit(signed, agreed.by) } catch {
                    throw KeyFailure(.io, error.reason, help: error.help)
                }
            }
            look(done.holder.server)
            return SignedIn(done.holder, done.grant)
        } catch { throw SignInRefusal(error) }
    }

    func forget(_ subject: SignInSubject) async throws(SignInRefusal) -> SignedOut {
        let purpose = try entry(subject).purpose
        do throws(KeyFailure) {
            return SignedOut(
                server: purpose.server, agent: purpose.agent,
                isRevoked: try await sources.signIns.forget(purpose))
        } catch { throw SignInRefusal(error) }
    }

    func list() -> [SignedIn] {
        policy().servers.values.flatMap(entries).map { entry in
            let holder = entry.purpose.holder
            let none = { (state: String) in
                SignedIn(
                    server: holder.server, agent: holder.agent, issuer: entry.client.issuer,
                    scopes: [], state: state)
            }
            do throws(KeyFailure) {
                return try sources.signIns.grant(entry.purpose).map { SignedIn(holder, $0) }
                    ?? none("none")
            } catch { return none(error.reason) }
        }.sorted { ($0.server.text, $0.agent.text) < ($1.server.text, $1.agent.text) }
    }

    private func isWanted(_ purpose: ClientTokens.Purpose) -> Bool {
        let found = policy().servers[purpose.server].map(entries) ?? []
        return found.contains { $0.purpose == purpose } && !isHalted(purpose.holder)
    }

    private func entries(of server: ServerEntry) -> [Entry] {
        server.credentials.keys.sorted().compactMap { agent in
            guard let name = server.credentials[agent]?.secret,
                case .signIn(let client)? = sources.clients[name],
                let purpose = sources.purpose(of: agent, at: server, .signIn(client))
            else { return nil }
            return (purpose, client)
        }
    }

    private func entry(_ subject: SignInSubject) throws(SignInRefusal) -> Entry {
        let found = policy().servers[subject.server].map(entries) ?? []
        let meant = found.filter { subject.agent == nil || $0.purpose.agent == subject.agent }
        guard let entry = meant.first else {
            throw SignInRefusal(
                .unknown, "no sign-in at `\(subject.server)` for that agent",
                help:
                    "give its credential in the policy a name of `secrets.oauth` with `grant: authorization_code`"
            )
        }
        guard meant.count == 1 else {
            throw SignInRefusal(
                .refused, "several agents sign in at `\(subject.server)`",
                help: "name one with --agent: "
                    + meant.map(\.purpose.agent.text).joined(separator: ", "))
        }
        return entry
    }
}

extension SignedIn {
    fileprivate init(_ holder: AuthorizationStore.Holder, _ grant: StoredAuthorization) {
        let state =
            switch grant.status {
            case .good: "refreshed"
            case .short: "until its token ends"
            case .ended: "ended by the issuer"
            }
        self.init(
            server: holder.server, agent: holder.agent, issuer: grant.issuer,
            scopes: grant.scopes, state: state)
    }
}

extension SignInRefusal {
    fileprivate init(_ failure: KeyFailure) {
        let kind: Kind =
            switch failure.code {
            case .foreign: .suspicious
            case .io, .late, .unflushed: .unavailable
            default: .refused
            }
        self.init(kind, failure.reason, help: failure.help)
    }
}
