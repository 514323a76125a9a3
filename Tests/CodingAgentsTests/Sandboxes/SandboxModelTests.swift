import InterlockEgress
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockSandboxes

/// The requests of sandboxed runs to models at the gateway (docs/specs/sandbox.md, sections 7 and 12).
@Suite struct SandboxModelTests {
    private static func sandbox(_ url: String) -> (String, String) {
        (
            "tier: medium",
            "tier: medium\n    sandbox: {models: [{name: main, upstream: \"\(url)\", "
                + "key: \"files:models\"}]}"
        )
    }
    private static let url = "https://models.example.com/v1"
    private static let hash = Digest(words: (5, 6, 7, 8))

    private func begin(_ bench: Bench) async throws -> RunID {
        try await bench.sandboxes.begin(try bench.networkedRun()).run
    }

    private func asked(
        _ host: String = "models.example.com", port: UInt16 = 443, name: String = "main",
        isSecure: Bool = true
    ) throws -> EgressDestination {
        EgressDestination(
            try #require(EgressTarget(try EgressHost(host), port: port)), .model,
            model: ModelDestination(name: name, isSecure: isSecure))
    }

    private var connect: EgressMessage.Content {
        .connect(
            [IPAddress(bytes: [93, 184, 215, 14])].compactMap(\.self), hasEncryptedHello: false,
            content: .prompt(ModelPrompt(digest: Self.hash, size: 40, model: ModelID("m-1"))))
    }

    private var end: EgressEnd {
        var statement = ModelStatement()
        statement.model = ModelID("m-1-2026")
        statement.usage.input = 7
        statement.usage.output = 3
        statement.usage.cacheRead = 2
        return EgressEnd(
            kind: .finished, errno: 0, sent: 40, received: 90, milliseconds: 5,
            answer: ModelAnswer(status: 200, digest: Self.hash, statement: statement))
    }

    @Test(.requirement("R094", "R092"))
    func `the context of a request is on record before it, and the tokens after it`() async throws {
        let bench = try Bench(policy: [Self.sandbox(Self.url)])
        let run = try await begin(bench)
        let call: CallID = bench.gateway.newID()
        let target = try asked()
        let first = try await bench.sandboxes.connection(
            EgressMessage(call: call, asked: target, .decide), of: run)
        guard case .admitted(let rule) = first else {
            Issue.record("the entry admits it")
            return
        }
        #expect(!rule.allowsPrivate && bench.ledger.drafts(of: .netConnect).isEmpty)
        let permitted = try await bench.sandboxes.connection(
            EgressMessage(call: call, asked: target, connect), of: run)
        #expect(permitted == .done)
        let record = try #require(bench.ledger.drafts(of: .netConnect).last)
        #expect(record.fields["dec"] == "allow" && record.fields["acc"] == "model")
        #expect(record.fields["rule"] == "model main" && record.fields["model"] == "m-1")
        #expect(record.fields["h"] == .string(Self.hash.base64) && record.fields["size"] == 40)
        #expect(record.payloads.map(\.field) == ["dst"])
        _ = try await bench.sandboxes.connection(
            EgressMessage(call: call, asked: target, .closed(end)), of: run)
        let close = try #require(bench.ledger.drafts(of: .netClose).last)
        #expect(close.fields["status"] == 200 && close.fields["model"] == "m-1-2026")
        #expect(close.fields["tin"] == 7 && close.fields["tout"] == 3)
        #expect(close.fields["tcr"] == 2 && close.fields["tcw"] == nil)
        #expect(close.fields["h"] == .string(Self.hash.base64))
    }

    @Test(.requirement("R077"))
    func `a provider that no entry has is refused`() async throws {
        let bench = try Bench(policy: [Self.sandbox(Self.url)])
        let run = try await begin(bench)
        for target in [
            try asked("other.example.com"), try asked(port: 8443), try asked(name: "other"),
            try asked(isSecure: false),
        ] {
            for content in [EgressMessage.Content.decide, connect] {
                let answer = try await bench.sandboxes.connection(
                    EgressMessage(call: bench.gateway.newID(), asked: target, content), of: run)
                #expect(answer == .refused(.noRule))
            }
            let record = try #require(bench.ledger.drafts(of: .netConnect).last)
            #expect(record.fields["code"] == "net.no_rule" && record.fields["h"] == nil)
        }
        // The entry is for its route alone.
        let direct = EgressDestination(
            try #require(EgressTarget(try EgressHost("models.example.com"), port: 443)), .tunnel)
        let answer = try await bench.sandboxes.connection(
            EgressMessage(call: bench.gateway.newID(), asked: direct, .decide), of: run)
        #expect(answer == .refused(.noRule))
    }

    @Test(.requirement("R029"))
    func `a reload that moves or removes a provider, and a halt, end its use`() async throws {
        let bench = try Bench(policy: [Self.sandbox(Self.url)])
        let run = try await begin(bench)
        let old = try asked()
        func answer() async throws -> EgressResponse {
            try await bench.sandboxes.connection(
                EgressMessage(call: bench.gateway.newID(), asked: old, connect), of: run)
        }
        #expect(try await answer() == .done)
        try await bench.swap([Self.sandbox("https://new.example.com")])
        #expect(try await answer() == .refused(.noRule))
        // Another path at the same address is the supervisor's, which began with its own.
        try await bench.swap([Self.sandbox("https://models.example.com/v2")])
        #expect(try await answer() == .done)
        _ = try await bench.halt(.run(run), patience: .zero)
        #expect(try await answer() == .refused(.halted))
    }

    @Test func `messages about models have one form`() throws {
        let bench = try Bench(policy: [Self.sandbox(Self.url)])
        let call: CallID = bench.gateway.newID()
        let target = try asked()
        for content in [.decide, connect, .refused(.halted), .closed(end)]
            as [EgressMessage.Content]
        {
            let sent = EgressMessage(call: call, asked: target, content)
            #expect(try EgressMessage(sent.json) == sent)
        }
        let good = EgressMessage(call: call, asked: target, connect).json
        for (name, value) in [
            ("model", nil), ("prompt", nil), ("access", "tunnel"),
            ("request", ["head": "", "body": ""]), ("model", ["name": "main"]),
            ("model", ["name": "main", "tls": true, "x": 1]),
            ("prompt", ["hash": "x", "size": 1]),
            ("prompt", ["hash": .string(Self.hash.base64), "size": -1]),
            ("prompt", ["hash": .string(Self.hash.base64), "size": 1, "model": "a b"]),
        ] as [(String, JSONValue?)] {
            var object = try #require(good.object)
            object[name] = value
            let message = JSONValue.object(object)
            #expect(throws: FormError.self) { try EgressMessage(message) }
        }
        for (name, value) in [("status", 99), ("in", -1), ("model", ""), ("hash", "")]
            as [(String, JSONValue)]
        {
            var object = try #require(
                EgressMessage(call: call, asked: target, .closed(end)).json.object)
            var answer = try #require(object["answer"]?.object)
            answer[name] = value
            object["answer"] = .object(answer)
            let message = JSONValue.object(object)
            #expect(throws: FormError.self) { try EgressMessage(message) }
        }
    }
}
