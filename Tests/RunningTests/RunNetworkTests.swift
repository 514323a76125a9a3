import InterlockEgress
import InterlockModel
import InterlockPorts
import InterlockSandboxes
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockPolicy
@testable import InterlockRunning

/// The network of a run on the side of its supervisor.
@Suite struct `The network of a run` {
    private func reason(_ change: (inout SandboxSettings) -> Void) -> (Int32, String)? {
        var settings = SandboxSettings.isolated
        change(&settings)
        do throws(RunRefusal) {
            try RunNetwork(settings).finish()
            return nil
        } catch { return (error.outcome.code, error.outcome.reason) }
    }

    @Test func `rules and resolvers that cannot be kept are refused before anything ran`() throws {
        let good = reason {
            $0.egress = [EgressSpec(host: "api.example.com")]
            $0.resolver = .servers(["127.0.0.1:5353"])
        }
        #expect(good == nil)
        let rule = try #require(reason { $0.egress = [EgressSpec(host: "*.org")] })
        #expect(rule.0 == 65 && rule.1 == "bad-policy")
        let resolver = try #require(reason { $0.resolver = .servers(["localhost:53"]) })
        #expect(resolver.0 == 65 && resolver.1 == "bad-policy")
    }

    /// Answers messages and keeps them; without answers, none comes.
    private final class FakeGateway: Sendable {
        private let answers: Mutex<[EgressResponse]>
        private let received = Mutex<[EgressMessage]>([])

        init(_ answers: [EgressResponse]) { self.answers = Mutex(answers) }

        var messages: [EgressMessage] { received.withLock { $0 } }

        func answer(_ message: EgressMessage) -> EgressResponse? {
            received.withLock { $0.append(message) }
            return answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }
    }

    private func attempt(_ number: UInt64 = 1) throws -> EgressAttempt {
        let target = try #require(EgressTarget(try EgressHost("api.example.com"), port: 443))
        return EgressAttempt(
            run: RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10)), number: number,
            target: target, access: .tunnel)
    }

    private func connection(_ attempt: EgressAttempt) throws -> EgressConnection {
        EgressConnection(
            attempt: attempt, rule: try EgressRule(host: "api.example.com"),
            addresses: [try #require(IPAddress(bytes: [93, 184, 215, 14]))],
            hasEncryptedHello: false)
    }

    @Test func `the gateway decides, and all messages of a connection have one id`() async throws {
        let rule = try EgressRule(host: "api.example.com")
        let gateway = FakeGateway([.admitted(rule), .done, .done])
        let authorizer = GatewayAuthorizer { gateway.answer($0) }
        let attempt = try attempt()
        let decision = await authorizer.decide(attempt)
        #expect(decision == .allow(rule))
        let connection = try connection(attempt)
        let obstacle = await authorizer.connecting(connection)
        #expect(obstacle == nil)
        await authorizer.closed(
            connection,
            EgressOutcome(
                end: .unreachable(111), address: nil, bytesUp: 1, bytesDown: 2, milliseconds: 3))
        authorizer.finish()
        #expect(Set(gateway.messages.map(\.call)).count == 1)
        let end = EgressEnd(kind: .unreachable, errno: 111, sent: 1, received: 2, milliseconds: 3)
        #expect(gateway.messages.last?.content == .closed(end))
    }

    @Test func `an address is opened by one question, and only its own answer permits it`()
        async throws
    {
        let rule = try EgressRule(host: "93.184.215.14", ports: [22], transport: .tcp)
        let gateway = FakeGateway([
            .opened(rule), .refused(.halted), .admitted(rule), .done,
        ])
        let authorizer = GatewayAuthorizer { gateway.answer($0) }
        let target = try #require(EgressTarget(try EgressHost("93.184.215.14"), port: 22))
        func attempt(_ number: UInt64) -> EgressAttempt {
            EgressAttempt(
                run: RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10)),
                number: number, target: target, access: .tunnel)
        }
        #expect(await authorizer.open(attempt(1)) == .allow(rule))
        #expect(gateway.messages.map(\.content) == [.open])
        var reasons: [EgressReason] = []
        // The second is refused by the gateway; the others got no permission that is on record, the last no answer.
        for number in UInt64(2)...5 {
            if case .deny(let refusal) = await authorizer.open(attempt(number)) {
                reasons.append(refusal.reason)
            }
        }
        #expect(reasons == [.halted] + Array(repeating: .auditUnavailable, count: 3))
        await authorizer.refused(attempt(2), EgressRefusal(.halted, "halted"))
        authorizer.finish()
        #expect(gateway.messages.count == 5)
    }

    @Test func `a refusal of the gateway is not reported to it, one of the proxy is`() async throws
    {
        let gateway = FakeGateway([.refused(.noRule), .refused(.halted), .done])
        let authorizer = GatewayAuthorizer { gateway.answer($0) }
        let (first, second, third) = (try attempt(1), try attempt(2), try attempt(3))
        guard case .deny(let refusal) = await authorizer.decide(first) else {
            Issue.record("the gateway refuses it")
            return
        }
        #expect(refusal.reason == .noRule)
        await authorizer.refused(first, refusal)
        let connection = try connection(second)
        let halted = await authorizer.connecting(connection)
        #expect(halted == .halted)
        await authorizer.refused(second, EgressRefusal(.halted, "halted"))
        await authorizer.refused(third, EgressRefusal(.noSNI, "no name"))
        authorizer.finish()
        #expect(gateway.messages.count == 3)
        #expect(gateway.messages.last?.content == .refused(.noSNI))
        #expect(Set(gateway.messages.map(\.call)).count == 3)
    }

    @Test func `a gateway without an answer permits nothing, and delays the end once`()
        async throws
    {
        let gateway = FakeGateway([])
        let authorizer = GatewayAuthorizer { gateway.answer($0) }
        let attempt = try attempt()
        guard case .deny(let refusal) = await authorizer.decide(attempt) else {
            Issue.record("no answer is no permission")
            return
        }
        #expect(refusal.reason.rawValue == "audit-unavailable")
        let connection = try connection(attempt)
        let obstacle = await authorizer.connecting(connection)
        #expect(obstacle == .auditUnavailable)
        authorizer.beginEnd()
        for _ in 0..<5 { await authorizer.refused(attempt, refusal) }
        authorizer.finish()
        #expect(gateway.messages.count == 3)
    }
}
