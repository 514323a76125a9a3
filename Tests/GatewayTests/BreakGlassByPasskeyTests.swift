import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Break-glass and its review by passkey (decision 0068). `dana` and `li` hold `break_glass`, `eve` holds `security`.
struct BreakGlassByPasskeyTests {
    private let passkeys: Passkeys
    private let bench: Bench
    private let client: Client
    private let call: Client.Call
    private let request: ApprovalRequest

    init() async throws { try await self.init(Passkeys("dana", "eve")) }

    private init(_ passkeys: Passkeys) async throws {
        self.passkeys = passkeys
        bench = try Bench(passkeys: passkeys)
        await bench.approvals.restoreBreakGlass()
        client = try await Client.open(bench)
        call = client.begin("pay", ["n": 42])
        request = try await bench.request()
    }

    private func end() async throws {
        try await bench.halt(.org)
        _ = await call.answer()
    }

    private var lowering: BreakGlassContent {
        BreakGlassContent(request: request.id, action: .lower(revision: 1, ticket: "INC-1"))
    }
    private var review: BreakGlassContent {
        BreakGlassContent(request: request.id, action: .review)
    }

    private func draft(_ content: BreakGlassContent, by name: String) throws -> OrderDraft {
        try bench.approvals.draftOrder(
            content, because: "the others are asleep", by: People.all[name].pseudonym)
    }

    private func signed(
        _ content: BreakGlassContent, by name: String, counter: UInt8 = 8,
        altered: ((inout [UInt8]) -> Void) = { _ in }
    ) throws -> Envelope {
        let draft = try draft(content, by: name)
        var payload = draft.payload
        altered(&payload)
        return Envelope(
            payloadType: draft.payloadType, payload: payload,
            signatures: [
                .passkey(
                    try PasskeyAssertion(
                        credential: Passkeys.id(of: name), authenticatorData: [counter],
                        clientDataJSON: draft.challenge, signature: Array(name.utf8)))
            ])
    }

    private func refusal(_ body: () async throws -> Void) async -> BreakGlassRefusal? {
        await thrown(body)
    }

    @Test func `a passkey lowers, another person's reviews, and each record has its key`()
        async throws
    {
        let order = try signed(lowering, by: "dana")
        #expect(try await bench.approvals.breakGlass(order) == 2)
        #expect(passkeys.counter(of: "dana") == 8)
        try await bench.vote(on: request.id, by: "dana")
        check(await call.answer(), .text("done"))
        let own = await refusal { _ = try draft(review, by: "dana") }
        #expect(own == .ownReview)
        try await bench.approvals.review(try signed(review, by: "eve"))
        let use = try #require(bench.approvals.breakGlass?.uses.first)
        #expect(use.review?.by == People.all["eve"].pseudonym)
        for type in [RecordType.approvalBreakGlass, .approvalReviewed] {
            let record = try #require(bench.ledger.drafts(of: type).last)
            let order = try #require(record.plaintext("order"))
            let evidence = try JSONValue(parsing: order, limits: .upstream)
            #expect(evidence["signatures"]?.array?.first?["key"]?.string != nil)
        }
    }

    @Test func `an order that differs from its draft is refused, and lowers nothing`() async throws
    {
        let altered = try signed(lowering, by: "dana") { payload in
            let text = String(decoding: payload, as: UTF8.self)
            payload = Array(text.replacing("INC-1", with: "INC-2").utf8)
        }
        let refused = await refusal { _ = try await bench.approvals.breakGlass(altered) }
        #expect(refused == .order(.badAssertion(.wrongChallenge)))
        #expect(bench.approvals[request.id]?.decision.quorum == 2)
        try await end()
    }

    @Test func `sent again it suspends no passkey; a lower counter does`() async throws {
        let order = try signed(lowering, by: "dana")
        _ = try await bench.approvals.breakGlass(order)
        let again = await refusal { _ = try await bench.approvals.breakGlass(order) }
        #expect(again != nil && passkeys.suspended.isEmpty)
        let copy = try signed(review, by: "eve", counter: 7)
        let refused = await refusal { try await bench.approvals.review(copy) }
        #expect(refused == .order(.copiedPasskey(Passkeys.id(of: "eve"))))
        #expect(passkeys.suspended == [Passkeys.id(of: "eve")])
        #expect(bench.alarmed.contains("passkey.counter_went_back"))
        try await end()
    }

    @Test func `a counter that cannot be stored lowers nothing`() async throws {
        let order = try signed(lowering, by: "dana")
        passkeys.fail()
        let refused = await refusal { _ = try await bench.approvals.breakGlass(order) }
        #expect(refused == .order(.notRecorded("store")))
        #expect(bench.ledger.drafts(of: .approvalBreakGlass).isEmpty)
        try await end()
    }

    @Test func `a passkey of less than a day signs neither`() async throws {
        let new = try await Self(Passkeys("dana", isFounding: false))
        let early = await new.refusal { _ = try new.draft(new.lowering, by: "dana") }
        guard case .tooNew = early else { throw Unexpected() }
        // The key of the same person has no such wait.
        let byKey = try People.all.breakGlass(
            new.request.id, new.lowering.action, by: "dana", at: new.bench.clock.now.wall)
        #expect(try await new.bench.approvals.breakGlass(byKey) == 2)
        try await new.end()
        try await end()
    }

    @Test func `who may not use it gets no draft`() async throws {
        let role = await refusal { _ = try draft(lowering, by: "eve") }
        #expect(role == .order(.missingRole(.breakGlass)))
        let unused = await refusal { _ = try draft(review, by: "eve") }
        #expect(unused == .noUse)
        let changed = BreakGlassContent(
            request: request.id, action: .lower(revision: 2, ticket: "INC-1"))
        let stale = await refusal { _ = try draft(changed, by: "dana") }
        #expect(stale == .request(.revisionChanged))
        try await end()
    }

    private struct Unexpected: Error {}
}
