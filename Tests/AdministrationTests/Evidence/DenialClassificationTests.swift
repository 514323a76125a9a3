import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The causes of denials that people state (docs/specs/trust-and-review.md, section 4).
@Suite(.requirement("R124")) struct DenialClassificationTests {
    private let bench: Bench
    private let log: LedgerLog
    private let service: DenialClassificationService
    private let eve = People.all["eve"]

    init() throws {
        bench = try Bench()
        log = LedgerLog(ledger: bench.ledger)
        service = DenialClassificationService(
            gateway: bench.gateway, log: log, looks: LogAccessLimiter(clock: bench.clock))
    }

    private func visibility(_ roles: Role..., own: String...) -> Visibility {
        Visibility(
            person: eve.person, roles: Set(roles), own: Set(own.compactMap { AgentName($0) }))
    }

    /// Records a denial, and returns its index.
    private func denied(
        _ agent: String = "clerk", code: String = "policy.forbid", level: Int64? = nil
    ) async throws -> UInt64 {
        var fields: JSONObject = ["code": .string(code), "dec": "deny", "cnt": 1]
        fields["tl"] = level.map { .integer($0) }
        let run = RunContext(
            run: RunID(milliseconds: 5, random: [UInt8](repeating: 3, count: 10)),
            agent: try #require(AgentName(agent)), subject: nil)
        return try await bench.ledger.append(
            RecordDraft(.callDenied, run: run, fields: fields)
        ).index
    }

    private func refusal(
        _ index: UInt64, _ cause: DenialCause = .agent, reason: String = "looked at it",
        by visibility: Visibility
    ) async -> ClassificationRefusal? {
        do {
            _ = try await service.classify(
                index, as: cause, reason: reason, by: eve.pseudonym, with: visibility)
            return nil
        } catch { return error }
    }

    private var stated: [JSONObject] {
        bench.ledger.drafts(of: .trustClassified).map(\.fields)
    }

    @Test func `an attack in a tainted run is on record with its denial, person and reason`()
        async throws
    {
        let denial = try await denied(level: 1)
        let answer = try await service.classify(
            denial, as: .attack, reason: "the ticket told it to", by: eve.pseudonym,
            with: visibility(.security))
        #expect(answer.cause == .attack && answer.agent.text == "clerk" && answer.policy == nil)
        let fields = try #require(stated.first)
        #expect(fields["h"]?.string == MemoryLedger.hash(ofRecord: Int(denial)).base64)
        #expect(fields["as"] == "attack")
        #expect(fields["by"]?.string == eve.pseudonym.text)
        #expect(fields["agent"] == "clerk" && fields["ofrun"] != nil && fields["pol"] == nil)
        #expect(
            bench.ledger.drafts(of: .trustClassified).first?.payloads.map(\.field) == ["reason"])
    }

    @Test func `a denial in a run that had read nothing untrusted is no attack`() async throws {
        for level in [nil, Int64(0)] {
            let denial = try await denied(level: level)
            #expect(await refusal(denial, .attack, by: visibility(.security)) == .notTainted)
        }
        #expect(stated.isEmpty)
    }

    @Test func `without the input of the decision no policy is shown to grant the call`()
        async throws
    {
        let denial = try await denied()
        #expect(await refusal(denial, .policy, by: visibility(.security)) == .noInput)
        #expect(stated.isEmpty)
    }

    @Test func `an owner states no cause, and tries it on record`() async throws {
        let denial = try await denied(level: 2)
        let owner = visibility(.security, own: "clerk")
        for cause in DenialCause.allCases {
            #expect(await refusal(denial, cause, by: owner) == .ownAgent)
        }
        #expect(stated.isEmpty)
        let alarms = bench.ledger.drafts(of: .alarmRaised).map { $0.fields["code"] }
        #expect(alarms.contains("trust.classification_refused"))
        // The person alone suffices, whatever the roster says.
        let li = People.all["li"]
        let person = Visibility(person: li.person, roles: [.security], own: [])
        #expect(await refusal(denial, .attack, by: person) == .ownAgent)
    }

    @Test func `the role security is needed, and nothing is read without it`() async throws {
        let denial = try await denied(level: 1)
        for person in [
            visibility(), visibility(.kill, .resume, .breakGlass), visibility(own: "reader"),
        ] {
            #expect(await refusal(denial, .attack, by: person) == .missing)
        }
        #expect(log.reads.count == 0)
    }

    @Test func `what is no denial that counts has no cause`() async throws {
        for code in ["policy.observe", "approval.pending", "eval.eval_missing"] {
            let denial = try await denied(code: code)
            #expect(await refusal(denial, by: visibility(.security)) == .notCounted, "\(code)")
        }
        let other = try await bench.ledger.append(
            RecordDraft(.killRefused, run: nil, fields: ["code": "x"])
        ).index
        #expect(await refusal(other, by: visibility(.security)) == .notCounted)
        #expect(await refusal(9_999, by: visibility(.security)) == .missing)
        let unknown = try await denied("stranger")
        #expect(await refusal(unknown, by: visibility(.security)) == .noOwner)
    }

    @Test(arguments: ["", " \n", String(repeating: "x", count: 501)])
    func `a reason is needed, of at most 500 characters`(_ reason: String) async throws {
        let denial = try await denied()
        #expect(await refusal(denial, reason: reason, by: visibility(.security)) == .reason)
        #expect(log.reads.count == 0)
    }

    @Test func `if the log takes no record or cannot be read, no cause counts`() async throws {
        let denial = try await denied()
        bench.ledger.refuse(.trustClassified)
        #expect(await refusal(denial, by: visibility(.security)) == .notRecorded("audit.full"))
        bench.ledger.accept()
        let broken = DenialClassificationService(
            gateway: bench.gateway,
            log: LedgerLog(ledger: bench.ledger, fault: .unreadable("the disk")),
            looks: LogAccessLimiter(clock: bench.clock))
        do {
            _ = try await broken.classify(
                denial, as: .agent, reason: "why", by: eve.pseudonym, with: visibility(.security))
            Issue.record("the log cannot be read")
        } catch { #expect(error == .notRead(.unreadable("the disk"))) }
        #expect(stated.isEmpty)
    }

    @Test func `a cause can be stated again, and taken back`() async throws {
        let denial = try await denied(level: 1)
        for cause in [DenialCause.attack, .agent, .attack] {
            #expect(await refusal(denial, cause, by: visibility(.security)) == nil)
        }
        #expect(stated.map { $0["as"]?.string } == ["attack", "agent", "attack"])
    }
}
