import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Review templates in the pipeline: the content that people see, the reads made for it, and the values that must be
/// unchanged when the call is sent (docs/specs/approvals.md, sections 5 and 7).
@Suite struct `Templates of reviews` {
    static let words = """
        desk.pay:
          target: "account {args.text}"
          quantity: {value: args.n, unit: cents}
          reversible: "no; ask the bank"
        """
    static let reading =
        words + """

              preview: {tool: desk.look, args: {text: "{args.text}"}, show: [owner]}
              preconditions: [balance]
            """
    static let arguments: JSONObject = ["text": "PT50", "n": 42]

    /// A bank whose balance a test changes; `bench.upstreams` counts the uses of `pay`.
    final class Bank: Sendable {
        let balance = Mutex<JSONValue>(["balance": 100, "owner": "ana"])
        var says: JSONValue {
            get { balance.withLock { $0 } }
            set { balance.withLock { $0 = newValue } }
        }

        init(_ bench: Bench) {
            bench.upstreams.answer { call in
                guard call.request.routingName == "look" else { return .done }
                let says = self.says
                guard case .object = says else { return .text("no", ["isError": true]) }
                return .text(String(decoding: says.serialized(), as: UTF8.self))
            }
        }
    }

    static func bench(
        _ templates: String = reading, _ policy: [(String, String)] = []
    ) throws -> (Bench, Bank) {
        let bench = try Bench(policy: policy, templates: templates)
        return (bench, Bank(bench))
    }

    static func paid(_ bench: Bench) -> Int {
        bench.upstreams.calls.count { $0.request.routingName == "pay" }
    }

