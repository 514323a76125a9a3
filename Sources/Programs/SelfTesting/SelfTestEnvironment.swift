package import InterlockAdministration
import InterlockCommandLine
package import InterlockCredentials
package import InterlockDeployment
package import InterlockEvidence
package import InterlockGovernor
package import InterlockLedger
import InterlockModel
package import InterlockPorts
package import InterlockSelfTest
import InterlockStore
package import InterlockTransport

/// Makes the acts of a self-test. The calls go over a loopback listener of their own, which is served by the same code as
/// the agents' (`HTTPServer`, `AgentPlane`), into the pipeline of the gateway that runs; those that need people go to a
/// second gateway of the same code, because no person approves a test.
package struct SelfTestEnvironment: Sendable {
    private let parts: Parts

    /// The parts of the running gateway.
    package struct Parts: Sendable {
        package let deployment: Deployment
        package let gateway: Gateway
        package let drills: DrillService
        package let pool: UpstreamPool
        package let loops: LoopGroup
        package let tokens: any TokenIssuer
        package let log: any RecordLog
        package let logKeys: [VerifierKey]
        package let node: String
        package let nodeKey: Ed25519PrivateKey
        /// Makes the subject whose orders halt canaries alone.
        package let subject: @Sendable () async throws -> DrillSubject

        package init(
            deployment: Deployment, gateway: Gateway, drills: DrillService, pool: UpstreamPool,
            loops: LoopGroup, tokens: any TokenIssuer, log: any RecordLog,
            logKeys: [VerifierKey], node: String, nodeKey: Ed25519PrivateKey,
            subject: @escaping @Sendable () async throws -> DrillSubject
        ) {
            self.deployment = deployment
            self.gateway = gateway
            self.drills = drills
            self.pool = pool
            self.loops = loops
            self.tokens = tokens
            self.log = log
            self.logKeys = logKeys
            self.node = node
            self.nodeKey = nodeKey
            self.subject = subject
        }
    }

    package typealias Observations = [SelfTestCase: SelfTestObservation]

    package init(_ parts: Parts) { self.parts = parts }

    private var gateway: Gateway { parts.gateway }
    /// The time for which the tokens of canaries are valid.
    private static let life = Duration.seconds(300)

    /// Makes every act while no drill runs. Halts of canaries are released before it returns; those of a process that
    /// ended are released by the next one (`DrillService`).
    package func observe() async -> Result<Observations, StoreFailure> {
        if gateway.halts.halts.halt(of: .org) != nil {
            return .failure(
                StoreFailure(reason: "everything is halted, so a self-test would show nothing"))
        }
        let found = await parts.drills.apart { await observeApart() }
        return found ?? .failure(StoreFailure(reason: "a drill is under way"))
    }

    private func observeApart() async -> Result<Observations, StoreFailure> {
        do {
            return .success(try await acts())
        } catch let failure as Failure {
            return .failure(StoreFailure(reason: failure.message))
        } catch let failure as StoreFailure {
            return .failure(failure)
        } catch { return .failure(StoreFailure(reason: "\(error)")) }
    }

    private func acts() async throws -> Observations {
        let policy = try SelfTestPolicy.made(at: gateway.clock.wall)
        let subject = try await parts.subject()
        try await subject.releaseAll()
        try await policy.begin("the policy of the self-test", in: gateway, of: parts.deployment)
        defer { gateway.endDrill() }
        let server = SelfTestServer()
        let upstream = try HTTPServer.listen(
            .tcp(host: "127.0.0.1", port: 0), as: .agents, handler: server, loops: parts.loops)
        guard let name = ServerName(SelfTestPolicy.server) else {
            throw Failure(.internalError, "the server of the self-test has no name")
        }
        let configuration = UpstreamConfiguration(
            server: name, connection: .http(url: "http://127.0.0.1:\(upstream.port)/mcp"))
        parts.pool.add(canaries: [configuration])
        await parts.pool.waitUntilReady(name)
        var found = await forbiddenCalls(server)
        found[.callUnderKill] = await callUnderKill(subject, server)
        let asked = await SelfTestApprovals(parts, policy, configuration, server).observe()
        found.merge(asked) { _, new in new }
        found[.unlistedHost] = await SelfTestEgress(parts).observe()
        found[.editedLog] = await EditedRecord(parts).observe()
        await parts.pool.removeCanaries()
        await upstream.drain(within: .seconds(1))
        return found
    }

    // MARK: The calls of the running gateway

    private func forbiddenCalls(_ server: SelfTestServer) async -> Observations {
        var found: Observations = [:]
        found[.permittedCall] = await call(.permittedCall, SelfTestPolicy.look, server)
        found[.unlistedTool] = await call(.unlistedTool, SelfTestPolicy.absent, server)
        found[.writeUnderRead] = await call(.writeUnderRead, SelfTestPolicy.change, server)
        found[.forbiddenArguments] = await call(
            .forbiddenArguments, SelfTestPolicy.look, note: SelfTestPolicy.forbiddenNote, server)
        found[.secretInArguments] = await call(
            .secretInArguments, SelfTestPolicy.look, note: Self.key, server)
        found[.stageObserve] = await call(
            .stageObserve, SelfTestPolicy.look, as: SelfTestPolicy.observer, server)
        found[.overLimit] = await overLimit(server)
        return found
    }

    /// Calls once more than the limit admits, or until a call is refused: an earlier self-test may have taken a part.
    private func overLimit(_ server: SelfTestServer) async -> SelfTestObservation {
        var last = SelfTestObservation(.other("no call was made"), arrivals: 0)
        for _ in 0...SelfTestPolicy.mostCalls {
            let before = server.arrivals(of: .overLimit)
            let found = await call(
                .overLimit, SelfTestPolicy.look, as: SelfTestPolicy.limited, server)
            last = SelfTestObservation(found.answer, arrivals: found.arrivals - before)
            guard found.answer == .answered else { return last }
        }
        return last
    }

    /// The halt is released whatever the call leads to.
    private func callUnderKill(
        _ subject: DrillSubject, _ server: SelfTestServer
    ) async -> SelfTestObservation {
        do throws(StoreFailure) { try await subject.haltAll() } catch {
            return SelfTestObservation(
                .other("the canaries were not halted: \(error.reason)"), arrivals: 0)
        }
        let found = await call(.callUnderKill, SelfTestPolicy.look, server)
        do throws(StoreFailure) { try await subject.releaseAll() } catch {
            return SelfTestObservation(
                .other("the halt of the canaries is not released: \(error.reason)"),
                arrivals: found.arrivals)
        }
        return found
    }

    private func call(
        _ test: SelfTestCase, _ tool: String, as canary: String = SelfTestPolicy.reader,
        note: String? = nil, _ server: SelfTestServer
    ) async -> SelfTestObservation {
        let credential = credential(of: canary)
        let pipeline = CallPipeline(gateway: gateway)
        let caller: SelfTestCaller
        do {
            caller = try SelfTestCaller(pipeline, credential, parts.loops)
        } catch {
            return SelfTestObservation(.other("there is no listener: \(error)"), arrivals: 0)
        }
        let answer = await caller.call(tool, act: test, note: note)
        await caller.close()
        return SelfTestObservation(answer, arrivals: server.arrivals(of: test))
    }

    /// A credential that the gateway issues like any agent's, for a run of its own.
    private func credential(of canary: String) -> CanaryCredential {
        guard let agent = AgentName(CanaryNames.agent(canary)) else {
            return CanaryCredential { "" }
        }
        return CanaryCredential.issued(
            by: parts.tokens, gateway, to: agent, for: "selftest", lifetime: Self.life)
    }

    /// The beginning of a private key, as the search for secrets finds it. It is not a key.
    private static let key =
        "-----BEGIN " + "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
}

extension UpstreamPool {
    /// Waits until the pool has connected to the fake server, for 10 s at most: a call before is refused for another
    /// reason.
    func waitUntilReady(_ server: ServerName) async {
        let deadline = ContinuousClock.now + Duration.seconds(10)
        while ContinuousClock.now < deadline {
            if case .ready = view(of: server) { return }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }
}
