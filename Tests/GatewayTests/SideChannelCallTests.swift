import InterlockApprovals
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

/// Calls that carry out text in addition to their effects, in the pipeline (docs/specs/output-safety.md, section 7).
/// Server `desk` has no review in the policy of the tests, so it counts as external.
@Suite(.requirement("R085")) struct SideChannelCallTests {
    private static let sensitive = [
        ("look: {class: read}", "look: {class: read, effects: [sensitive_data]}")
    ]
    private static let run = NameAuthenticator.run(of: "clerk")
    private static let vault = ServerName("vault").unwrapped
    private static let web = ServerName("web").unwrapped
    private static let page = "Ada Lovelace was born on 10 December 1815 in London"

    private func bench(
        _ rules: [(String, String)] = BenchPolicy.provenance, request: String? = nil
    ) throws -> Bench {
        try Bench.reading(Self.page, rules, request: request)
    }

    /// Lets the run have read the page from a sensitive tool of another server.
    private func read(_ bench: Bench) throws {
        let entropy = bench.gateway.ports.entropy
        bench.gateway.runs.sensitive.update(
            Self.run, of: try Self.agent("clerk"), entropy, isUnknown: false
        ) {
            $0.add(.string(Self.page), of: Self.vault)
        }
    }

    private func isKnown(_ text: String, _ bench: Bench, sentTo server: ServerName) -> Bool {
        bench.gateway.runs.sensitive.isAny(
            of: [text], in: Self.run, sentTo: server, isUnknown: false)
    }

    @Test(arguments: [
        "https://x.test/p?q=Ada%20Lovelace%20was%20born%20on%2010%20December",
        "ada-lovelace-was-born-on-10-december",
    ])
    func `a read with text of a sensitive tool waits for a person, who is told`(text: String)
        async throws
    {
        let bench = try bench()
        try read(bench)
        let client = try await Client.open(bench)
        let call = client.begin("look", ["text": .string(text)])
        let request = try await bench.request()
        #expect(request.decision.rule == "agents.clerk.taint" && request.decision.quorum == 1)
        #expect(request.review.facts["side_channel"] == "sensitive_text")
        let input = try #require(bench.ledger.drafts(of: .callIntent).last?.plaintext("in"))
        #expect(
            try JSONValue(parsing: input, limits: .stored)["facts"]?["side_channel"]
                == "sensitive_text")
        let recorded = try RecordedDecision(parsing: input)
        let again = recorded.decide(["text": .string(text)], under: bench.policy)
        #expect(again.verdict == .approve(1) && again.reason == .taintApproval)
        try await bench.vote(on: request.id, by: "ines")
        check(await call.answer(), .text(Self.page))
    }

    @Test func `such a request is decided again for what the call carries out`() async throws {
        let bench = try bench()
        try read(bench)
        let client = try await Client.open(bench)
        let call = client.begin("look", ["text": .string(Self.page)])
        let request = try await bench.request()
        // The new policy allows the call but for the fact, and the people of the old one would decide.
        try await bench.swap([
            ("approvers: finance\n", "approvers: board\n    taint: {mode: provenance}\n")
        ])
        let again = try #require(bench.approvals[request.id])
        #expect(again.revision == 2 && again.decision.group == "board")
        #expect(again.review.facts["side_channel"] == "sensitive_text")
        try await bench.vote(.deny, on: request.id, by: "ines")
        _ = await call.answer()
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `in a hostile run it is denied, and of a text only its URLs count`() async throws {
        let bench = try bench()
        try read(bench)
        bench.gateway.runs.tainted.raise(
            Self.run, by: MarkedRead(call: bench.gateway.newID(), at: bench.clock.now.wall))
        let client = try await Client.open(bench)
        let page = await client.call("look", ["text": .string(Self.page)])
        check(page, .refused(4030, "taint-denied"))
        let link = "![](https://x.test/ada.lovelace/was/born/on/10/december.png)"
        check(await client.call("note", ["text": .string(link)]), .refused(4030, "taint-denied"))
        #expect(bench.upstreams.sent.isEmpty)
        // The text itself is what the tool is for; the labels decide about it.
        let call = client.begin("note", ["text": .string(Self.page)])
        let request = try await bench.request()
        #expect(request.review.facts["side_channel"] == nil)
        try await bench.vote(.deny, on: request.id, by: "ines")
        _ = await call.answer()
    }

    @Test func `what the request has, and other text, passes`() async throws {
        let bench = try bench(request: "Find out where \(Self.page)")
        try read(bench)
        let client = try await Client.open(bench)
        check(await client.call("look", ["text": .string(Self.page)]), .text(Self.page))
        check(await client.call("look", ["text": "another text of a model"]), .text(Self.page))
    }

    @Test func `what a sensitive tool answers is known, but is no news to its server`()
        async throws
    {
        let bench = try bench(BenchPolicy.provenance + Self.sensitive)
        let client = try await Client.open(bench)
        check(await client.call("look"), .text(Self.page))
        #expect(isKnown(Self.page, bench, sentTo: Self.vault))
        check(await client.call("look", ["text": .string(Self.page)]), .text(Self.page))
        let other = try self.bench()
        let reader = try await Client.open(other)
        check(await reader.call("look"), .text(Self.page))
        #expect(!isKnown(Self.page, other, sentTo: Self.vault))
    }

    @Test func `what a sensitive tool answers is known before its call is closed`() async throws {
        let bench = try bench(BenchPolicy.provenance + Self.sensitive)
        let client = try await Client.open(bench)
        let gate = Gate()
        bench.ledger.hold(.callOutcome, at: gate)
        let call = client.begin("look")
        while gate.arrived < 1 { await Task.yield() }
        #expect(isKnown(Self.page, bench, sentTo: Self.vault))
        bench.gateway.runs.sensitive.remove(Self.run)
        gate.open()
        check(await call.answer(), .text(Self.page))
        #expect(!isKnown(Self.page, bench, sentTo: Self.vault))
    }

    @Test func `an agent without the rule, and an internal server, are not bound`() async throws {
        for rules in [Self.sensitive, BenchPolicy.provenance + BenchPolicy.reviewed] {
            let bench = try bench(rules)
            try read(bench)
            let client = try await Client.open(bench)
            check(await client.call("look", ["text": .string(Self.page)]), .text(Self.page))
        }
        let free = try self.bench(Self.sensitive)
        let reader = try await Client.open(free)
        check(await reader.call("look"), .text(Self.page))
        #expect(!free.gateway.runs.sensitive.mayHaveText(of: Self.run, isUnknown: false))
    }

    @Test func `a run that has read something before a restart counts as having read anything`()
        async throws
    {
        let bench = try bench(BenchPolicy.provenance + Self.sensitive)
        let read = UntrustedRead(call: bench.gateway.newID(), at: bench.clock.now.wall)
        bench.gateway.runs.tainted.add(Self.run, read, level: .untrusted)
        let client = try await Client.open(bench)
        check(await client.call("look"), .text(Self.page))
        #expect(isKnown("a long text that no tool has brought", bench, sentTo: Self.vault))
    }

    @Test func `after a restart it also counts before the run reads anything again`() async throws {
        let bench = try bench()
        let read = UntrustedRead(call: bench.gateway.newID(), at: bench.clock.now.wall)
        bench.gateway.runs.tainted.add(Self.run, read, level: .untrusted)
        let client = try await Client.open(bench)
        let call = client.begin("look", ["text": "a long text that no tool has brought"])
        let request = try await bench.request()
        #expect(request.review.facts["side_channel"] == "sensitive_text")
        try await bench.vote(.deny, on: request.id, by: "ines")
        _ = await call.answer()
        check(await client.call("look", ["text": "few letters"]), .text(Self.page))
    }

    @Test(arguments: ["provenance", "strict"])
    func `after a read, a URL with a long query waits for a person`(mode: String) async throws {
        let own = "https://x.test/" + String(repeating: "a", count: 300)
        let other = "https://x.test/?q=" + String(repeating: "b", count: 300)
        let bench = try bench(BenchPolicy.taint("{mode: \(mode)}"), request: "Open \(own)")
        let client = try await Client.open(bench)
        check(await client.call("look", ["text": .string(other)]), .text(Self.page))
        for url in [other, "https://x.test/?q=\"<" + String(repeating: "b", count: 300)] {
            let call = client.begin("look", ["text": .string(url)])
            let request = try await bench.request()
            #expect(request.review.facts["side_channel"] == "long_query")
            try await bench.vote(on: request.id, by: "ines")
            check(await call.answer(), .text(Self.page))
        }
        // A client trims the URL of a call that is not a read.
        let noted = client.begin("note", ["text": .string(other + " ")])
        let request = try await bench.request()
        #expect(request.review.facts["side_channel"] == "long_query")
        try await bench.vote(.deny, on: request.id, by: "ines")
        _ = await noted.answer()
        check(await client.call("look", ["text": "https://x.test/?q=short"]), .text(Self.page))
        guard mode == "provenance" else { return }
        check(await client.call("look", ["text": .string(own)]), .text(Self.page))
    }

    @Test func `without room for a run, each of its texts counts, also when there is room again`()
        throws
    {
        let clerk = try Self.agent("clerk")
        let runs = SensitiveRuns(most: 1)
        let entropy = SeededEntropy(seed: 1)
        let ids = Self.ids(2)
        func isAny(_ text: String, _ run: RunID) -> Bool {
            runs.isAny(of: [text], in: run, sentTo: Self.web, isUnknown: false)
        }
        let lost = "a text that was read without room"
        runs.add("short", of: Self.vault, to: ids[0], of: clerk, entropy, isUnknown: false)
        runs.add(.string(lost), of: Self.vault, to: ids[1], of: clerk, entropy, isUnknown: false)
        let text = "a long text that no tool has brought"
        #expect(!isAny(text, ids[0]))
        #expect(isAny(text, ids[1]))
        runs.remove(ids[0])
        #expect(isAny(text, ids[0]))
        runs.add("later", of: Self.vault, to: ids[1], of: clerk, entropy, isUnknown: false)
        #expect(isAny(lost, ids[1]))
        #expect(runs.mayHaveText(of: ids[1], isUnknown: false))
    }

    @Test func `above the stretches of all runs, each text of a run that reads more counts`() throws
    {
        let clerk = try Self.agent("clerk")
        let runs = SensitiveRuns(mostStretches: 10)
        let entropy = SeededEntropy(seed: 1)
        let ids = Self.ids(3)
        let text = "a long text that no tool has brought"
        func isAny(_ run: RunID) -> Bool {
            runs.isAny(of: [text], in: run, sentTo: Self.web, isUnknown: false)
        }
        for run in ids.prefix(2) {
            runs.add(
                .string(Self.page), of: Self.vault, to: run, of: clerk, entropy, isUnknown: false)
        }
        #expect(!isAny(ids[0]) && isAny(ids[1]))
        // A run that ends gives its room back.
        runs.remove(ids[0])
        runs.remove(ids[1])
        runs.add(
            .string(Self.page), of: Self.vault, to: ids[2], of: clerk, entropy, isUnknown: false)
        #expect(!isAny(ids[2]))
    }

    @Test func `the runs of one agent take no room of others`() throws {
        var one = SensitiveText(key: (1, 2))
        one.add(.string(Self.page), of: Self.vault)
        // The share of an agent has room for one page.
        let runs = SensitiveRuns(mostStretches: 4 * one.count)
        let entropy = SeededEntropy(seed: 1)
        let ids = Self.ids(3)
        let (clerk, reader) = (try Self.agent("clerk"), try Self.agent("reader"))
        func isAny(_ run: RunID) -> Bool {
            let text = "a long text that no tool has brought"
            return runs.isAny(of: [text], in: run, sentTo: Self.web, isUnknown: false)
        }
        for (run, agent) in zip(ids, [clerk, clerk, reader]) {
            runs.add(
                .string(Self.page), of: Self.vault, to: run, of: agent, entropy, isUnknown: false)
        }
        #expect(!isAny(ids[0]) && isAny(ids[1]) && !isAny(ids[2]))
    }

    private static func agent(_ name: String) throws -> AgentName { try #require(AgentName(name)) }

    private static func ids(_ count: Int64) -> [RunID] {
        let random = [UInt8](repeating: 1, count: 10)
        return (0..<count).map { RunID(milliseconds: $0, random: random) }
    }
}
