import InterlockEgress
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockSandboxes

/// The connections of sandboxed runs at the gateway (docs/specs/sandbox.md, sections 7 and 12).
@Suite struct SandboxEgressTests {
    private static let egress = (
        "tier: medium",
        """
        tier: medium
            sandbox: {egress: ["api.example.com:443", {host: "*.example.org", protocol: http, ports: [80]},
              {host: 93.184.215.14, protocol: tcp, ports: [22]}, {host: 10.0.0.1, protocol: tcp, ports: [22]},
              {host: 169.254.169.254, protocol: tcp, ports: [22], private: true}]}
        """
    )
    private static let address = IPAddress(bytes: [93, 184, 215, 14])

    private func bench(_ changes: [(String, String)] = []) throws -> Bench {
        try Bench(policy: [Self.egress] + changes)
    }

    private func begin(_ bench: Bench, _ service: SandboxService? = nil) async throws -> RunID {
        try await (service ?? bench.sandboxes).begin(try bench.networkedRun()).run
    }

    private func asked(
        _ host: String, _ port: UInt16 = 443, _ access: EgressAccess = .tunnel
    ) throws -> EgressDestination {
        EgressDestination(try #require(EgressTarget(try EgressHost(host), port: port)), access)
    }

    private func message(
        _ bench: Bench, _ asked: EgressDestination?, _ content: EgressMessage.Content,
        _ call: CallID? = nil
    ) -> EgressMessage {
        EgressMessage(call: call ?? bench.gateway.newID(), asked: asked, content)
    }

    private var connect: EgressMessage.Content {
        .connect([Self.address].compactMap(\.self), hasEncryptedHello: false)
    }

    @Test(.requirement("R029"))
    func `a connection is admitted by a rule, recorded before it is made, and closed`()
        async throws
    {
        let bench = try bench()
        let run = try await begin(bench)
        let call: CallID = bench.gateway.newID()
        let target = try asked("api.example.com")
        let first = try await bench.sandboxes.connection(
            message(bench, target, .decide, call), of: run)
        guard case .admitted(let rule) = first else {
            Issue.record("the rule admits it")
            return
        }
        #expect(rule.text == "tls api.example.com:443")
        #expect(bench.ledger.drafts(of: .netConnect).isEmpty)
        let permitted = try await bench.sandboxes.connection(
            message(bench, target, connect, call), of: run)
        #expect(permitted == .done)
        let record = try #require(bench.ledger.drafts(of: .netConnect).last)
        #expect(record.run?.run == run && record.fields["call"] == .string(call.text))
        #expect(record.fields["dec"] == "allow" && record.fields["port"] == 443)
        #expect(record.fields["rule"] == "tls api.example.com:443")
        #expect(record.payloads.map(\.field) == ["dst"])
        let end = EgressEnd(kind: .finished, errno: 0, sent: 10, received: 20, milliseconds: 3)
        _ = try await bench.sandboxes.connection(message(bench, nil, .closed(end), call), of: run)
        let close = try #require(bench.ledger.drafts(of: .netClose).last)
        #expect(close.fields["call"] == .string(call.text) && close.fields["end"] == "finished")
        #expect(close.fields["sent"] == 10 && close.fields["recv"] == 20)
        #expect(close.fields["dur"] == 3000 && close.fields["errno"] == nil)
    }

    @Test(.requirement("R029"))
    func `an address is decided, checked and recorded by one message`() async throws {
        let bench = try bench()
        let run = try await begin(bench)
        let call: CallID = bench.gateway.newID()
        let answer = try await bench.sandboxes.connection(
            message(bench, try asked("93.184.215.14", 22), .open, call), of: run)
        guard case .opened(let rule) = answer else {
            Issue.record("the rule admits it: \(answer)")
            return
        }
        #expect(rule.text == "tcp 93.184.215.14:22")
        let record = try #require(bench.ledger.drafts(of: .netConnect).last)
        #expect(record.run?.run == run && record.fields["call"] == .string(call.text))
        #expect(record.fields["dec"] == "allow" && record.fields["port"] == 22)
        #expect(bench.ledger.drafts(of: .netConnect).count == 1)
        #expect(bench.sandboxes.status(of: run)?.figures.permitted == 1)
        for (host, port, reason) in [
            ("93.184.215.15", 22, .noRule), ("93.184.215.14", 23, .port),
            ("10.0.0.1", 22, .privateAddress), ("169.254.169.254", 22, .privateAddress),
            ("api.example.com", 443, .badRequest),
        ] as [(String, UInt16, EgressReason)] {
            let refused = try await bench.sandboxes.connection(
                message(bench, try asked(host, port), .open), of: run)
            #expect(refused == .refused(reason), "\(host)")
            let record = try #require(bench.ledger.drafts(of: .netConnect).last)
            #expect(record.fields["dec"] == "deny" && record.fields["code"] == .string(reason.code))
        }
    }

    @Test(.requirement("R112"))
    func `an address is not permitted by a halt during the flush, or without a record`()
        async throws
    {
        let bench = try bench()
        let run = try await begin(bench)
        let target = try asked("93.184.215.14", 22)
        let gate = Gate()
        bench.ledger.hold(.netConnect, at: gate)
        let sandboxes = bench.sandboxes
        let waiting = message(bench, target, .open)
        let answer = Task { try await sandboxes.connection(waiting, of: run) }
        while gate.arrived == 0 { await Task.yield() }
        _ = try await bench.halt(.run(run), patience: .zero)
        gate.open()
        #expect(try await answer.value == .refused(.halted))
        #expect(bench.ledger.drafts(of: .netClose).last?.fields["end"] == "stopped")
        let other = try self.bench()
        let second = try await begin(other)
        other.ledger.refuse(.netConnect)
        let refused = try await other.sandboxes.connection(
            message(other, target, .open), of: second)
        #expect(refused == .refused(.auditUnavailable))
    }

    @Test func `what no rule admits is refused with its reason, and recorded without its host`()
        async throws
    {
        let bench = try bench()
        let run = try await begin(bench)
        let cases: [(EgressDestination, EgressReason)] = [
            (try asked("evil.example"), .noRule), (try asked("api.example.com", 8443), .port),
            (try asked("example.org", 80, .http), .noRule),
            (try asked("a.example.org", 80, .tunnel), .noRule),
        ]
        for (target, reason) in cases {
            let answer = try await bench.sandboxes.connection(
                message(bench, target, .decide), of: run)
            #expect(answer == .refused(reason))
            // A supervisor that asks to connect all the same is refused too.
            let again = try await bench.sandboxes.connection(
                message(bench, target, connect), of: run)
            #expect(again == .refused(reason))
            let record = try #require(bench.ledger.drafts(of: .netConnect).last)
            #expect(record.fields["dec"] == "deny" && record.fields["code"] == .string(reason.code))
            #expect(record.fields["rule"] == nil && record.payloads.map(\.field) == ["dst"])
            let text = String(decoding: record.fields.serialized(), as: UTF8.self)
            #expect(!text.contains("example"))
        }
        let allowed = bench.ledger.drafts(of: .netConnect).filter { $0.fields["dec"] == "allow" }
        #expect(allowed.isEmpty)
    }

    @Test func `a refusal by the proxy and a look-up are recorded`() async throws {
        let bench = try bench()
        let run = try await begin(bench)
        let target = try asked("api.example.com")
        let answers = [Self.address].compactMap(\.self)
        _ = try await bench.sandboxes.connection(
            message(
                bench, target,
                .resolved(answers, rule: "tls api.example.com:443", milliseconds: 2)), of: run)
        let lookup = try #require(bench.ledger.drafts(of: .netLookup).last)
        #expect(lookup.fields["cnt"] == 1 && lookup.payloads.map(\.field) == ["ans"])
        for (asked, reason) in [(target, .sniMismatch), (nil, .badHost)]
            as [(EgressDestination?, EgressReason)]
        {
            _ = try await bench.sandboxes.connection(
                message(bench, asked, .refused(reason)), of: run)
            let record = try #require(bench.ledger.drafts(of: .netConnect).last)
            #expect(record.fields["code"] == .string(reason.code))
            #expect(record.payloads.isEmpty == (asked == nil))
        }
    }

    @Test(.requirement("R112"))
    func `a halt is seen at once, also one during the flush`() async throws {
        let bench = try bench()
        let run = try await begin(bench)
        let target = try asked("api.example.com")
        let gate = Gate()
        bench.ledger.hold(.netConnect, at: gate)
        let sandboxes = bench.sandboxes
        let waiting = message(bench, target, connect)
        let answer = Task { try await sandboxes.connection(waiting, of: run) }
        while gate.arrived == 0 { await Task.yield() }
        _ = try await bench.halt(.run(run), patience: .zero)
        gate.open()
        #expect(try await answer.value == .refused(.halted))
        #expect(bench.ledger.drafts(of: .netClose).last?.fields["end"] == "stopped")
        let later = try await bench.sandboxes.connection(
            message(bench, target, .decide), of: run)
        #expect(later == .refused(.halted))
        #expect(bench.ledger.drafts(of: .netConnect).last?.fields["code"] == "net.halted")
    }

    @Test func `a log that cannot take the record permits nothing`() async throws {
        let bench = try bench()
        let run = try await begin(bench)
        bench.ledger.refuse(.netConnect)
        let answer = try await bench.sandboxes.connection(
            message(bench, try asked("api.example.com"), connect), of: run)
        #expect(answer.json == ["reason": "audit-unavailable"])
    }

    @Test(.requirement("R029"))
    func `a reload swaps all rules, and one with an error refuses everything`() async throws {
        let bench = try bench()
        let isBroken = Mutex(false)
        let service = SandboxService(
            gateway: bench.gateway, folders: bench.sandboxFolders,
            isReloadRefused: { isBroken.withLock { $0 } })
        let run = try await begin(bench, service)
        let (old, new) = (try asked("api.example.com"), try asked("new.example.com"))
        func answer(_ asked: EgressDestination) async throws -> EgressResponse {
            try await service.connection(message(bench, asked, connect), of: run)
        }
        #expect(try await answer(old) == .done)
        isBroken.withLock { $0 = true }
        #expect(try await answer(old) == .refused(.noPolicy))
        isBroken.withLock { $0 = false }
        try await bench.swap([
            ("tier: medium", "tier: medium\n    sandbox: {egress: [\"new.example.com:443\"]}")
        ])
        #expect(try await answer(old) == .refused(.noRule))
        #expect(try await answer(new) == .done)
    }

    @Test func `a run that is over has no connections`() async throws {
        let bench = try bench()
        let run = try await begin(bench)
        let target = try asked("api.example.com")
        try await bench.sandboxes.end(run, SandboxEnd(code: "exited", source: .agent, exit: 0))
        let question = message(bench, target, .decide)
        await #expect(throws: SandboxRefusal.noSuchRun) {
            try await bench.sandboxes.connection(question, of: run)
        }
    }

