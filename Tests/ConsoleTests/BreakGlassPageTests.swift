import InterlockConsoleWorld
import InterlockGovernor
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockApprovals
@testable import InterlockConsole
@testable import InterlockMarkup

/// The page on which one person uses break-glass and another reviews the use.
struct BreakGlassPageTests {
    private let office = ConsoleOffice()

    /// The first person holds `break_glass`, the second `security`, the third no role.
    private func orders(_ history: BreakGlassHistory?) throws -> PeopleOrdersStub {
        let roles: [Set<Role>] = [[.breakGlass, .resume], [.security, .resume], []]
        let people = try (0..<3).map { number in
            let key = PublicKey(
                base64: Base64.encode([UInt8](repeating: UInt8(number + 1), count: 32)))
            return TrustedPerson(
                person: office.people[number], pseudonym: office.voter(number).pseudonym,
                roles: roles[number],
                keys: [
                    EnrolledKey(
                        key: try #require(key), added: ConsoleOffice.start, founding: true)
                ])
        }
        return PeopleOrdersStub(
            people: PeopleDirectory(
                trust: try AuthorizedKeys(org: "acme", people: people, nodes: [])),
            breakGlassHistory: history)
    }

    private func request(quorum: Int = 2, facts: JSONObject = [:]) throws -> ApprovalRequest {
        try office.request(1, quorum: quorum, facts: facts, voters: [0, 1, 2])
    }

    private func history(_ request: ApprovalRequest) -> BreakGlassHistory {
        var history = BreakGlassHistory()
        history.add(
            request.id, by: office.voter(0).pseudonym, at: ConsoleOffice.start, record: 4711)
        return history
    }

    private func browser(
        _ request: ApprovalRequest, person: Int, _ directory: PeopleOrdersStub,
        hasEntry: Bool = true
    ) -> Browser {
        let browser = Browser(person: person, hasEntry: hasEntry, orders: directory)
        browser.world.put(request)
        return browser
    }

    private func page(
        _ request: ApprovalRequest, person: Int, _ history: BreakGlassHistory?,
        hasEntry: Bool = true
    ) async throws -> Answer {
        let directory = try orders(history)
        return await browser(request, person: person, directory, hasEntry: hasEntry).get(
            "/approvals/\(request.id.shown)/break-glass")
    }

    @Test func `the role alone leads from the request to the act`() async throws {
        let request = try request()
        let directory = try orders(BreakGlassHistory())
        let link = "/approvals/\(request.id.shown)/break-glass"
        for (person, isLinked) in [(0, true), (1, false), (2, false)] {
            let text = await browser(request, person: person, directory).get(
                "/approvals/\(request.id.shown)"
            ).text
            #expect(text.contains(link) == isLinked, "\(person)")
        }
        #expect(await browser(request, person: 2, directory).get(link).status == 404)
        let alone = try office.request(2, voters: [0, 1])
        let text = await browser(alone, person: 0, directory).get(
            "/approvals/\(alone.id.shown)"
        ).text
        #expect(!text.contains("break-glass"), "1 approval cannot be lowered")
    }

    @Test func `the page has each member of the order that is signed`() async throws {
        let request = try request()
        let text = try await page(request, person: 0, BreakGlassHistory()).text
        let author = office.voter(0)
        let order = try BreakGlassOrder(
            id: OrderID(milliseconds: 7, random: [UInt8](repeating: 7, count: 10)), org: "acme",
            content: BreakGlassContent(
                request: request.id, action: .lower(revision: 1, ticket: "INC-1")),
            reason: "the others are asleep", author: author.pseudonym, at: ConsoleOffice.start)
        let shown: [String: String] = [
            "v": "break-glass, version 1", "type": "break-glass, version 1",
            "deed": ">lower<", "org": ">acme<", "request": String(request.id.text.prefix(8)),
            "revision": "<dt>Revision</dt><dd>1</dd>",
            "author": String(author.pseudonym.text.prefix(8)),
            "id": "<dt>Order</dt><dd>Made when you sign",
            "at": "<dt>Time</dt><dd>Set when you sign",
            "reason": "<dt>Reason</dt><dd>As you type it",
            "ticket": "<dt>Ticket</dt><dd>As you type it",
        ]
        let members = Set((order.json.object?.members ?? []).map(\.key))
        #expect(members == Set(shown.keys))
        for (member, mark) in shown { #expect(text.contains(mark), "\(member)") }
        for words in ["You sign:", "What does not happen", "Within 24 hours", "A-1009"] {
            #expect(text.contains(words), "\(words)")
        }
        #expect(text.contains("form data-order=\"break-glass\"") && text.contains("disabled"))
    }

    @Test func `without passkeys the page has the command`() async throws {
        let request = try request()
        let text = try await page(request, person: 0, BreakGlassHistory(), hasEntry: false).text
        #expect(text.contains("interlock approvals break-glass \(request.id.shown)"))
        #expect(!text.contains("data-order=\"break-glass\""))
    }

    @Test func `another person reviews the whole use, the user may not`() async throws {
        let user = office.voter(0).pseudonym.text
        let request = try request(
            quorum: 1,
            facts: [
                "break_glass": [
                    "by": .string(user), "reason": "the others are asleep", "ticket": "INC-1",
                ]
            ])
        let review = try await page(request, person: 1, history(request)).text
        for words in [
            "p1@<wbr>acme.<wbr>example", "the others are asleep", "INC-1", "A-1009", "/audit/4711",
            "data-order=\"break-glass\"", "/review\"", "What you found", "Hidden until you decide",
        ] { #expect(review.contains(words), "\(words)") }
        let own = try await page(request, person: 0, history(request)).text
        #expect(own.contains("the reviewer must not have used break-glass"))
        #expect(!own.contains("data-order=\"break-glass\"") && own.contains("4711"))
        #expect(!own.contains("/audit/4711"), "only security reads every record")
    }

    @Test func `a reviewed use says by whom, and asks no one`() async throws {
        let request = try request(quorum: 1)
        var history = history(request)
        history.review(
            request.id,
            BreakGlassHistory.Review(
                by: office.voter(1).pseudonym, at: ConsoleOffice.start, record: 4712))
        let text = try await page(request, person: 1, history).text
        #expect(text.contains("p2@acme.example") && text.contains("/audit/4712"))
        #expect(!text.contains("data-order=\"break-glass\""))
    }

    @Test func `a use whose request only the log has can be reviewed`() async throws {
        let request = try request()
        let directory = try orders(history(request))
        let text = await Browser(person: 1, hasEntry: true, orders: directory).get(
            "/approvals/\(request.id.shown)/break-glass"
        ).text
        #expect(text.contains("is no longer held here"))
        #expect(text.contains("data-order=\"break-glass\""))
    }

    @Test func `drafts are made for the person who is signed in`() async throws {
        let request = try request()
        let directory = try orders(history(request))
        let browser = browser(request, person: 0, directory)
        let path = "/approvals/\(request.id.shown)"
        let lower = await browser.call(
            path + "/break-glass/draft",
            #"{"revision":1,"ticket":"INC-1","reason":"the others are asleep"}"#)
        #expect(lower.status == 200)
        let review = await browser.call(
            path + "/review/draft", #"{"reason":"it was right to do"}"#)
        #expect(review.status == 200)
        #expect(
            directory.breakGlass.map(\.action) == [.lower(revision: 1, ticket: "INC-1"), .review])
        let short = await browser.call(path + "/review/draft", #"{"reason":"ok"}"#)
        #expect(short.status == 400)
    }
}
