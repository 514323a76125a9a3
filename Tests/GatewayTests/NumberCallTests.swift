import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Numbers of cards, accounts and people in calls (docs/specs/output-safety.md, section 4).
@Suite(.requirement("R082")) struct NumberCallTests {
    private static let number = "canary-value"

    private func bench(
        _ policy: [(String, String)] = [], _ secretClass: SecretClass = .card,
        inspector: StubInspector? = nil
    ) throws -> Bench {
        try Bench(
            policy: policy, results: inspector ?? .finding(Self.number, secretClass)
        ) { $0.resultSearchLimit = .seconds(30) }
    }

    private static func entry(_ stated: String, of tool: String = "look") -> [(String, String)] {
        [("\(tool): {class: read}", "\(tool): {class: read, \(stated)}")]
    }

    private static func safety(_ stated: String) -> [(String, String)] {
        [("forbid:\n", "safety: {\(stated)}\nforbid:\n")]
    }

    private static func waiver(until: String) -> [(String, String)] {
        safety(
            "waivers: [{tool: desk.look, argument: text, class: token, owner: li@acme.example, "
                + "until: \"\(until)\", reason: the vault stores it}]")
    }

    private func look(_ bench: Bench, _ arguments: JSONObject = [:]) async throws -> FakeExchange {
        let client = try await Client.open(bench)
        return await client.call("look", arguments)
    }

    private func text(_ exchange: FakeExchange) -> String {
        String(decoding: exchange.now.response?.body ?? [], as: UTF8.self)
            + exchange.now.events.map { String(decoding: $0, as: UTF8.self) }.joined()
    }

    private func outcome(_ bench: Bench) throws -> RecordDraft {
        try #require(bench.ledger.drafts(of: .callOutcome).last)
    }

    private func mark(_ shown: String) -> Bool { shown.contains("[redacted:canary-rule:") }

    // MARK: Arguments

    @Test(arguments: [SecretClass.card, .iban, .nationalID])
    func `a number denies the call, with its class and place and without its value`(
        _ secretClass: SecretClass
    ) async throws {
        let bench = try bench([], secretClass)
        let client = try await Client.open(bench)
        let exchange = await client.call("look", ["text": .string("a \(Self.number)")])
        check(exchange, .refused(4030, "pii-in-arguments"))
        #expect(text(exchange).contains("(\(secretClass.rawValue) at /text)"))
        #expect(!text(exchange).contains(Self.number) && bench.upstreams.sent.isEmpty)
        let record = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(record.fields["code"] == "safety.pii_in_arguments")
        #expect(record.fields["find"]?.object?.count == 1 && record.fields["scan"] != nil)
        let input = try #require(record.plaintext("in"))
        #expect(String(decoding: input, as: UTF8.self).contains("\"classes\":["))
        let recorded = try RecordedDecision(parsing: input)
        let again = recorded.decide(["text": .string(Self.number)], under: bench.policy)
        #expect(again.verdict == .deny && again.reason == .piiInArguments)
        let alarms = bench.ledger.drafts(of: .alarmRaised).filter {
            $0.fields["code"] == "call.blocked"
        }
        #expect(alarms.count == 1)
    }

    @Test func `people are not asked about a call with a number`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        check(
            await client.call("pay", ["text": .string(Self.number)]),
            .refused(4030, "pii-in-arguments"))
        #expect(bench.ledger.drafts(of: .callIntent).isEmpty)
    }

    @Test func `a tool takes the class that its entry accepts, where it accepts it`() async throws {
        let bench = try bench(Self.entry("accepts: {card: [text]}"))
        bench.upstreams.answer { _ in .text("done") }
        let client = try await Client.open(bench)
        check(await client.call("look", ["text": .string(Self.number)]), .text("done"))
        let intent = try #require(bench.ledger.drafts(of: .callIntent).last)
        #expect(intent.fields["find"] == ["card": 1])
        // Another class, and another argument.
        let other = try self.bench(Self.entry("accepts: {iban: [text], card: [n]}"))
        let stranger = try await Client.open(other)
        check(
            await stranger.call("look", ["text": .string(Self.number)]),
            .refused(4030, "pii-in-arguments"))
    }

    @Test func `a waiver lets a tool take a token until its day, and never a canary`() async throws
    {
        let bench = try bench(Self.waiver(until: "2027-01-31"), .token)
        bench.upstreams.answer { _ in .text("done") }
        let client = try await Client.open(bench)
        check(await client.call("look", ["text": .string(Self.number)]), .text("done"))
        let ended = try self.bench(Self.waiver(until: "2025-01-31"), .token)
        check(
            try await look(ended, ["text": .string(Self.number)]),
            .refused(4030, "secret-in-arguments"))
        for secretClass in [SecretClass.canary, .brokered, .privateKey] {
            let other = try self.bench(Self.waiver(until: "2027-01-31"), secretClass)
            let exchange = try await look(other, ["text": .string(Self.number)])
            #expect(other.upstreams.sent.isEmpty, "\(secretClass): \(text(exchange))")
        }
    }

    @Test func `a token beside an accepted number denies the call`() async throws {
        let inspector = StubInspector.atOnce { texts in
            guard let rule = RuleID("canary-rule"),
                let index = texts.firstIndex(where: { $0.contains(Self.number) })
            else { return .clean }
            return .found(
                [SecretClass.card, .token].map {
                    ResultFinding(
                        rule: rule, secretClass: $0, extent: .part(text: index, bytes: 0..<6))
                })
        }
        let bench = try bench(Self.entry("accepts: {card: [text]}"), inspector: inspector)
        let exchange = try await look(bench, ["text": .string(Self.number)])
        check(exchange, .refused(4030, "secret-in-arguments"))
        #expect(text(exchange).contains("(token at /text)"))
    }

    @Test func `a class that is marked denies a call if the policy raises it`() async throws {
        let marking = StubInspector.marking(Self.number)
        let raised = try bench(
            Self.safety("classes: {personal: {arguments: deny}}"), inspector: marking)
        let exchange = try await look(raised, ["text": .string(Self.number)])
        check(exchange, .refused(4030, "pii-in-arguments"))
        #expect(text(exchange).contains("(personal)"))
        let plain = try bench(inspector: marking)
        plain.upstreams.answer { _ in .text("done") }
        check(
            try await look(plain, ["text": .string(Self.number)]),
            .text("done"))
    }

    // MARK: Results

    @Test func `a number in a result is replaced`() async throws {
        let bench = try bench()
        bench.upstreams.answer { _ in .text("to \(Self.number) now") }
        let shown = text(try await look(bench))
        #expect(mark(shown) && !shown.contains(Self.number))
        #expect(try outcome(bench).fields["find"] == ["card": 1])
    }

    private static let structured: JSONValue = [
        "payee": ["account": .string(number)], "note": .string("for \(number)"),
    ]

    @Test func `a field that the tool returns is given, wherever the result repeats it`()
        async throws
    {
        let bench = try bench(Self.entry("returns: {card: [payee.account]}"))
        bench.upstreams.answer { _ in
            .text("pay \(Self.number)", ["structuredContent": Self.structured])
        }
        let shown = text(try await look(bench))
        #expect(shown.contains("pay \(Self.number)") && !mark(shown))
        #expect(try outcome(bench).fields["find"] == ["card": 3])
        // A field of another name, and another class.
        for stated in ["returns: {card: [payer]}", "returns: {iban: [payee.account]}"] {
            let other = try self.bench(Self.entry(stated))
            other.upstreams.answer { _ in
                .text("pay", ["structuredContent": Self.structured])
            }
            let replaced = text(try await look(other))
            #expect(mark(replaced) && !replaced.contains(Self.number), "\(stated)")
        }
    }

    /// A search has such a number in two spellings, and the texts of the result can have a third.
    @Test func `a returned field may have a number in any spelling`() async throws {
        let digits = "4539788403" + "885421"
        for spelled in ["4.539788403885421e15", "4539788403885421.0", digits] {
            let field = try JSONValue(parsing: Array(spelled.utf8), limits: .upstream)
            let bench = try bench(
                Self.entry("returns: {card: [payee.account]}"), inspector: .finding(digits, .card))
            bench.upstreams.answer { _ in
                .text("pay \(digits)", ["structuredContent": ["payee": ["account": field]]])
            }
            let shown = text(try await look(bench))
            #expect(shown.contains("pay \(digits)") && !mark(shown), "\(spelled)")
        }
    }

    @Test func `texts that are no JSON are returned as content`() async throws {
        let bench = try bench(Self.entry("returns: {card: [content]}"))
        bench.upstreams.answer { _ in .text("2 of \(Self.number)") }
        check(try await look(bench), .text("2 of \(Self.number)"))
        // A token there is no number.
        let token = try self.bench(Self.entry("returns: {card: [content]}"), .token)
        token.upstreams.answer { _ in .text("2 of \(Self.number)") }
        let replaced = text(try await look(token))
        #expect(mark(replaced))
    }

    @Test(arguments: [("payee.account, note", false), ("payee, note", true)])
    func `a field that obligations keep by name is given`(
        _ keep: String, _ isReplaced: Bool
    ) async throws {
        let bench = try bench(
            [
                (
                    "approvers: finance\n",
                    "approvers: finance\n    data: {desk.look: {keep: [\(keep)]}}\n"
                )
            ])
        let structured: JSONValue = ["payee": ["account": .string(Self.number)], "note": "plain"]
        bench.upstreams.answer { _ in
            .text(
                String(decoding: structured.serialized(), as: UTF8.self),
                ["structuredContent": structured])
        }
        let shown = text(try await look(bench))
        #expect(mark(shown) == isReplaced && shown.contains(Self.number) == !isReplaced)
    }

    @Test func `a class that is marked is replaced if the policy raises it`() async throws {
        let rule = try #require(RuleID("e-mail-address"))
        let marking = StubInspector.atOnce { texts in
            guard let index = texts.firstIndex(where: { $0.contains(Self.number) }) else {
                return .clean
            }
            let place = ResultFinding(
                rule: rule, secretClass: .personal, extent: .part(text: index, bytes: 0..<6))
            return .marked(MarkedValues([.personal: 1], places: [place]))
        }
        let raised = try bench(
            Self.safety("classes: {personal: {results: replace}}"), inspector: marking)
        raised.upstreams.answer { _ in .text(Self.number) }
        let shown = text(try await look(raised))
        #expect(shown.contains("[redacted:e-mail-address:") && !shown.contains(Self.number))
        // A mark whose place is not known takes the whole result.
        let unknown = try bench(
            Self.safety("classes: {personal: {results: replace}}"),
            inspector: .marking(Self.number))
        unknown.upstreams.answer { _ in .text(Self.number) }
        check(
            try await look(unknown), .refused(5020, "result-withheld"))
    }
}
