import InterlockApprovals
import InterlockConsoleWorld
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockSchemas
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockEvidence
@testable import InterlockMarkup

/// Unknown outcomes on pages and in the API.
struct OutcomeTests {
    /// Unknown outcomes in memory; a finding is kept, or refused if a refusal is set.
    private final class Checks: OutcomeChecks {
        let outcomes: [UnknownOutcome]
        let refusal = Mutex<OutcomeRefusal?>(nil)
        let found = Mutex<[(UInt64, OutcomeFinding, String)]>([])

        init(_ outcomes: [UnknownOutcome] = []) { self.outcomes = outcomes }

        func unchecked(for visibility: Visibility) -> [UnknownOutcome] { outcomes }

        func name(of person: Pseudonym) -> Person? {
            person.text == OutcomeTests.person ? Person("ada@acme.example") : nil
        }

        func check(
            _ index: UInt64, _ finding: OutcomeFinding, comment: String, by person: Pseudonym,
            with visibility: Visibility
        ) async throws(OutcomeRefusal) -> CheckedOutcome {
            if let refusal = refusal.withLock({ $0 }) { throw refusal }
            found.withLock { $0.append((index, finding, comment)) }
            return CheckedOutcome(
                record: index, call: OutcomeTests.call(1), finding: finding, by: person)
        }
    }

    private static let person = "qAtvNSliVAlAcLHGLhmnpA=="
    private let shelf = EvidenceShelf()

    private static func call(_ number: Int64) -> CallID {
        Identifier(milliseconds: number, random: [UInt8](repeating: 5, count: 10))
    }

    private func outcome(_ number: Int64) throws -> UnknownOutcome {
        UnknownOutcome(
            call: Self.call(number), run: EvidenceShelf.run,
            agent: try #require(AgentName("refunds")), owner: nil,
            tool: ToolAddress(dotted: "billing.pay"),
            since: ConsoleOffice.start + .seconds(number), isMine: true,
            details: UnknownOutcome.Details(
                record: UInt64(number), cause: "timeout"))
    }

    private func browser(
        _ checks: Checks, roles: Set<Role> = [.security], own: [String] = []
    ) -> Browser {
        var sources = ConsoleSources.with(roles: roles, own: own)
        sources.records = shelf
        sources.outcomes = checks
        return Browser(sources: sources)
    }

    private let intent = "F6ezpWjrvJaCFDsWrGzfCdIVt6EvI84u0h9jwrPePPc="

    private func unknown(_ more: VerifiedRecord...) throws {
        let record = try EvidenceShelf.record(
            12, .callUnknown,
            [
                "call": .string(Self.call(1).text), "intent": .string(intent), "why": "timeout",
                "last": "intent", "tool": "billing__pay",
            ])
        shelf.state.withLock { $0.rows = ([record] + more).map { .proved($0) } }
    }

    private func finding(_ index: UInt64, _ found: String) throws -> VerifiedRecord {
        try EvidenceShelf.record(
            index, .outcomeChecked,
            [
                "call": .string(Self.call(1).text), "intent": .string(intent),
                "as": .string(found), "by": .string(Self.person),
            ])
    }

    @Test func `the record of a call has a form, for those who may check it`() async throws {
        try unknown()
        let page = await browser(Checks()).get("/audit/12").text
        for piece in ["Mark as checked", "It ran", "It did not run", "It was undone"] {
            #expect(page.contains(piece), "\(piece)")
        }
        let owner = browser(Checks(), roles: [], own: ["refunds"])
        #expect(await owner.get("/audit/12").text.contains("Mark as checked"))
        let other = await browser(Checks(), roles: [.kill]).get("/audit/12").text
        #expect(!other.contains("Mark as checked"))
        // Another record has none.
        let record = try EvidenceShelf.record(13, .callDenied, ["code": "policy.no_grant"])
        shelf.state.withLock { $0.rows = [.proved(record)] }
        #expect(!(await browser(Checks()).get("/audit/13").text).contains("Outcome unknown"))
    }

    @Test func `who found what is on the page, and a final finding ends the form`() async throws {
        try unknown(try finding(15, "still_unknown"))
        let open = await browser(Checks()).get("/audit/12").text
        #expect(open.contains("Still unknown") && open.contains("ada@acme.example"))
        #expect(open.contains("Mark as checked"))
        try unknown(try finding(15, "still_unknown"), try finding(17, "undone"))
        let ended = await browser(Checks()).get("/audit/12").text
        #expect(ended.contains("It was undone") && ended.contains("/audit/17"))
        #expect(!ended.contains("Mark as checked"))
        let late = try EvidenceShelf.record(
            18, .callOutcome, ["intent": .string(intent), "late": true, "st": "ok"])
        try unknown(late)
        let known = await browser(Checks()).get("/audit/12").text
        #expect(known.contains("ended later") && !known.contains("Mark as checked"))
    }

