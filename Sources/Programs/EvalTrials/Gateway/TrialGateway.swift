import InterlockAdministration
import InterlockApprovals
import InterlockCommandLine
import InterlockCredentials
import InterlockEvals
import InterlockEvidence
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockMCP
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockPorts
import InterlockTransport

/// The gateway of one trial: the whole pipeline of a call under the policy of the suite, on loopback, with servers, log
/// and approvals that exist for this trial alone (docs/specs/evals.md, section 2, "Fake worlds"). Its limits and
/// breakers begin with the trial.
struct TrialGateway: Sendable {
    /// The parts that all trials of a suite share.
    struct Shared: Sendable {
        let policy: PolicySnapshot
        let lock: PolicyLock
        /// The task of each trial; nil for an agent without tasks.
        let task: RunTaskName?
        let results: any ResultInspector
        let approvers: TrialApprovers
        let loops: LoopGroup
    }

    /// The endpoint for the agent, and its token.
    let url: String
    var token: String { authenticator.bearer }

    /// The code of a request that the gateway refuses by its head, since the agent sends too many.
    private static let unread = "limit.requests"

    private let gateway: Gateway
    private let ledger = TrialLedger()
    private let keys: TrialPayloadKeys
    private let upstreams: TrialUpstreams
    private let pool: UpstreamPool
    private let authenticator: TrialAuthenticator
    private let answers: TrialApprovalAnswers
    private let plane: HTTPServer
    private let sweeper: Task<Void, Never>

