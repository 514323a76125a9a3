import InterlockAdministration
import InterlockApprovals
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockPorts
import InterlockSelfTest
import InterlockTransport

/// The acts that need approval, at a second gateway of the same code whose approvers are keys of this self-test.
struct SelfTestApprovals {
    private let parts: SelfTestEnvironment.Parts
    private let policy: CanaryPolicy
    private let configuration: UpstreamConfiguration
    private let server: SelfTestServer

    init(
        _ parts: SelfTestEnvironment.Parts, _ policy: CanaryPolicy,
        _ configuration: UpstreamConfiguration, _ server: SelfTestServer
    ) {
        self.parts = parts
        self.policy = policy
        self.configuration = configuration
        self.server = server
    }

    func observe() async -> SelfTestEnvironment.Observations {
        do {
            return try await acts()
        } catch {
            let failed = SelfTestObservation(
                .other("there is no second gateway: \(error)"), arrivals: 0)
            return [
                .changedArgument: failed, .replayedApproval: failed, .writeAfterUntrusted: failed,
            ]
        }
    }

    private func acts() async throws -> SelfTestEnvironment.Observations {
        let gateway = parts.gateway
        let people = try people()
        let pool = UpstreamPool(
            loops: parts.loops, launcher: nil, clientVersion: GatewaySettings().version)
        pool.configure([configuration])
        let id = OrderID(
            milliseconds: gateway.clock.wall.milliseconds, random: SystemEntropy().bytes(10))
        let org = policy.snapshot.org
        let path = "\(parts.deployment.drill)/\(id.text)"
        let folder = HaltFolder(
            path: path, org: CanaryNames.organisation(of: org), node: parts.node,
            key: parts.nodeKey, rootFile: "\(path)/HALT")
        let world = try DrillEnvironment(
            DrillPorts(
                org: org, node: parts.node, policy: policy.snapshot, upstreams: pool,
                orders: folder, entropy: SystemEntropy(), clock: SystemClock(),
                hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(), patterns: RE2Compiler(),
                sealer: RequestStateCipher(
                    secret: SystemEntropy().bytes(32), deployment: org, entropy: SystemEntropy()),
                results: gateway.ports.results, people: people,
                nodeKey: parts.nodeKey.publicKey, asked: VolatileApprovals()))
        let bearer = world.bearer(SelfTestPolicy.asker)
        let caller = try SelfTestCaller(
            world.pipeline, CanaryCredential { bearer }, parts.loops)
        await pool.waitUntilReady(configuration.server)
        var found: SelfTestEnvironment.Observations = [:]
        found[.changedArgument] = await changedArgument(caller, world.approvals, people)
        found[.replayedApproval] = await replayedApproval(caller, world.approvals, people)
        await caller.close()
        found[.writeAfterUntrusted] = try await writeAfterUntrusted(world)
        await pool.close()
        return found
    }

    /// People approve one amount, and the agent sends another.
    private func changedArgument(
        _ caller: SelfTestCaller, _ approvals: ApprovalService, _ people: [DrillPerson]
    ) async -> SelfTestObservation {
        let test = SelfTestCase.changedArgument
        let isApproved = await approve(test, amount: 1, caller, approvals, people)
        guard isApproved else { return unapproved(test) }
        let answer = await caller.call(SelfTestPolicy.pay, act: test, amount: 2)
        return SelfTestObservation(answer, arrivals: server.arrivals(of: test))
    }

    /// The agent sends the approved call once, which must arrive, and then again.
    private func replayedApproval(
        _ caller: SelfTestCaller, _ approvals: ApprovalService, _ people: [DrillPerson]
    ) async -> SelfTestObservation {
        let test = SelfTestCase.replayedApproval
        let isApproved = await approve(test, amount: 1, caller, approvals, people)
        guard isApproved else { return unapproved(test) }
        let first = await caller.call(SelfTestPolicy.pay, act: test, amount: 1)
        guard first == .answered, server.arrivals(of: test) == 1 else {
            return SelfTestObservation(
                .other("the approved call did not pass: \(first)"),
                arrivals: server.arrivals(of: test))
        }
        let answer = await caller.call(SelfTestPolicy.pay, act: test, amount: 1)
        return SelfTestObservation(answer, arrivals: server.arrivals(of: test) - 1)
    }