    @Test func `what the template says and what was read is part of what people sign`()
        async throws
    {
        let (bench, _) = try Self.bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay", Self.arguments)
        let request = try await bench.request()
        let facts = request.review.facts
        #expect(facts["target"] == "account PT50" && facts["quantity"] == "42 cents")
        #expect(facts["reversible"] == "no; ask the bank" && facts["leaves_to"] == nil)
        #expect(facts["preview"]?["shows"] == ["owner": "ana"])
        #expect(facts["preconditions"] == ["balance": 100])
        let address = request.review.call.address
        #expect(request.review.template == bench.policy.templates[address]?.digest)
        #expect(request.review.json["template"]?.string?.hasPrefix("sha256:") == true)
        // The preview is a call of its own, made before any approver is asked.
        #expect(
            bench.types.suffix(4) == [.callIntent, .callIntent, .callOutcome, .approvalRequested])
        let read = try #require(
            bench.ledger.drafts(of: .callOutcome).last?.fields["call"]?.string)
        #expect(facts["preview"]?["call"] == .string("dec_" + read))
        try await bench.vote(on: request.id, by: "paul")
        try await bench.vote(on: request.id, by: "rui")
        check(await call.answer(), .text("done"))
        #expect(Self.paid(bench) == 1)
    }

    @Test func `a value that has changed voids the grant`() async throws {
        let (bench, bank) = try Self.bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("pay", Self.arguments, to: client, by: "paul", "rui")
        bank.says = ["balance": 99, "owner": "ana"]
        check(
            await client.call("pay", Self.arguments), .refused(4031, "precondition-changed"))
        #expect(bench.approvals[id]?.cause == .preconditionChanged)
        #expect(
            bench.ledger.drafts(of: .approvalVoid).last?.fields["code"]
                == "approval.precondition_changed")
        #expect(Self.paid(bench) == 0)
    }

    @Test(arguments: [#""100""#, "100.5", #"{"a":100}"#, "[100]", "null", "true"])
    func `another kind is another value`(_ balance: String) async throws {
        let says = try JSONValue(
            parsing: Array(#"{"balance":\#(balance),"owner":"ana"}"#.utf8), limits: .upstream)
        let (bench, bank) = try Self.bench()
        let client = try await Client.open(bench)
        _ = try await bench.grant("pay", Self.arguments, to: client, by: "paul", "rui")
        bank.says = says
        check(
            await client.call("pay", Self.arguments), .refused(4031, "precondition-changed"))
        #expect(Self.paid(bench) == 0)
    }

    @Test func `what is only shown may change`() async throws {
        let (bench, bank) = try Self.bench()
        let client = try await Client.open(bench)
        _ = try await bench.grant("pay", Self.arguments, to: client, by: "paul", "rui")
        bank.says = ["balance": 100, "owner": "eva"]
        check(await client.call("pay", Self.arguments), .text("done"))
        #expect(Self.paid(bench) == 1)
    }

    @Test func `what cannot be read again is not sent, and the grant stays for a repeat`()
        async throws
    {
        let (bench, bank) = try Self.bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("pay", Self.arguments, to: client, by: "paul", "rui")
        bank.says = .null
        check(await client.call("pay", Self.arguments), .refused(4030, "no-preview"))
        #expect(bench.approvals[id]?.state == .approved && Self.paid(bench) == 0)
        bank.says = ["balance": 100, "owner": "ana"]
        check(await client.call("pay", Self.arguments), .text("done"))
        #expect(Self.paid(bench) == 1)
    }

    @Test(
        arguments: [
            .null, ["owner": "ana"],
            [
                "balance": 1,
                "owner": .string(String(repeating: "a", count: PreviewReading.largest)),
            ],
        ] as [JSONValue])
    func `a precondition that cannot be read asks nobody`(_ says: JSONValue) async throws {
        let (bench, bank) = try Self.bench()
        bank.says = says
        let client = try await Client.open(bench)
        check(await client.call("pay", Self.arguments), .refused(4030, "no-preview"))
        #expect(bench.approvals.live.isEmpty && Self.paid(bench) == 0)
        #expect(bench.ledger.drafts(of: .approvalRequested).isEmpty)
    }

    @Test func `a preview alone that fails is said on the page`() async throws {
        let (bench, bank) = try Self.bench(
            Self.reading.replacing("preconditions: [balance]", with: "repeat: 1"))
        bank.says = .null
        let client = try await Client.open(bench)
        let call = client.begin("pay", Self.arguments)
        let request = try await bench.request()
        #expect(
            request.review.facts["preview"] == ["tool": "desk.look", "failed": "failed"])
        try await bench.vote(.deny, on: request.id, by: "paul")
        check(await call.answer(), .refused(4031, "denied"))
    }

    @Test func `what the agent may not read is not read for it`() async throws {
        let (bench, _) = try Self.bench(
            Self.reading, [("desk: [look, report, {tool: audit", "desk: [report, {tool: audit")])
        let client = try await Client.open(bench)
        check(await client.call("pay", Self.arguments), .refused(4030, "no-preview"))
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `a read that people would have to decide is none`() async throws {
        let (bench, _) = try Self.bench(
            Self.reading,
            [("approvers: finance\n", "approvers: finance\n    approval_required: [desk.look]\n")])
        let client = try await Client.open(bench)
        check(await client.call("pay", Self.arguments), .refused(4030, "no-preview"))
        #expect(bench.approvals.live.isEmpty && bench.upstreams.sent.isEmpty)
    }

    @Test func `a call that cannot be shown in full asks nobody`() async throws {
        let (bench, _) = try Self.bench()
        let client = try await Client.open(bench)
        check(await client.call("pay", ["n": 1]), .refused(4030, "not-shown"))
        #expect(bench.approvals.live.isEmpty && bench.upstreams.sent.isEmpty)
    }

    @Test func `a repeat that joins reads nothing again`() async throws {
        let (bench, _) = try Self.bench()
        let client = try await Client.open(bench)
        let first = client.begin("pay", Self.arguments)
        let id = try await bench.request().id
        #expect(await until { bench.waiting == 1 })
        let second = client.begin("pay", Self.arguments)
        #expect(await until { bench.waiting == 2 })
        #expect(bench.upstreams.sent.count == 1)
        try await bench.vote(.deny, on: id, by: "paul")
        check(await first.answer(), .refused(4031, "denied"))
        check(await second.answer(), .refused(4031, "denied"))
    }

    // MARK: Reloads

    @Test func `other words show a waiting request anew and take an unused grant`() async throws {
        let (bench, _) = try Self.bench(Self.words)
        let client = try await Client.open(bench)
        let granted = try await bench.grant("pay", Self.arguments, to: client, by: "paul", "rui")
        let call = client.begin("pay", ["text": "DE89", "n": 1])
        let waiting = try await bench.request().id
        try await bench.vote(on: waiting, by: "paul")
        try await bench.swap([], templates: Self.words.replacing("account", with: "IBAN"))
        let shown = try #require(bench.approvals[waiting])
        #expect(shown.revision == 2 && shown.votes.isEmpty)
        #expect(shown.review.facts["target"] == "IBAN DE89")
        #expect(bench.approvals[granted]?.cause == .policyChanged)
        try await bench.vote(on: waiting, by: "paul")
        try await bench.vote(on: waiting, by: "rui")
        check(await call.answer(), .text("done"))
    }

    @Test func `a template that is gone, or reads from now on, ends what waits`() async throws {
        for templates in [Self.words, nil] {
            let (bench, _) = try Self.bench()
            let client = try await Client.open(bench)
            let call = client.begin("pay", Self.arguments)
            let id = try await bench.request().id
            try await bench.swap([], templates: templates)
            #expect(bench.approvals[id]?.cause == .policyChanged)
            check(await call.answer(), .refused(4031, "void"))
        }
    }

    @Test func `a reload at the worst moment is noticed before the call is sent`() async throws {
        let (bench, _) = try Self.bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("pay", Self.arguments, to: client, by: "paul", "rui")
        try bench.swapUnseen([], templates: Self.words)
        check(await client.call("pay", Self.arguments), .refused(4030, "template"))
        #expect(bench.approvals[id]?.cause == .policyChanged && Self.paid(bench) == 0)
    }

    @Test func `the same templates again change nothing`() async throws {
        let (bench, _) = try Self.bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("pay", Self.arguments, to: client, by: "paul", "rui")
        try await bench.swap([("purpose: Reads", "purpose: Reads all")], templates: Self.reading)
        #expect(bench.approvals[id]?.state == .approved)
        check(await client.call("pay", Self.arguments), .text("done"))
    }
}
