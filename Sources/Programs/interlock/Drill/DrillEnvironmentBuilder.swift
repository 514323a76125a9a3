import Glibc
import InterlockAdministration
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockPorts
import InterlockSandbox
import InterlockSelfTesting
import InterlockTransport

/// Runs drills of the gateway that runs, or of a second one made of the same components, and signs their reports.
struct DrillEnvironmentBuilder: DrillEnvironmentFactory {
    let running: RunningGatewayDrill
    /// The key of a second gateway's own halts.
    let key: Ed25519PrivateKey
    /// Signs the reports.
    let statements: any NodeStatementSigner
    let node: String

    private static let version = GatewaySettings().version
    private var deployment: Deployment { running.deployment }
    private var gateway: Gateway { running.gateway }
    private var org: String { running.kill.org }

    func drill(_ variant: DrillVariant, by: String) async throws(StoreFailure) -> SignedDrill {
        try await failing { try await signed(variant, by: by) }
    }

    func releaseLeft() async throws(StoreFailure) {
        try await failing { try await subject().releaseAll() }
    }

    /// The running gateway as a subject, with people whose orders halt and release canaries alone.
    func subject() async throws -> DrillSubject {
        try await running.subject(of: try people(newID(), .standard, at: gateway.clock.wall))
    }

    private func failing<Value>(
        _ work: () async throws -> Value
    ) async throws(StoreFailure) -> Value {
        do { return try await work() } catch let failure as Failure {
            throw StoreFailure(reason: failure.message)
        } catch let failure as KeyFailure {
            throw StoreFailure(reason: failure.reason)
        } catch let failure as StoreFailure {
            throw failure
        } catch { throw StoreFailure(reason: "\(error)") }
    }

    private func signed(_ variant: DrillVariant, by: String) async throws -> SignedDrill {
        let started = gateway.clock.wall
        let id = newID()
        let root = gateway.ledger.status.root
        let people = try people(id, variant, at: started)
        let (observed, classes) =
            switch variant.subject {
            case .gateway: try await running.run(variant, by: people)
            case .copy: try await runCopy(id, variant, people)
            }
        let report = observed.report(
            id: id, variant: variant, org: org, node: node, started: started,
            ended: gateway.clock.wall, version: Self.version,
            policy: gateway.policy.snapshot.digest, classes: classes, runBy: by,
            origin: deployment.configuration.ledger.origin, root: root, subject: variant.subject)
        return try SignedDrill(
            try statements.envelope(.drill, try report.canonical()),
            node: statements.publicKey, verifier: OpenSSLVerifier())
    }

    private func newID() -> OrderID {
        OrderID(milliseconds: gateway.clock.wall.milliseconds, random: SystemEntropy().bytes(10))
    }

    private func runCopy(
        _ id: OrderID, _ variant: DrillVariant, _ people: [DrillPerson]
    ) async throws -> (DrillRun.Observations, classes: [String]) {
        let clock = SystemClock()
        let folder = HaltFolder(
            path: "\(deployment.drill)/\(id.text)", org: CanaryNames.organisation(of: org),
            node: node, key: key, rootFile: "\(deployment.drill)/\(id.text)/HALT")
        let launcher = try UpstreamWiring.launcher(deployment)
        let servers = try DrillServers(loops: running.loops, hasStdio: launcher != nil)
        launcher?.setAccess(servers.access)
        let pool = UpstreamPool(
            loops: running.loops, launcher: launcher, clientVersion: Self.version,
            report: servers.hear)
        pool.configure(servers.configurations)
        let world = try DrillEnvironment(
            DrillPorts(
                org: org, node: node, policy: try DrillPolicy.made(at: clock.wall).snapshot,
                upstreams: pool, orders: folder, entropy: SystemEntropy(), clock: clock,
                hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(), patterns: RE2Compiler(),
                sealer: RequestStateCipher(
                    secret: SystemEntropy().bytes(32), deployment: org, entropy: SystemEntropy()),
                results: gateway.ports.results, people: people, nodeKey: key.publicKey))
        try folder.create(
            trust: try AuthorizedKeys(
                org: CanaryNames.organisation(of: org), people: people.map(\.person), nodes: []))
        pool.holdBack { world.kill.isStopping($0) }
        let bearer = world.bearer("relay")
        let relayed = CanaryCredential { bearer }
        let plane = try HTTPServer.listen(
            .tcp(host: "127.0.0.1", port: 0), as: .agents,
            handler: CanaryPlane(world.pipeline, for: relayed), loops: running.loops)
        let relay = try ChildCanary.relay(url: "http://127.0.0.1:\(plane.port)/mcp", relayed)
        let root = folder.rootPath
        let run = DrillRun(
            subject: world.subject, variant: variant,
            canaries: Self.canaries(world, variant, hasStdio: servers.hasStdio) + [relay],
            receipts: servers.receipts, stopByFile: { try File.write([], to: root) })
        let observed = await run.run()
        relay.stop()
        await plane.drain(within: .seconds(1))
        await pool.close()
        await servers.close()
        folder.remove()
        return (observed, run.classes)
    }

    private static func canaries(
        _ world: DrillEnvironment, _ variant: DrillVariant, hasStdio: Bool
    ) -> [any DrillCanary] {
        let runs = variant == .thousandRuns ? 1000 : 1
        return (0..<runs).map { run in
            world.canary(
                "http", at: CanaryNames.server("http"), run: run,
                milliseconds: runs > 1 ? 2000 : nil)
        } + (hasStdio ? [world.canary("stdio", at: CanaryNames.server("stdio"))] : [])
    }

    /// Creates the people of one drill with new keys. In the variant `expiredKey` the first person's key has expired.
    private func people(
        _ id: OrderID, _ variant: DrillVariant, at now: Timestamp
    ) throws -> [DrillPerson] {
        try ["first", "second", "third"].enumerated().map { place, name in
            guard let key = Ed25519PrivateKey(seed: SystemEntropy().bytes(32)),
                let person = DrillPerson.trusted(
                    name, of: id, key: key.publicKey, at: now,
                    isExpired: variant == .expiredKey && place == 0)
            else { throw Failure(.internalError, "the drill's people have no keys") }
            return DrillPerson(person: person) { type, payload in
                try PersonKey.file(key).envelope(type, payload)
            }
        }
    }
}
