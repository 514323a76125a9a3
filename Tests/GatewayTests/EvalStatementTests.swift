import InterlockCredentials
import InterlockEvals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockChangeGate
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// An exception of two people, which lets an agent work without a result, and a release manifest, which proves the run of
/// one token.
@Suite(.requirement("R116")) struct EvalStatementTests {
    private let reader = GateBench.reader
    private let clerk = GateBench.clerk

    private func exception(
        _ agent: AgentName, by names: [String], from: Timestamp, for length: Int64 = 3600,
        org: String = "acme"
    ) throws -> JSONValue {
        let exception = try #require(
            EvalException(
                org: org, agent: agent, reason: "the signer is away", from: from,
                until: from + .seconds(length)))
        let payload = try exception.canonical()
        let signatures = try names.flatMap { name in
            try People.all[name].key.envelope(.evalException, payload).signatures
        }
        return Envelope(
            payloadType: .evalException, payload: payload, signatures: signatures
        ).json
    }

    private func kind(_ body: JSONValue, _ gated: GateBench) async -> ProblemKind? {
        do throws(Problem) {
            _ = try await gated.service.submit(body, by: gated.by)
            return nil
        } catch { return error.kind }
    }

    @Test func `two people other than the owner let an agent work for a time`() async throws {
        let gated = try await GateBench()
        let now = gated.bench.clock.now.wall
        check(try await gated.look(), .refused(4030, "eval-missing"))
        // `dana` owns the reader.
        for names in [["ines"], ["ines", "dana"], ["dana", "mallory"], ["ines", "mallory"]] {
            let body = try exception(reader, by: names, from: now)
            #expect(await kind(body, gated) == .badSignature, "\(names)")
        }
        let foreign = try exception(reader, by: ["ines", "paul"], from: now, org: "other")
        #expect(await kind(foreign, gated) == .badSignature)
        let body = try exception(reader, by: ["ines", "paul"], from: now)
        #expect(await kind(body, gated) == nil)
        check(try await gated.look(), .text("done"))
        check(try await gated.look("clerk"), .refused(4030, "eval-missing"))
        let record = try #require(gated.bench.ledger.drafts(of: .evalExcepted).first)
        #expect(
            record.fields["signers"] == [
                .string(People.all["ines"].pseudonym.text),
                .string(People.all["paul"].pseudonym.text),
            ])
        let next = try await GateBench(log: gated.log, clock: gated.bench.clock)
        check(try await next.look(), .text("done"))
        gated.bench.clock.advance(.seconds(3601))
        check(try await gated.look(), .refused(4030, "eval-missing"))
    }

    @Test func `an exception lasts a day at most, and none is taken that is over`() async throws {
        let gated = try await GateBench()
        let now = gated.bench.clock.now.wall
        #expect(
            EvalException(
                org: "acme", agent: reader, reason: "the signer is away", from: now,
                until: now + .seconds(86_401)) == nil)
        #expect(
            EvalException(
                org: "acme", agent: reader, reason: "away", from: now, until: now + .seconds(60))
                == nil)
        let over = try exception(reader, by: ["ines", "paul"], from: now - .seconds(7200))
        #expect(await kind(over, gated) == .otherState)
        let later = try exception(reader, by: ["ines", "paul"], from: now + .seconds(7200))
        #expect(await kind(later, gated) == .otherState)
        #expect(gated.bench.ledger.drafts(of: .evalExcepted).isEmpty)
    }

    @Test func `what is not recorded or kept is not in force`() async throws {
        let gated = try await GateBench()
        let body = try exception(reader, by: ["ines", "paul"], from: gated.bench.clock.now.wall)
        gated.bench.ledger.refuse(.evalExcepted, kept: false)
        #expect(await kind(body, gated) == .notRecorded)
        gated.bench.ledger.accept()
        gated.log.fail()
        #expect(await kind(body, gated) == .notRecorded)
        check(try await gated.look(), .refused(4030, "eval-missing"))
        let unkept = try #require(gated.bench.ledger.drafts(of: .evalExcepted).last)
        #expect(unkept.fields["code"] == "exception.unkept")
    }

    @Test func `an earlier manifest of a token does not come back, and no other agent takes it`()
        async throws
    {
        let attester = PersonKey.file(
            Ed25519PrivateKey(seed: [UInt8](repeating: 91, count: 32)).unwrapped)
        let key = "{key: \"ed25519:\(attester.publicKey)\", held_by: []}"
        let gated = try await GateBench(
            GateBench.policy([
                ("eval: {signers", "eval: {attesters: [\(key)], signers"),
                ("tier: medium\n", "tier: medium\n    workloads: {uid: 1000}\n"),
                ("tier: low\n", "tier: low\n    workloads: {uid: 1001}\n"),
            ]))
        let now = gated.bench.clock.now.wall
        func manifest(
            _ agent: AgentName, _ prompt: Digest, until seconds: Int64
        ) throws -> JSONValue {
            let parts = try gated.parts(of: agent)
            let manifest = ReleaseManifest(
                org: "acme", agent: agent, credential: "token-1", model: parts.model,
                prompt: prompt, skills: parts.skills, until: now + .seconds(seconds))
            return try attester.envelope(.releaseManifest, try manifest.canonical()).json
        }
        let parts = try gated.parts(of: clerk)
        try await gated.submit(gated.result(of: parts))
        func verdict() -> EvalFact {
            gated.registry.verdict(
                on: GatedRun(
                    agent: clerk, run: NameAuthenticator.run(of: "clerk"), credential: "token-1",
                    tier: .medium, policy: gated.bench.policy.digest, began: now), at: now)
        }
        let first = try manifest(clerk, parts.prompt, until: 3600)
        #expect(await kind(first, gated) == nil)
        #expect(verdict() == .passed)
        let changed = OpenSSLHashing().sha256([7])
        let sooner = try manifest(clerk, changed, until: 3600)
        #expect(await kind(sooner, gated) == .otherState)
        let second = try manifest(clerk, changed, until: 3660)
        #expect(await kind(second, gated) == nil)
        #expect(verdict() == .missing)
        #expect(await kind(first, gated) == .otherState)
        let foreign = try manifest(reader, parts.prompt, until: 7200)
        #expect(await kind(foreign, gated) == .otherState)
        #expect(verdict() == .missing)
        #expect(gated.bench.ledger.drafts(of: .evalAttested).count == 2)
    }

    @Test func `a manifest proves the run of one token alone, of an agent with workloads`()
        async throws
    {
        let attester = PersonKey.file(
            Ed25519PrivateKey(seed: [UInt8](repeating: 91, count: 32)).unwrapped)
        let key = "{key: \"ed25519:\(attester.publicKey)\", held_by: []}"
        func policy(_ workloads: String) -> [(String, String)] {
            GateBench.policy([
                ("eval: {signers", "eval: {attesters: [\(key)], signers"),
                ("tier: medium\n", "tier: medium\n\(workloads)"),
            ])
        }
        let bound = policy("    workloads: {uid: 1000}\n")
        let gated = try await GateBench(bound)
        let parts = try gated.parts(of: clerk)
        try await gated.submit(gated.result(of: parts))
        let now = gated.bench.clock.now.wall
        func verdict(_ credential: String, _ gated: GateBench, after: Int64 = 0) -> EvalFact {
            gated.registry.verdict(
                on: GatedRun(
                    agent: clerk, run: NameAuthenticator.run(of: "clerk"),
                    credential: credential, tier: .medium, policy: gated.bench.policy.digest,
                    began: now), at: now + .seconds(after))
        }
        func manifest(
            _ credential: String, prompt: Digest? = nil, by key: PersonKey
        ) throws -> JSONValue {
            let manifest = ReleaseManifest(
                org: "acme", agent: clerk, credential: credential, model: parts.model,
                prompt: prompt ?? parts.prompt, skills: parts.skills, until: now + .seconds(3600))
            return try key.envelope(.releaseManifest, try manifest.canonical()).json
        }
        #expect(verdict("token-1", gated) == .unproven)
        let owners = try manifest("token-1", by: People.all["li"].key)
        #expect(await kind(owners, gated) == .badSignature)
        let named = try manifest("token 1", by: attester)
        #expect(await kind(named, gated) == .malformed)
        let first = try manifest("token-1", by: attester)
        #expect(await kind(first, gated) == nil)
        #expect(verdict("token-1", gated) == .passed)
        #expect(verdict("token-2", gated) == .unproven)
        #expect(verdict("token-1", gated, after: 3600) == .unproven)
        let other = OpenSSLHashing().sha256([7])
        let second = try manifest("token-2", prompt: other, by: attester)
        #expect(await kind(second, gated) == nil)
        #expect(verdict("token-2", gated) == .missing)
        let next = try await GateBench(bound, log: gated.log, clock: gated.bench.clock)
        #expect(verdict("token-1", next) == .passed)
        let free = try await GateBench(policy(""), log: gated.log, clock: gated.bench.clock)
        let third = try manifest("token-3", by: attester)
        #expect(await kind(third, free) == .otherState)
    }
}
