import InterlockEgress
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockSandboxes

/// The search in what sandboxed runs send outside the calls of their tools (docs/specs/output-safety.md, sections 2 and 7).
@Suite(.requirement("R082")) struct ConnectionSearchTests {
    private static let secret = "planted-value"
    private static let egress = (
        "tier: medium",
        """
        tier: medium
            sandbox: {egress: ["*.example.com:443", {host: "*.example.org", protocol: http, ports: [80]},
              {host: planted-value.example.net, protocol: http, ports: [80]},
              {host: 93.184.215.14, protocol: http, ports: [80]}]}
        """
    )

    private func bench(
        _ inspector: StubInspector, _ ladder: any SignalLadder = NoLadder(),
        _ changes: [(String, String)] = []
    ) throws -> Bench {
        try Bench(policy: [Self.egress] + changes, ladder: ladder, results: inspector) {
            $0.resultSearchLimit = .seconds(30)
        }
    }

    private func begin(_ bench: Bench) async throws -> RunID {
        try await bench.sandboxes.begin(try bench.networkedRun()).run
    }

    private func asked(
        _ host: String, _ port: UInt16, _ access: EgressAccess
    ) throws -> EgressDestination {
        EgressDestination(try #require(EgressTarget(try EgressHost(host), port: port)), access)
    }

    private func ask(
        _ bench: Bench, _ run: RunID, _ asked: EgressDestination, _ content: EgressMessage.Content
    ) async throws -> EgressResponse {
        try await bench.sandboxes.connection(
            EgressMessage(call: bench.gateway.newID(), asked: asked, content), of: run)
    }

    private func connect(_ sent: SentRequest?) throws -> EgressMessage.Content {
        .connect(
            [try #require(IPAddress(bytes: [93, 184, 215, 14]))], hasEncryptedHello: false,
            content: sent.map { .request($0) } ?? .unread)
    }

    private func request(
        _ target: String = "/", _ fields: String = "", body: [UInt8] = []
    ) throws -> SentRequest {
        let head = "POST \(target) HTTP/1.1\r\nHost: a.example.org\r\n\(fields)\r\n"
        return try #require(SentRequest(head: Array(head.utf8), body: body))
    }

    private func alerts(_ bench: Bench, _ code: String) -> [RecordDraft] {
        bench.ledger.drafts(of: .alarmRaised).filter { $0.fields["code"] == .string(code) }
    }

    private func code(_ bench: Bench) -> JSONValue? {
        bench.ledger.drafts(of: .netConnect).last?.fields["code"]
    }

    @Test func `a plain request with nothing in it is sent`() async throws {
        let bench = try bench(.finding(Self.secret))
        let run = try await begin(bench)
        let sent = try request("/a?b=c", "x-note: none\r\n", body: Array("text".utf8))
        let answer = try await ask(
            bench, run, try asked("a.example.org", 80, .http), try connect(sent))
        #expect(answer == .done)
        let record = try #require(bench.ledger.drafts(of: .netConnect).last)
        #expect(record.fields["dec"] == "allow")
        // The digest of what was searched is in the payload: a short request can be guessed from it.
        #expect(record.fields["size"] == .integer(Int64(sent.head.count + 4)))
        #expect(record.fields["h"] == nil)
        let digest = bench.gateway.pins.hashing.sha256(sent.head.span, sent.body.span)
        let target = try JSONValue(
            parsing: try #require(record.plaintext("dst")), limits: .stored)
        #expect(target["request"] == .string(digest.base64))
    }

    @Test func `a plain request with a mark is sent`() async throws {
        let bench = try bench(.marking("ada-at-mail"))
        let run = try await begin(bench)
        let answer = try await ask(
            bench, run, try asked("a.example.org", 80, .http),
            try connect(request(body: Array("to ada-at-mail".utf8))))
        #expect(answer == .done)
        #expect(bench.ledger.drafts(of: .netConnect).last?.fields["dec"] == "allow")
    }

    @Test(arguments: ["target", "field", "body", "bytes"])
    func `a value in any part of a plain request is not sent`(part: String) async throws {
        // The bytes that are not UTF-8 are there in base64, which the search decodes.
        let raw: [UInt8] = [0xff, 0x00] + Array("xyz".utf8)
        let secret = part == "bytes" ? Base64.encode(raw) : Self.secret
        let bench = try bench(.finding(secret))
        let run = try await begin(bench)
        let sent =
            switch part {
            case "target": try request("/a?b=\(Self.secret)")
            case "field": try request("/", "x-note: \(Self.secret)\r\n")
            case "body": try request(body: Array("a \(Self.secret)".utf8))
            default: try request(body: raw)
            }
        let answer = try await ask(
            bench, run, try asked("a.example.org", 80, .http), try connect(sent))
        #expect(answer == .refused(.sideChannel))
        #expect(code(bench) == "net.egress_side_channel")
        let record = try #require(bench.ledger.drafts(of: .netConnect).last)
        #expect(record.fields["dec"] == "deny")
        #expect(
            !String(decoding: record.fields.serialized(), as: UTF8.self).contains(Self.secret))
        #expect(alerts(bench, "call.blocked").count == 1)
    }

    @Test func `a canary stops the run, and the alert names it after the refusal is on record`()
        async throws
    {
        let ladder = SentSecrets()
        let bench = try bench(.finding(Self.secret, .canary), ladder)
        let run = try await begin(bench)
        let answer = try await ask(
            bench, run, try asked("a.example.org", 80, .http),
            try connect(request("/\(Self.secret)")))
        #expect(answer == .refused(.sideChannel))
        #expect(ladder.all.map(\.run) == [run] && ladder.all.allSatisfy(\.isCanary))
        let alert = try #require(alerts(bench, "call.canary").first)
        let refused = try #require(bench.ledger.drafts(of: .netConnect).last)
        #expect(alert.fields["cny"] == "decoy" && alert.fields["call"] == refused.fields["call"])
        let types = bench.ledger.drafts.map(\.type)
        let record = try #require(types.lastIndex(of: .netConnect))
        let raised = try #require(types.lastIndex(of: .alarmRaised))
        #expect(record < raised)
    }

    @Test func `a refusal that an alert names has its own record among many others`() async throws {
        let bench = try bench(.finding(Self.secret, .canary), SentSecrets())
        let run = try await begin(bench)
        let other = try asked("evil.example", 443, .tunnel)
        for _ in 0..<(RefusalRecordLimiter.most + 3) {
            _ = try await ask(bench, run, other, .decide)
        }
        let answer = try await ask(
            bench, run, try asked("a.example.org", 80, .http),
            try connect(request("/\(Self.secret)")))
        #expect(answer == .refused(.sideChannel))
        let refused = try #require(bench.ledger.drafts(of: .netConnect).last)
        #expect(refused.fields["code"] == "net.egress_side_channel")
        #expect(refused.fields["cnt"] == nil)
        let alert = try #require(alerts(bench, "call.canary").first)
        #expect(alert.fields["call"] == refused.fields["call"])
        // It does not count those that have none.
        bench.clock.advance(.seconds(2))
        _ = try await ask(bench, run, other, .decide)
        #expect(bench.ledger.drafts(of: .netConnect).last?.fields["cnt"] == 4)
    }

    @Test(arguments: [EgressAccess.tunnel, .http])
    func `a value in the labels of a host is not looked up`(_ access: EgressAccess) async throws {
        let bench = try bench(.finding(Self.secret, .brokered))
        let run = try await begin(bench)
        let (suffix, port): (String, UInt16) =
            access == .tunnel ? ("example.com", 443) : ("example.org", 80)
        // A value over several labels is found without the dots between them.
        for labels in [Self.secret, "plant.ed-va.lue"] {
            let target = try asked("\(labels).\(suffix)", port, access)
            let answer = try await ask(bench, run, target, .decide)
            #expect(answer == .refused(.sideChannel), "\(labels)")
        }
        #expect(alerts(bench, "call.brokered_value").count == 1)
        let other = try await ask(
            bench, run, try asked("other.\(suffix)", port, access), .decide)
        guard case .admitted = other else {
            Issue.record("a name without a value is looked up: \(other)")
            return
        }
    }

    @Test func `a host that the policy states is not searched`() async throws {
        let bench = try bench(.finding(Self.secret, .brokered))
        let run = try await begin(bench)
        let target = try asked("planted-value.example.net", 80, .http)
        let answer = try await ask(bench, run, target, .decide)
        guard case .admitted = answer else {
            Issue.record("the name is the policy's: \(answer)")
            return
        }
        #expect(try await ask(bench, run, target, try connect(request())) == .done)
    }

    @Test func `what cannot be searched or decoded is not sent`() async throws {
        for (answer, reason) in [
            (.failed(.late), .scanFailed), (.failed(.scanner), .scanFailed),
            (.undecodable, .undecodable),
        ] as [(ResultInspection, EgressReason)] {
            let bench = try bench(.atOnce { _ in answer })
            let run = try await begin(bench)
            let refused = try await ask(
                bench, run, try asked("a.example.org", 80, .http), try connect(request()))
            #expect(refused == .refused(reason))
            #expect(code(bench) == .string(reason.code))
            #expect(bench.ledger.drafts(of: .alarmRaised).isEmpty)
            let named = try await ask(
                bench, run, try asked("a.example.com", 443, .tunnel), .decide)
            #expect(named == .refused(reason))
        }
        let clean = try self.bench(.clean)
        let other = try await begin(clean)
        let coded = try await ask(
            clean, other, try asked("a.example.org", 80, .http),
            try connect(request("/", "content-encoding: br\r\n", body: [1])))
        #expect(coded == .refused(.undecodable))
    }

    @Test func `a supervisor that leaves the request out gets no permission`() async throws {
        let bench = try bench(.clean)
        let run = try await begin(bench)
        let target = try asked("a.example.org", 80, .http)
        #expect(try await ask(bench, run, target, try connect(nil)) == .refused(.badRequest))
        let tunnel = try asked("a.example.com", 443, .tunnel)
        let sent = try connect(request())
        #expect(try await ask(bench, run, tunnel, sent) == .refused(.badRequest))
        #expect(try await ask(bench, run, tunnel, try connect(nil)) == .done)
        // Nor by the message for addresses, which has no request.
        let address = try asked("93.184.215.14", 80, .http)
        #expect(try await ask(bench, run, address, .open) == .refused(.badRequest))
        #expect(try await ask(bench, run, address, sent) == .done)
        let message = EgressMessage(call: bench.gateway.newID(), asked: target, sent).json
        #expect(try EgressMessage(message).json == message)
        var without = try #require(message.object)
        without["request"] = nil
        #expect(throws: FormError.self) { try EgressMessage(.object(without)) }
        var broken = try #require(message.object)
        broken["request"] = ["head": "?", "body": ""]
        #expect(throws: FormError.self) { try EgressMessage(.object(broken)) }
    }

    @Test func `a halt during the search is seen`() async throws {
        let gate = Gate()
        let bench = try bench(
            StubInspector { _ in
                await gate.pass()
                return .clean
            })
        let run = try await begin(bench)
        let sandboxes = bench.sandboxes
        let message = EgressMessage(
            call: bench.gateway.newID(), asked: try asked("a.example.org", 80, .http),
            try connect(request()))
        let answer = Task { try await sandboxes.connection(message, of: run) }
        try #require(await until { gate.arrived == 1 })
        _ = try await bench.halt(.run(run), patience: .zero)
        gate.open()
        #expect(try await answer.value == .refused(.halted))
        let allowed = bench.ledger.drafts(of: .netConnect).filter { $0.fields["dec"] == "allow" }
        #expect(allowed.isEmpty)
    }

    @Test(.requirement("R085"), arguments: ["strict", "provenance"])
    func `after untrusted content, a long path and query are of the request alone`(
        _ mode: String
    ) async throws {
        let taint = ("approvers: finance\n", "approvers: finance\n    taint: {mode: \(mode)}\n")
        let bench = try bench(.clean, NoLadder(), [taint])
        let run = try await begin(bench)
        let target = try asked("a.example.org", 80, .http)
        let own = "/" + String(repeating: "a", count: 300)
        let context = RunContext(
            run: run, agent: try #require(AgentName("clerk")), subject: nil)
        bench.gateway.index(request: "Open http://a.example.org\(own) now", of: context)
        func answer(_ path: String) async throws -> EgressResponse {
            try await ask(bench, run, target, try connect(request(path)))
        }
        let other = "/" + String(repeating: "b", count: 300)
        #expect(try await answer(other) == .done)
        let read = UntrustedRead(call: bench.gateway.newID(), at: bench.clock.now.wall)
        bench.gateway.runs.tainted.add(run, read, level: .untrusted)
        #expect(try await answer(other) == .refused(.longQuery))
        #expect(try await answer("/" + String(repeating: "b", count: 255)) == .done)
        // Every byte counts if no index has the request.
        let isKnown = mode == "provenance"
        #expect(try await answer(own) == (isKnown ? .done : .refused(.longQuery)))
        #expect(try await answer(own + "?" + other) == .refused(.longQuery))
    }
}
