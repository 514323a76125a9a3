import InterlockEgress
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockSandboxes

/// The connections of stdio servers' children, whose proxy is in the gateway (docs/specs/sandbox.md, sections 7 and 14).
@Suite struct ServerEgressTests {
    private static let connect = (
        "environment: staging",
        """
        environment: staging
            connect: {stdio: [/usr/bin/desk], sandbox: {egress: ["api.example.com:443"]}}
        """
    )
    private static let address = IPAddress(bytes: [93, 184, 215, 14])
    private static let sandbox = RunID(milliseconds: 5, random: [UInt8](repeating: 1, count: 10))

    private func authorizer(
        _ bench: Bench, agent: String? = "clerk"
    ) throws -> any EgressAuthorizer {
        let child = ServerChild(
            sandbox: Self.sandbox, server: try #require(ServerName("desk")),
            agent: agent.flatMap { AgentName($0) })
        return bench.sandboxes.authorizer(of: child)
    }

    private func attempt(
        _ host: String, _ port: UInt16 = 443, number: UInt64 = 1
    ) throws -> EgressAttempt {
        EgressAttempt(
            run: Self.sandbox, number: number,
            target: try #require(EgressTarget(try EgressHost(host), port: port)), access: .tunnel)
    }

    private func connection(
        _ attempt: EgressAttempt, _ decision: EgressDecision
    ) throws -> EgressConnection {
        guard case .allow(let rule) = decision else {
            throw EgressRefusal(.noRule, "the rule admits it")
        }
        return EgressConnection(
            attempt: attempt, rule: rule, addresses: [Self.address].compactMap(\.self),
            hasEncryptedHello: false)
    }

    @Test(.requirement("R029"))
    func `a connection is recorded outside every run, with its server, sandbox and agent`()
        async throws
    {
        let bench = try Bench(policy: [Self.connect])
        let authorizer = try authorizer(bench)
        let attempt = try attempt("api.example.com")
        let made = try connection(attempt, await authorizer.decide(attempt))
        #expect(bench.ledger.drafts(of: .netConnect).isEmpty)
        #expect(await authorizer.connecting(made) == nil)
        let permitted = try #require(bench.ledger.drafts(of: .netConnect).last)
        #expect(permitted.run == nil && permitted.fields["dec"] == "allow")
        #expect(permitted.fields["srv"] == "desk" && permitted.fields["agent"] == "clerk")
        #expect(permitted.fields["sbx"] == .string(Self.sandbox.text))
        #expect(permitted.payloads.map(\.field) == ["dst"])
        await authorizer.closed(
            made,
            EgressOutcome(
                end: .finished, address: nil, bytesUp: 1, bytesDown: 2, milliseconds: 3))
        let close = try #require(bench.ledger.drafts(of: .netClose).last)
        #expect(close.run == nil && close.fields["call"] == permitted.fields["call"])
        #expect(close.fields["srv"] == "desk")
    }

    @Test func `what no rule admits is refused and recorded once`() async throws {
        let bench = try Bench(policy: [Self.connect])
        let authorizer = try authorizer(bench, agent: nil)
        for (host, port, reason) in [
            ("evil.example", 443, EgressReason.noRule), ("api.example.com", 8443, .port),
        ] as [(String, UInt16, EgressReason)] {
            let attempt = try attempt(host, port, number: UInt64(port))
            guard case .deny(let refusal) = await authorizer.decide(attempt) else {
                Issue.record("\(host) is admitted")
                continue
            }
            #expect(refusal.reason == reason)
            let count = bench.ledger.drafts(of: .netConnect).count
            await authorizer.refused(attempt, refusal)
            #expect(bench.ledger.drafts(of: .netConnect).count == count)
            let record = try #require(bench.ledger.drafts(of: .netConnect).last)
            #expect(record.fields["code"] == .string(reason.code))
            #expect(record.fields["agent"] == nil && record.fields["srv"] == "desk")
        }
        // A refusal by the proxy itself is recorded too.
        await authorizer.refused(nil, EgressRefusal(.badHost, "not a host"))
        #expect(bench.ledger.drafts(of: .netConnect).last?.fields["code"] == "net.bad_host")
    }

    @Test func `a server without rules, or unknown to the policy, reaches nothing`() async throws {
        let bench = try Bench()
        let asked = try attempt("api.example.com")
        let decision = await (try authorizer(bench)).decide(asked)
        guard case .deny(let refusal) = decision else {
            Issue.record("it is admitted")
            return
        }
        #expect(refusal.reason == .noPolicy)
    }

    @Test(.requirement("R112"))
    func `a halt of the server or of the agent refuses its connections`() async throws {
        for target in [
            HaltTarget.server(try #require(ServerName("desk"))),
            .agent(try #require(AgentName("clerk"))),
        ] {
            let bench = try Bench(policy: [Self.connect])
            let authorizer = try authorizer(bench)
            let attempt = try attempt("api.example.com")
            let made = try connection(attempt, await authorizer.decide(attempt))
            _ = try await bench.halt(target, patience: .zero)
            #expect(await authorizer.connecting(made) == .halted)
            let refused = bench.ledger.drafts(of: .netConnect).allSatisfy {
                $0.fields["dec"] == "deny"
            }
            #expect(refused)
        }
    }

    @Test func `a log that cannot take the record permits nothing`() async throws {
        let bench = try Bench(policy: [Self.connect])
        let authorizer = try authorizer(bench)
        let attempt = try attempt("api.example.com")
        let made = try connection(attempt, await authorizer.decide(attempt))
        bench.ledger.refuse(.netConnect)
        #expect(await authorizer.connecting(made) == .auditUnavailable)
    }
}