    @Test func `a form records a finding once, and says why it is refused`() async throws {
        try unknown()
        let checks = Checks()
        let browser = browser(checks)
        let token = await browser.formToken
        func send(_ fields: (String, String)...) async -> Answer {
            await browser.post("/audit/12/check", [("form_token", token)] + fields)
        }
        let done = await send(("found", "ran"), ("comment", "it+is+paid"))
        #expect(done.status == 303 && done["location"] == "/audit/12")
        #expect(checks.found.withLock { $0.map(\.2) } == ["it is paid"])
        #expect(await send(("found", "perhaps")).status == 422)
        for (refusal, status) in [
            (OutcomeRefusal.checkedAlready(.ran), 409), (.known, 409), (.comment, 400),
            (.notTheirs, 403), (.missing, 404), (.notRecorded("audit.full"), 503),
            (.notRead(.tooMany(.seconds(1))), 429), (.notRead(.busy), 503),
        ] {
            checks.refusal.withLock { $0 = refusal }
            #expect(await send(("found", "ran")).status == status)
        }
        let foreign = await browser.post(
            "/audit/12/check", [("form_token", "x"), ("found", "ran")])
        #expect(foreign.status == 403)
        var unproven = browser
        unproven.proves = false
        let refused = await unproven.post(
            "/audit/12/check", [("form_token", token), ("found", "ran")])
        #expect(refused.status == 401)
        #expect(checks.found.withLock { $0.count } == 1)
    }

    @Test func `the list goes on where the page ended`() async throws {
        let outcomes = try (1...5).reversed().map { try outcome($0) }
        let browser = browser(Checks(outcomes))
        var (calls, cursor): ([String], String?) = ([], "")
        while let next = cursor {
            let query = next.isEmpty ? "" : "&cursor=\(next)"
            let page = try #require(await browser.call("/outcomes/unknown?limit=2" + query).json)
            try OutcomeListing.form.shape.check(page)
            calls += (page["outcomes"]?.array ?? []).compactMap { $0["call"]?.string }
            cursor = page["next"]?.string
        }
        #expect(calls == outcomes.map(\.call.text))
        let wrong = await browser.call("/outcomes/unknown?cursor=x")
        #expect(wrong.problem == "malformed")
    }

    @Test func `the API records a finding, and its refusals are problems`() async throws {
        let checks = Checks()
        let browser = browser(checks)
        let body = #"{"found":"not_run","comment":"no entry at the bank"}"#
        let done = await browser.call("/outcomes/12/checked", body)
        #expect(done.status == 200 && done.json?["found"] == "not_run")
        try CheckedOutcome.form.shape.check(try #require(done.json))
        for (refusal, code) in [
            (OutcomeRefusal.missing, "no_such_record"), (.notTheirs, "not_eligible"),
            (.known, "outcome_known"), (.checkedAlready(.ran), "checked_already"),
            (.comment, "malformed"), (.notRecorded("audit.full"), "not_recorded"),
            (.notRead(.unreadable("disk")), "not_read"),
            (.notRead(.tooMany(.seconds(1))), "too_many"),
        ] {
            checks.refusal.withLock { $0 = refusal }
            #expect(await browser.call("/outcomes/12/checked", body).problem == code)
        }
        let odd = await browser.call("/outcomes/x/checked", body)
        #expect(odd.problem == "no_such_record")
        let other = await browser.call("/outcomes/12/checked", #"{"found":"maybe"}"#)
        #expect(other.problem == "malformed")
    }

    @Test func `a line of the inbox has no argument, and leads to the record`() throws {
        let task = InboxTask(
            subject: .outcome(try outcome(7)), agent: AgentName("refunds"),
            since: ConsoleOffice.start, due: ConsoleOffice.start + .seconds(86_400), isMine: true)
        let row = InboxRow.task(task)
        #expect(row.headline == "Check outcome: billing.pay")
        #expect(row.link?.text == "/audit/7" && row.kind.name == "Unknown outcomes")
        let early = UnknownOutcome(
            call: Self.call(1), run: EvidenceShelf.run, agent: AgentName("refunds").unwrapped,
            tool: nil, since: ConsoleOffice.start)
        #expect(early.link.text.hasPrefix("/audit?run="))
    }

    @Test func `a release shows the unknown outcomes of what it resumes`() throws {
        let outcome = try outcome(7)
        let page = Outline(HTML.group(UnknownOutcomeTable(outcomes: [outcome]).content).bytes)
        #expect(page.text.contains("billing.pay") && page.values.contains("/audit/7"))
        let (agent, tool) = (outcome.agent, try #require(outcome.tool))
        #expect(outcome.isStopped(by: .org) && outcome.isStopped(by: .agent(agent)))
        #expect(outcome.isStopped(by: .tool(tool)) && outcome.isStopped(by: .server(tool.server)))
        #expect(outcome.isStopped(by: .run(outcome.run)) && !outcome.isStopped(by: .drill))
        #expect(!outcome.isStopped(by: .owner(Pseudonym(text: Self.person))))
        let many = try (1...60).map { try self.outcome($0) }
        let long = Outline(HTML.group(UnknownOutcomeTable(outcomes: many).content).bytes)
        #expect(long.text.contains("And 10 more"))
    }
}