    @Test func `many refusals in a second are one record, and none is lost`() async throws {
        let bench = try bench()
        let run = try await begin(bench)
        let target = try asked("evil.example")
        for _ in 0..<(RefusalRecordLimiter.most + 5) {
            _ = try await bench.sandboxes.connection(message(bench, target, .decide), of: run)
        }
        #expect(bench.ledger.drafts(of: .netConnect).count == RefusalRecordLimiter.most)
        bench.clock.advance(.seconds(2))
        _ = try await bench.sandboxes.connection(message(bench, target, .decide), of: run)
        #expect(bench.ledger.drafts(of: .netConnect).last?.fields["cnt"] == 6)
        for _ in 0..<(RefusalRecordLimiter.most + 2) {
            _ = try await bench.sandboxes.connection(message(bench, target, .decide), of: run)
        }
        try await bench.sandboxes.end(run, SandboxEnd(code: "exited", source: .agent, exit: 0))
        #expect(bench.ledger.drafts(of: .netConnect).last?.fields["cnt"] == 3)
        #expect(bench.ledger.drafts.last?.type == .runEnd)
    }

    @Test func `messages and answers have one form`() throws {
        let bench = try bench()
        let target = try asked("a.example.org", 80, .http)
        let end = EgressEnd(kind: .unreachable, errno: 111, sent: 0, received: 0, milliseconds: 9)
        let six = try #require(IPAddress(ipv6: "2001:4860::8".utf8))
        let request = try #require(
            SentRequest(head: Array("GET / HTTP/1.1\r\n\r\n".utf8), body: [0, 255]))
        let connect = EgressMessage.Content.connect(
            [Self.address].compactMap(\.self), hasEncryptedHello: false,
            content: .request(request))
        for content in [
            .decide, connect,
            .connect([six], hasEncryptedHello: true, content: .request(request)),
            .refused(.noSNI),
            .resolved([], rule: "tls a.example.org:443", milliseconds: 0), .closed(end),
        ] as [EgressMessage.Content] {
            let sent = message(bench, target, content)
            #expect(try EgressMessage(sent.json) == sent)
        }
        let opening = message(bench, try asked("93.184.215.14", 22), .open)
        #expect(try EgressMessage(opening.json) == opening)
        // A name is not opened at once: it would be looked up after the record.
        let named = message(bench, target, .open).json
        #expect(throws: FormError.self) { try EgressMessage(named) }
        let rule = try EgressRule(
            host: "*.example.org", ports: [80, 8080], transport: .tls, allowsPrivate: true,
            encryptedHello: .allow, maxBytesUp: 7)
        for answer in [.done, .admitted(rule), .opened(rule), .refused(.ech)] as [EgressResponse] {
            #expect(try EgressResponse(answer.json) == answer)
        }
        let good = message(bench, target, connect).json
        for (name, value) in [
            ("host", "A.example.org"), ("host", "127.1"), ("port", 0), ("access", "udp"),
            ("do", "open"), ("ip", ["1.2.3"]), ("extra", 1), ("call", "x"),
        ] as [(String, JSONValue)] {
            var object = try #require(good.object)
            object[name] = value
            #expect(throws: FormError.self) { try EgressMessage(.object(object)) }
        }
    }

    @Test func `rules of a policy are those of the proxy`() throws {
        var settings = SandboxSettings.isolated
        settings.egress = [
            EgressSpec(host: "api.example.com"),
            EgressSpec(
                host: "db.internal", ports: [5432], content: .tcp, admitsPrivate: true,
                maxBytesUp: 9),
            EgressSpec(host: "*.example.org", admitsEncryptedHello: true),
        ]
        let rules = try EgressRules(settings).rules
        #expect(
            rules.map(\.text) == [
                "tls api.example.com:443", "tcp db.internal:5432", "tls *.example.org:443",
            ])
        #expect(rules[1].allowsPrivate && rules[1].maxBytesUp == 9)
        #expect(rules[2].encryptedHello == .allow && rules[0].encryptedHello == .deny)
        settings.egress.append(EgressSpec(host: "*.org"))
        #expect(throws: EgressRuleError.self) { try EgressRules(settings) }
    }
}
