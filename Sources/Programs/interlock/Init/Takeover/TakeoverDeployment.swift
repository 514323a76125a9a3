import InterlockAdministration
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockHosts
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPorts
import InterlockStore

/// The deployment that `interlock init FILE` makes: policy, log, signed lock, secrets, and a token for each host.
struct TakeoverDeployment {
    /// The longest lifetime of a token; `interlock connect AGENT --write` renews it.
    private static let tokenLife = TokenLife.bounds.upperBound

    private let plan: TakeoverPlan
    private let founder: Founder
    private let setup: DeploymentSetup
    let deployment: Deployment
    var directory: String { setup.directory }

    /// Writes the policy into the temporary folder and checks it there.
    init(
        _ plan: TakeoverPlan, _ site: TakeoverSite, _ founder: Founder, _ invocation: Invocation
    ) throws(Failure) {
        self.plan = plan
        self.founder = founder
        let address = founder.person.address
        let org = invocation["org"] ?? String(address.drop { $0 != "@" }.dropFirst())
        let policy = site.folder + "/policy"
        try TakeoverSite.write(Self.draft(plan, founder, org), to: policy)
        setup = try DeploymentSetup(
            invocation.setting("dir", to: site.directory).setting("policy", to: policy)
                .setting("org", to: org)
                .setting("person", to: try founder.publicKeyFile(in: site.folder)),
            signOff: .signs(FoundingSignOff(person: founder.person, key: founder.key)))
        deployment = setup.deployment
    }

    /// Makes the deployment, after which `interlock serve` works. Does not change a host's file. The lock is signed
    /// first, because a key may refuse; the configuration is written last, because nothing starts without it.
    ///
    /// - Returns: the links at which the founding person enrols a passkey; empty without a console.
    func create() async throws(Failure) -> [FoundingLink] {
        try founder.keep(in: deployment)
        let lock = try signedLock()
        let links = try await setup.makeState()
        let secrets = plan.taken.flatMap { $0.server.secrets(for: plan.agents(of: $0.server)) }
        try TakeoverSite.write(secrets, to: deployment.secrets)
        try LockFile.write(lock, to: deployment.lock)
        try await issueTokens()
        try await FoundingSignOff(person: founder.person, key: founder.key).make(in: deployment)
        try setup.writeConfiguration()
        return links
    }

    func relay(_ agent: AgentName, _ server: ServerName) -> RelayCommand {
        HostRelay(deployment).command(agent, server: server)
    }

    private static func draft(
        _ plan: TakeoverPlan, _ founder: Founder, _ org: String
    ) -> DraftPolicy {
        var servers: [DraftPolicy.Server] = []
        var reads: [AgentName: [ServerName]] = [:]
        for (server, review) in plan.taken {
            let agents = plan.agents(of: server)
            var draft = server.draft(for: agents)
            draft.tools = review.tools
            draft.resources = review.resources
            draft.prompts = review.prompts
            servers.append(draft)
            guard review.showsAnything else { continue }
            for agent in agents { reads[agent, default: []].append(server.name) }
        }
        return DraftPolicy(
            org: org, owner: founder.person, day: SystemClock().now.wall.day, servers: servers,
            agents: plan.hosts.map { host in
                DraftPolicy.Agent(
                    name: host.agent, purpose: "Works for its user in \(host.kind.title)",
                    reads: reads[host.agent] ?? [])
            })
    }

    private func signedLock() throws(Failure) -> PolicyLock {
        var entries: [ServerName: LockedServer] = [:]
        for (server, review) in plan.taken { entries[server.name] = review.entry }
        let lock: PolicyLock
        do throws(FormError) {
            lock = try PolicyLock(servers: entries, hashing: OpenSSLHashing())
        } catch { throw Failure(.data, "the lock would not be sound: \(error)") }
        let envelope = try KeyFailure.exits(
            .notPermitted, try founder.key.envelope(.lock, lock.statement))
        return try lock.signed(by: envelope)
    }

    /// Issues a token for each host. Each is durable in the log before it is written where a host can use it.
    private func issueTokens() async throws(Failure) {
        let keys: NodeKeys
        do throws(KeyFailure) { keys = try NodeKeys.load(from: deployment.keys) } catch {
            throw Failure(.io, error.reason)
        }
        let issuing = TokenIssuing(
            keys.token, audience: deployment.configuration.listeners.audience.text)
        var tokens: [(order: TokenOrder, issued: IssuedToken)] = []
        for host in plan.hosts {
            let order = TokenOrder(
                agent: host.agent, run: nil, purpose: "connects \(host.kind.title)",
                onBehalfOf: nil, lifetime: Self.tokenLife)
            do throws(TokenRefusal) {
                tokens.append((order, try issuing.issue(order, now: SystemClock().now.wall)))
            } catch { throw Failure(.internalError, error.reason) }
        }
        let ledger = try LedgerSetup(deployment, keys).open(guardLost: false)
        defer { ledger.close() }
        for (order, issued) in tokens {
            do throws(LedgerRefusal) {
                _ = try await ledger.append(.tokenIssued(issued, order))
            } catch {
                throw Failure(
                    .io, "the token of \(order.agent) cannot be recorded: \(error.code)",
                    help: "it was not written; remove `\(directory)` and begin again")
            }
            try HostRelay(deployment).keep(issued.token, of: order.agent)
        }
    }
}
