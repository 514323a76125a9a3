import InterlockAlerts
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockIncidents
@testable import InterlockTrust
@testable import InterlockTrustStages

/// Incidents that people or the gateway open (docs/specs/trust-and-review.md, section 6).
@Suite(.requirement("R123", "R127")) struct IncidentServiceTests {
    private let clerk = StageBench.clerk
    private let store = MemoryIncidents()
    private let security = Visibility(
        person: People.all["rui"].person, roles: [.security], own: [])
    private let rui = People.all["rui"].pseudonym

    private func service(_ staged: StageBench) -> IncidentService {
        IncidentService(gateway: staged.bench.gateway, store: store)
    }

    private func draft(_ severity: Int, _ agent: AgentName? = StageBench.clerk) -> IncidentDraft {
        IncidentDraft(severity: severity, agent: agent, run: nil, reason: "it paid a wrong account")
    }

    private func refusal(
        _ body: () async throws(IncidentRefusal) -> Void
    ) async -> IncidentRefusal? {
        do throws(IncidentRefusal) { try await body() } catch { return error }
        return nil
    }

    private static let bySeverity: [(Int, Int, String?)] = [
        (1, 0, "incident-1"), (2, 1, "incident-2"), (3, 3, nil),
    ]

    @Test(arguments: bySeverity)
    func `an incident demotes by its severity, once`(
        _ severity: Int, _ stage: Int, _ code: String?
    ) async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .full)
        let incident = try await service(staged).open(draft(severity), by: rui, with: security)
        #expect(staged.stage == stage)
        #expect(staged.demotions == [code].compactMap { $0 })
        let record = try #require(staged.bench.ledger.drafts(of: .incidentOpened).first)
        #expect(record.fields["sev"] == .integer(Int64(severity)))
        #expect(record.fields["agent"] == "clerk" && record.fields["alarm"] == nil)
        #expect(record.fields["by"]?.string == rui.text && record.fields["code"] == nil)
        staged.bench.gateway.respond(to: incident)
        #expect(staged.demotions.count == (code == nil ? 0 : 1))
    }

    @Test func `an incident without an agent, or whose log refuses, demotes no agent`() async throws
    {
        let staged = try await StageBench()
        try await staged.rise(to: .full)
        let incidents = service(staged)
        _ = try await incidents.open(draft(1, nil), by: rui, with: security)
        staged.bench.ledger.refuse(.incidentOpened)
        let refused = await refusal { () async throws(IncidentRefusal) in
            _ = try await incidents.open(draft(1), by: rui, with: security)
        }
        #expect(refused == .notRecorded("audit.full"))
        #expect(staged.stage == 3 && store.all.count == 1)
    }

    @Test func `a store that fails hides no demotion`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .full)
        store.fail(true)
        let incidents = service(staged)
        let refused = await refusal { () async throws(IncidentRefusal) in
            _ = try await incidents.open(draft(1), by: rui, with: security)
        }
        guard case .unstored = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
        #expect(staged.stage == 0)
    }

    @Test func `owners and the role security handle it, and no other person does`() async throws {
        let staged = try await StageBench()
        let incidents = service(staged)
        let owner = Visibility(person: People.all["li"].person, roles: [], own: [clerk])
        let other = Visibility(
            person: People.all["dana"].person, roles: [], own: [StageBench.reader])
        let killer = Visibility(person: People.all["paul"].person, roles: [.kill], own: [])
        let by = rui
        let incident = try await incidents.open(draft(3), by: by, with: owner)
        for visibility in [other, killer] {
            let refused = await refusal { () async throws(IncidentRefusal) in
                _ = try await incidents.open(draft(3), by: by, with: visibility)
            }
            #expect(refused == .notTheirs)
        }
        let unseen = await refusal { () async throws(IncidentRefusal) in
            _ = try await incidents.close(
                incident.id, cause: .fault, reason: "mine", by: by, with: other)
        }
        #expect(unseen == .missing)
        let seen = await refusal { () async throws(IncidentRefusal) in
            _ = try await incidents.close(
                incident.id, cause: .fault, reason: "mine", by: by, with: killer)
        }
        #expect(seen == .notTheirs)
        #expect(try await incidents.incidents(isOpen: true, of: nil, for: other).isEmpty)
        #expect(try await incidents.incidents(isOpen: true, of: nil, for: killer).count == 1)
    }

    @Test func `what was done and the cause are on record, and a closed one stays closed`()
        async throws
    {
        let staged = try await StageBench()
        try await staged.rise(to: .full)
        let (incidents, by, reader) = (service(staged), rui, security)
        let opened = try await incidents.open(draft(1), by: by, with: reader)
        let acted = try await incidents.act(
            on: opened.id, "the token was revoked", evalCase: "incident-pay-1f0a93cc", by: by,
            with: reader)
        #expect(acted.cases == ["incident-pay-1f0a93cc"])
        let closed = try await incidents.close(
            opened.id, cause: .attack, reason: "a forged invoice", by: by, with: reader)
        #expect(closed.end?.cause == .attack && !closed.isOpen)
        let action = try #require(staged.bench.ledger.drafts(of: .incidentAction).first)
        #expect(action.fields["inc"]?.string == opened.id.text)
        #expect(action.fields["subject"] == "incident-pay-1f0a93cc")
        let end = try #require(staged.bench.ledger.drafts(of: .incidentClosed).first)
        #expect(end.fields["as"] == "attack")
        let again = await refusal { () async throws(IncidentRefusal) in
            _ = try await incidents.close(
                opened.id, cause: .other, reason: "again", by: by, with: reader)
        }
        let late = await refusal { () async throws(IncidentRefusal) in
            _ = try await incidents.act(
                on: opened.id, "late", evalCase: nil, by: by, with: reader)
        }
        #expect(again == .closed && late == .closed)
        #expect(staged.stage == 0, "closing gives nothing back")
        #expect(store.all == [closed])
    }

    @Test(arguments: ["", " \n", String(repeating: "a", count: 501)])
    func `a text that says nothing, or too much, is refused`(_ text: String) async throws {
        let staged = try await StageBench()
        let (incidents, by, reader) = (service(staged), rui, security)
        let refused = await refusal { () async throws(IncidentRefusal) in
            _ = try await incidents.open(
                IncidentDraft(severity: 2, agent: nil, run: nil, reason: text), by: by,
                with: reader)
        }
        #expect(refused == .text && store.all.isEmpty)
    }

    @Test func `unknown agents, severities and cases are refused`() async throws {
        let staged = try await StageBench()
        let (incidents, by, reader) = (service(staged), rui, security)
        let stranger = AgentName("stranger").unwrapped
        let refused: [(IncidentDraft, IncidentRefusal)] = [
            (draft(1, stranger), .noSuchAgent), (draft(0), .severity), (draft(4), .severity),
        ]
        for (one, expected) in refused {
            let refused = await refusal { () async throws(IncidentRefusal) in
                _ = try await incidents.open(one, by: by, with: reader)
            }
            #expect(refused == expected)
        }
        let opened = try await incidents.open(draft(3), by: by, with: reader)
        for name in ["", "two words", String(repeating: "a", count: 129)] {
            let refused = await refusal { () async throws(IncidentRefusal) in
                _ = try await incidents.act(
                    on: opened.id, "a case", evalCase: name, by: by, with: reader)
            }
            #expect(refused == .evalCase)
        }
        #expect(staged.bench.ledger.drafts(of: .incidentAction).isEmpty)
    }

    @Test func `a run without its agent, or with another one, is refused`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .full)
        let (incidents, by, reader) = (service(staged), rui, security)
        let run: RunID = staged.bench.gateway.newID()
        let isOpen = staged.bench.gateway.runs.extend(
            run, of: StageBench.clerk, to: staged.bench.clock.now.wall + .seconds(60))
        #expect(isOpen)
        for agent in [nil, StageBench.reader] {
            let refused = await refusal { () async throws(IncidentRefusal) in
                _ = try await incidents.open(
                    IncidentDraft(severity: 1, agent: agent, run: run, reason: "it paid"),
                    by: by, with: reader)
            }
            #expect(refused == .agentOfRun)
        }
        #expect(store.all.isEmpty && staged.bench.ledger.drafts(of: .incidentOpened).isEmpty)
        let opened = try await incidents.open(
            IncidentDraft(severity: 1, agent: clerk, run: run, reason: "it paid"), by: by,
            with: reader)
        #expect(opened.run == run && staged.stage == 0)
    }

    @Test func `a canary in arguments opens one incident by itself`() async throws {
        let staged = try await StageBench()
        let (incidents, queue) = (service(staged), SentSecretQueue())
        let ladder = IncidentLadder(NoLadder(), queue)
        let run: RunID = staged.bench.gateway.newID()
        func send(_ isCanary: Bool, _ agent: AgentName) {
            ladder.take(
                SentSecret(
                    agent: agent, run: run, isCanary: isCanary, at: staged.bench.clock.now))
        }
        send(true, clerk)
        send(true, clerk)
        staged.bench.ledger.refuse(.incidentOpened)
        await incidents.sweep(queue)
        #expect(store.all.isEmpty)
        staged.bench.ledger.accept()
        await incidents.sweep(queue)
        await incidents.sweep(queue)
        let incident = try #require(store.all.first)
        #expect(store.all.count == 1 && incident.severity == 1 && incident.run == run)
        #expect(incident.origin == .gateway(.canary) && incident.agent == clerk)
        let record = try #require(staged.bench.ledger.drafts(of: .incidentOpened).first)
        #expect(record.fields["code"] == "canary" && record.fields["by"] == nil)
        // While it is open, another canary is part of it; another kind of secret is not.
        send(true, clerk)
        send(false, clerk)
        await incidents.sweep(queue)
        #expect(store.all.map(\.origin).contains(.gateway(.brokeredValue)))
        #expect(store.all.count == 2)
    }

    @Test func `what is on record is not recorded again while the store fails`() async throws {
        let staged = try await StageBench()
        let (incidents, queue) = (service(staged), SentSecretQueue())
        IncidentLadder(NoLadder(), queue).take(
            SentSecret(
                agent: clerk, run: staged.bench.gateway.newID(), isCanary: false,
                at: staged.bench.clock.now))
        store.fail(true)
        await incidents.sweep(queue)
        await incidents.sweep(queue)
        #expect(staged.bench.ledger.drafts(of: .incidentOpened).count == 1)
    }
}
