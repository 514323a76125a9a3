import InterlockAlerts
import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Denying a request by a link in a mail (docs/specs/approvals.md, section 8).
@Suite struct DenialLinkServiceTests {
    private let store = MemoryNotices()

    private func service(_ bench: Bench) -> DenialLinkService {
        DenialLinkService(
            approvals: bench.approvals, store: store, clock: bench.clock,
            hashing: OpenSSLHashing(), code: { hmacSHA256(key: [1, 2, 3], $0) })
    }

    private func token(
        _ service: DenialLinkService, _ id: ApprovalID, _ to: String = "paul@acme.example"
    ) async throws -> DenialToken {
        let recipient = try #require(MailAddress(to))
        return try #require(try await service.token(for: id, to: recipient))
    }

    @Test func `a link denies once, in the name of its person, and the store has no token`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay", ["n": 42])
        let id = try await bench.request().id
        let service = service(bench)
        let token = try await token(service, id)
        #expect(try await self.token(service, id) == token, "a mail tried again has the same link")
        #expect(store.hashes == [token.hash(OpenSSLHashing())])

        for _ in 0..<5 { #expect(try await service.request(of: token)?.request.id == id) }
        #expect(bench.approvals[id]?.state == .pending, "looking changes nothing")

        try await service.deny(token)
        check(await call.answer(), .refused(4031, "denied"))
        let record = try #require(bench.ledger.drafts(of: .approvalDenied).last)
        #expect(record.fields["via"] == "mail")
        #expect(record.fields["by"] == .string(People.all["paul"].pseudonym.text))
        #expect(record.payloads.isEmpty)
        await #expect(throws: ApprovalRefusal.noSuchRequest) { try await service.deny(token) }
        #expect(bench.ledger.drafts(of: .approvalDenied).count == 1)
        #expect(bench.store[id]?.state == "denied")
    }

    @Test func `a token is for one request and one person`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let first = client.begin("pay", ["n": 1])
        let one = try await bench.request().id
        let service = service(bench)
        let token = try await token(service, one)
        #expect(try await self.token(service, one, "rui@acme.example") != token)
        let stranger = try #require(MailAddress("kim@acme.example"))
        #expect(try await service.token(for: one, to: stranger) == nil)
        try await service.deny(token)
        check(await first.answer(), .refused(4031, "denied"))

        let second = client.begin("pay", ["n": 2])
        let two = try await bench.request().id
        await #expect(throws: ApprovalRefusal.noSuchRequest) { try await service.deny(token) }
        let made = DenialToken(code: Array(repeating: 0, count: 32))
        await #expect(throws: ApprovalRefusal.noSuchRequest) { try await service.deny(made) }
        #expect(bench.approvals[two]?.state == .pending)
        try await service.deny(self.token(service, two))
        check(await second.answer(), .refused(4031, "denied"))
    }

    @Test func `who may vote no more denies nothing`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("note", ["text": "x"])
        let id = try await bench.request().id
        let service = service(bench)
        let token = try await token(service, id)
        _ = await bench.approvals.change(id, .leave(People.all["paul"].pseudonym))
        await #expect(throws: ApprovalRefusal.noSuchRequest) { try await service.deny(token) }
        #expect(bench.approvals[id]?.state == .pending)
        try await bench.vote(.deny, on: id, by: "ines")
        check(await call.answer(), .refused(4031, "denied"))
    }

    @Test func `what cannot be kept or recorded denies nothing, and the link still counts`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay", ["n": 42])
        let id = try await bench.request().id
        let service = service(bench)
        let token = try await token(service, id)
        store.fail(true)
        await #expect(throws: ApprovalRefusal.notRecorded("store")) {
            try await service.deny(token)
        }
        store.fail(false)
        #expect(bench.approvals[id]?.state == .pending)
        try await service.deny(token)
        check(await call.answer(), .refused(4031, "denied"))
    }

    @Test func `an unused approval is taken back`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("note", [:], to: client, by: "ines")
        let service = service(bench)
        try await service.deny(token(service, id))
        #expect(bench.store[id]?.state == "void")
        let record = try #require(bench.ledger.drafts(of: .approvalVoid).last)
        #expect(record.fields["code"] == "approval.revoked" && record.fields["via"] == "mail")
        #expect(record.payloads.isEmpty)
    }
}
