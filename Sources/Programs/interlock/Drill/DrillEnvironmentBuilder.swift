import Glibc
import InterlockAdministration
import InterlockConfiguration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockPorts
import InterlockSandbox
import InterlockTransport

/// Builds the sub-organisation of a drill from real components, runs the drill, and signs its report.
struct DrillEnvironmentBuilder: DrillEnvironmentFactory {
    let deployment: Deployment
    let key: Ed25519PrivateKey
    let org: String
    let node: String
    let loops: LoopGroup
    let gateway: Gateway

    private static let version = GatewaySettings().version

    func drill(_ variant: DrillVariant, by: String) async throws(StoreFailure) -> SignedDrill {
        do { return try await staged(variant, by: by) } catch let failure as Failure {
            throw StoreFailure(reason: failure.message)
        } catch let failure as KeyFailure {
            throw StoreFailure(reason: failure.reason)
        } catch { throw StoreFailure(reason: "\(error)") }
    }

    private func staged(_ variant: DrillVariant, by: String) async throws -> SignedDrill {
        let clock = SystemClock()
        let started = clock.wall
        let id = OrderID(milliseconds: started.milliseconds, random: SystemEntropy().bytes(10))
        let ledger = gateway.ledger.status
        let folder = HaltFolder(
            path: "\(deployment.drill)/\(id.text)", org: DrillPorts.organisation(of: org),
            node: node, key: key, rootFile: "\(deployment.drill)/\(id.text)/HALT")
        let people = try Self.people(variant, at: started)
        let receipts = Receipts()
        let counting = CountingServer(receipts: receipts, clock: clock)
        let server = try HTTPServer.listen(
            .tcp(host: "127.0.0.1", port: 0), as: .agents, handler: counting, loops: loops)
        let stdio = try StdioCanaryServer(deployment)
        let pool = UpstreamPool(
            loops: loops, launcher: stdio.launcher, clientVersion: Self.version,
            report: { stdio.hear($0, receipts) })
        pool.configure(
            [try Self.http(server.port)] + (stdio.isPresent ? [try stdio.configuration()] : []))
        let world = try DrillEnvironment(
            DrillPorts(
                org: org, node: node, policy: try DrillPolicy.snapshot(at: started),
                upstreams: pool, orders: folder, entropy: SystemEntropy(), clock: clock,
                hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(), patterns: RE2Compiler(),
                sealer: RequestStateCipher(
                    secret: SystemEntropy().bytes(32), deployment: org, entropy: SystemEntropy()),
                people: people, nodeKey: key.publicKey))
        try folder.create(
            trust: try AuthorizedKeys(
                org: DrillPorts.organisation(of: org), people: people.map(\.person), nodes: []))
        pool.holdBack { world.kill.isStopping($0) }
        let plane = try HTTPServer.listen(
            .tcp(host: "127.0.0.1", port: 0), as: .agents,
            handler: AgentPlane(world.pipeline), loops: loops)
        let relay = try RelayCanary(
            url: "http://127.0.0.1:\(plane.port)/mcp", token: world.bearer("relay"))
        let root = folder.rootPath
        let run = DrillRun(
            world: world, variant: variant,
            canaries: Self.canaries(world, variant, stdio) + [relay], receipts: receipts,
            stopByFile: { try File.write([], to: root) })
        let observed = await run.run()
        relay.stop()
        await plane.drain(within: .seconds(1))
        await pool.close()
        await server.drain(within: .seconds(1))
        folder.remove()
        let report = observed.report(
            id: id, variant: variant, org: org, node: node, started: started, ended: clock.wall,
            version: Self.version, policy: gateway.policy.snapshot.digest, classes: run.classes,
            runBy: by, origin: deployment.configuration.ledger.origin, root: ledger.root)
        return try SignedDrill(
            try PersonKey.file(key).envelope(.drill, try report.canonical()),
            node: key.publicKey, verifier: OpenSSLVerifier())
    }

    private static func canaries(
        _ world: DrillEnvironment, _ variant: DrillVariant, _ stdio: StdioCanaryServer
    ) -> [any DrillCanary] {
        let runs = variant == .thousandRuns ? 1000 : 1
        return (0..<runs).map { run in
            world.canary("http", at: "drill-http", run: run, milliseconds: runs > 1 ? 2000 : nil)
        } + (stdio.isPresent ? [world.canary("stdio", at: "drill-stdio")] : [])
    }

    private static func http(_ port: UInt16) throws(Failure) -> UpstreamConfiguration {
        guard let name = ServerName("drill-http") else {
            throw Failure(.internalError, "the drill's server has no name")
        }
        return UpstreamConfiguration(
            server: name, connection: .http(url: "http://127.0.0.1:\(port)/mcp"))
    }

    /// Creates the people of one drill with new keys. In the variant `expiredKey` the first person's key has expired.
    private static func people(_ variant: DrillVariant, at now: Timestamp) throws -> [DrillPerson] {
        try ["first", "second", "third"].enumerated().map { place, name in
            guard let person = Person("\(name)@drill.interlock.invalid"),
                let key = Ed25519PrivateKey(seed: SystemEntropy().bytes(32))
            else { throw Failure(.internalError, "the drill's people have no keys") }
            let isOver = variant == .expiredKey && place == 0
            let trusted = TrustedPerson(
                person: person,
                pseudonym: Pseudonym(text: Base64.encode(Array(key.publicKey.bytes.prefix(16)))),
                roles: [.kill, .resume],
                keys: [
                    EnrolledKey(
                        key: key.publicKey, added: now - .seconds(60), founding: true,
                        expires: isOver ? now - .seconds(1) : nil)
                ])
            return DrillPerson(person: trusted) { type, payload in
                try PersonKey.file(key).envelope(type, payload)
            }
        }
    }
}