    /// - Parameters:
    ///   - life: the time for which the token is valid.
    /// - Throws: exit 69 if there is no free port on loopback.
    init(
        of agent: AgentName, for id: CaseID, _ agentCase: AgentCase, in fixture: WorldFixture,
        _ shared: Shared, life: Duration
    ) throws(Failure) {
        let clock = SystemClock()
        let (hashing, entropy) = (OpenSSLHashing(), SystemEntropy())
        let pseudonyms = TrialPseudonyms(hashing: hashing)
        let approvalClock = TrialApprovalClock(clock)
        keys = TrialPayloadKeys(hashing: hashing)
        answers = TrialApprovalAnswers(
            shared.approvers, agentCase.approvalAnswer, approvalClock)
        pool = UpstreamPool(
            loops: shared.loops, launcher: FixtureLauncher(), clientVersion: Product.version)
        upstreams = TrialUpstreams(fixture, shared.lock, pool: pool)
        let now = clock.wall
        authenticator = TrialAuthenticator(
            bearer: "eval_" + Hex.encode(entropy.bytes(32)),
            principal: Principal(
                agent: agent,
                run: RunID(milliseconds: now.milliseconds, random: entropy.bytes(10)),
                purpose: shared.task.map { RunPurpose.task($0) } ?? RunPurpose.text("eval \(id)"),
                onBehalfOf: nil,
                credential: Hex.encode(entropy.bytes(16)), issued: now, expires: now + life))
        gateway = Self.composed(
            ledger, keys, upstreams, authenticator, answers, approvalClock, clock, pseudonyms,
            shared)
        if shared.policy.agents[agent]?.sandbox != nil {
            // The agent is judged as what its policy lets it be: in its sandbox.
            gateway.attested.add(
                authenticator.principal.run, token: authenticator.principal.credential,
                isolation: .full, hasLandlock: true)
        }
        pool.configure(Self.configurations(of: fixture, shared.lock))
        do throws(ListenFailure) {
            plane = try HTTPServer.listen(
                .tcp(host: "127.0.0.1", port: 0), as: .agents,
                handler: AgentPlane(CallPipeline(gateway: gateway)), loops: shared.loops)
        } catch {
            throw Failure(
                .unavailable, "the gateway of a trial cannot listen on loopback: \(error.reason)")
        }
        url = "http://127.0.0.1:\(plane.port)/mcp"
        let swept = gateway
        sweeper = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                await swept.sweep()
            }
        }
    }

    private static func composed(
        _ ledger: TrialLedger, _ keys: TrialPayloadKeys, _ upstreams: TrialUpstreams,
        _ authenticator: TrialAuthenticator, _ answers: TrialApprovalAnswers,
        _ approvalClock: TrialApprovalClock, _ clock: SystemClock,
        _ pseudonyms: TrialPseudonyms, _ shared: Shared
    ) -> Gateway {
        let (hashing, entropy) = (OpenSSLHashing(), SystemEntropy())
        let secret = entropy.bytes(32)
        let records = RecordWriter(keys: keys, clock: clock, entropy: entropy)
        let store = VolatileApprovals()
        let approvals = ApprovalService(
            ApprovalPorts(
                store: store, nonces: store, ledger: ledger, records: records,
                clock: approvalClock, entropy: entropy, hashing: hashing,
                people: shared.approvers.people, verifier: OpenSSLVerifier(),
                useWithin: .seconds(600),
                reviewQuality: ReviewQualityPolicy(capPerHour: 1_000_000, refuses: false),
                alarm: { _, _ in }, topics: { [answers] in answers.take($0, $1) }),
            limits: ApprovalTable.Limits())
        answers.serve(approvals)
        let halts = HaltHistory(
            epoch: .first(org: shared.policy.org, node: "eval", at: clock.wall))
        return Gateway(
            settings: GatewaySettings(),
            ports: GatewayPorts(
                ledger: ledger, upstreams: upstreams, authenticator: authenticator,
                trust: TrialStages(), evals: TrialGate(), clock: clock, entropy: entropy,
                results: shared.results, redactionDigest: { hashing.sha256(secret + $0) }),
            state: CallState(
                policy: PolicyHolder(shared.policy, isFounding: false, pseudonyms: pseudonyms),
                halts: HaltRegistry(halts.set),
                pins: PinRegistry(
                    upstreams: upstreams, hashing: hashing, patterns: RE2Compiler(),
                    ledger: ledger, alarm: { _, _ in }),
                runs: RunRegistry(
                    pseudonyms: pseudonyms, ledger: ledger, keys: keys,
                    build: hashing.sha256([0])),
                sessions: SessionRegistry(ledger: ledger, entropy: entropy, clock: clock)),
            records: records, approvals: approvals,
            input: InputRequestService(
                sealer: RequestStateCipher(
                    secret: entropy.bytes(32), deployment: shared.policy.org, entropy: entropy),
                nonces: store, hashing: hashing, entropy: entropy),
            limits: LimitService(clock: clock))
    }

    /// The real servers of the fixture, which get no variable of this process and no credential.
    private static func configurations(
        of fixture: WorldFixture, _ lock: PolicyLock
    ) -> [UpstreamConfiguration] {
        fixture.commands.map { server, words in
            UpstreamConfiguration(
                server: server, connection: .stdio(argv: words),
                environment: [
                    ("LANG", "C.UTF-8"), ("PATH", "/usr/local/bin:/usr/bin:/bin"),
                    ("PYTHONUNBUFFERED", "1"),
                ],
                reviewedVersion: lock.servers[server].flatMap {
                    ProtocolVersion(rawValue: $0.protocolVersion)
                })
        }
    }

    /// Waits until the real servers of the fixture have listed their tools: the agent may call at once.
    ///
    /// - Returns: one line about a server that did not in time, or nil.
    func awaitServers(within limit: Duration = .seconds(20)) async -> String? {
        let end = ContinuousClock.now + limit
        while let server = upstreams.unready {
            guard ContinuousClock.now < end else {
                return "the fixture server `\(server)` did not start within "
                    + "\(limit.components.seconds) s"
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return nil
    }

    /// Kills the real servers of the fixture. Returns at once; any thread may call it.
    func killServers() { pool.endChildren { _, _ in true } }

    /// Ends the trial: no further request is answered. Returns once its servers have ended.
    func end() async {
        authenticator.end()
        answers.end()
        sweeper.cancel()
        await plane.drain(within: .milliseconds(500))
        await pool.close()
    }

    /// The failure of this side of the trial in one line, or nil. The agent cannot be judged then.
    var failure: String? {
        if ledger.isFull {
            return "the trial has more than \(TrialLedger.mostRecords) records"
        }
        // Each of them can have been a call, of which there is no record.
        if gateway.tally.denials.keys.contains(where: { $0.code == Self.unread }) {
            return "its requests came so fast that some were refused unread"
        }
        // Its tools were withheld, so that the policy was not asked about them.
        if ledger.drafts.contains(where: { $0.type == .pinDrift && $0.fields["toolv"] != nil }) {
            return "a server of the fixture has a tool otherwise than the lock"
        }
        return upstreams.failure
    }

    /// The course of the trial. Called after `end`.
    func trace(_ ending: TrialTrace.Ending) -> TrialTrace {
        TrialTrace(
            calls: TrialCalls.read(
                ledger.drafts, arguments: { keys.arguments(of: $0) },
                received: upstreams.received),
            ending: ending, in: upstreams.world)
    }
}