    /// The agent writes, reads what outsiders wrote, and writes again in the same run.
    private func writeAfterUntrusted(
        _ world: DrillEnvironment
    ) async throws -> SelfTestObservation {
        let test = SelfTestCase.writeAfterUntrusted
        let bearer = world.bearer(SelfTestPolicy.tainted)
        let caller = try SelfTestCaller(
            world.pipeline, CanaryCredential { bearer }, parts.loops)
        let first = await caller.call(SelfTestPolicy.change, act: test)
        let read = await caller.call(SelfTestPolicy.page, act: test)
        let before = server.arrivals(of: test)
        let answer = await caller.call(SelfTestPolicy.change, act: test)
        await caller.close()
        guard first == .answered, before == 2 else {
            return SelfTestObservation(
                .other("the calls before did not pass: \(first), \(read)"), arrivals: before)
        }
        return SelfTestObservation(answer, arrivals: server.arrivals(of: test) - before)
    }

    private func unapproved(_ test: SelfTestCase) -> SelfTestObservation {
        SelfTestObservation(
            .other("the people who may approve the call could not, or its agent's owner could"),
            arrivals: server.arrivals(of: test))
    }

    /// Makes a call that needs approval, and approves it.
    ///
    /// - Returns: false if it was not approved, or if the owner of its agent may vote.
    private func approve(
        _ test: SelfTestCase, amount: Int64, _ caller: SelfTestCaller,
        _ approvals: ApprovalService, _ people: [DrillPerson]
    ) async -> Bool {
        // A call that was not approved waits too, and is not the one to approve.
        let earlier = Set(approvals.shownLive.map(\.id))
        guard let owner = Person(SelfTestPolicy.address(of: SelfTestPolicy.owner)),
            case .refused(let reason, _) = await caller.call(
                SelfTestPolicy.pay, act: test, amount: amount), reason == "pending"
        else { return false }
        for request in approvals.shownLive
        where request.state == .pending && !earlier.contains(request.id) {
            guard !request.voters.contains(where: { $0.person == owner }) else { return false }
            for person in people where approvals[request.id]?.state == .pending {
                await vote(on: request.id, person, approvals)
            }
            if approvals[request.id]?.state == .approved { return true }
        }
        return false
    }

    private func vote(
        on id: ApprovalID, _ person: DrillPerson, _ approvals: ApprovalService
    ) async {
        let pseudonym = person.person.pseudonym
        guard let request = approvals[id],
            request.voters.contains(where: { $0.pseudonym == pseudonym }),
            let nonce = try? await approvals.challenge(id, for: pseudonym),
            let bytes = Base64.decodeURL(nonce),
            let payload = try? Vote(
                on: request, .approve, approver: pseudonym, nonce: bytes
            ).canonical(),
            let envelope = try? person.sign(.vote, payload)
        else { return }
        _ = try? await approvals.vote(envelope)
    }

    /// The approvers that the policy names, each with a key that is kept nowhere.
    private func people() throws -> [DrillPerson] {
        let now = parts.gateway.clock.wall
        return try SelfTestPolicy.approvers.map { name in
            guard let key = Ed25519PrivateKey(seed: SystemEntropy().bytes(32)),
                let person = Person(SelfTestPolicy.address(of: name))
            else { throw Failure(.internalError, "an approver of the self-test has no key") }
            let publicKey = key.publicKey
            let trusted = TrustedPerson(
                person: person,
                pseudonym: Pseudonym(text: Base64.encode(Array(publicKey.bytes.prefix(16)))),
                roles: [.kill, .resume],
                keys: [EnrolledKey(key: publicKey, added: now - .seconds(60), founding: true)])
            return DrillPerson(person: trusted) { type, payload in
                try PersonKey.file(key).envelope(type, payload)
            }
        }
    }
}
