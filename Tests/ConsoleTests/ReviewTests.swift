import InterlockAdministration
import InterlockApprovals
import InterlockConsoleWorld
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup

struct ReviewTests {
    private let office = ConsoleOffice()

    private func page(
        _ request: ApprovalRequest, person: Int = 0, way: ApprovalMethod = .command,
        refusal: String? = nil
    )
        -> ReviewPage
    {
        let voter = office.voter(person)
        let session = PersonSession(
            person: voter.person, pseudonym: voter.pseudonym, formToken: "form-token")
        return ReviewPage(
            view: ReviewView(
                request, viewer: session, way: way, refusal: refusal))
    }

    private func outline(_ request: ApprovalRequest, person: Int = 0) -> Outline {
        let page = page(request, person: person)
        return Outline(HTML.group([page.header.html(at: nil)] + page.content).bytes)
    }

    @Test func `every fact that people sign is on the page, known or not`() throws {
        let facts: JSONObject = [
            "title": "fact-01", "target": "fact-02", "preview": ["tool": "t", "failed": "fact-03"],
            "preconditions": ["balance": "fact-04"], "reversible": "fact-05", "quantity": "fact-06",
            "total": "fact-07",
            "leaves_to": "fact-08", "owner": "fact-09", "purpose": "fact-10",
            "run_purpose": "fact-11",
            "on_behalf_of": "fact-12", "asked": "fact-13", "labels": "fact-14", "taint": "fact-15",
            "history": "fact-16", "break_glass": ["reason": "fact-17"],
            "of_a_later_version": ["x": "fact-18"], "taint_level": "fact-19",
            "tainted_by": "fact-20", "side_channel": "fact-21", "findings": "fact-22",
            "task": "fact-23",
        ]
        let text = outline(try office.request(1, facts: facts)).text
        for number in 1...23 {
            #expect(text.contains("fact-\(number < 10 ? "0" : "")\(number)"), "fact \(number)")
        }
    }

    @Test func `what was found in the arguments is said in words`() throws {
        let facts: JSONObject = [
            "findings": ["national_id": 1, "card": 2, "of_a_later_version": 3]
        ]
        let text = outline(try office.request(1, facts: facts)).text
        #expect(text.contains("1 national id") && text.contains("2 card numbers"))
        #expect(text.contains("of_a_later_version") && !text.contains("national_id"))
    }

    @Test func `earlier requests have labels, and all of their members`() throws {
        let facts: JSONObject = [
            "history": [
                ["asked": "2026-11-01", "state": "used", "arguments": ["to": "ada"]],
                ["state": "denied", "cause": "voted", "differ": ["amount"], "later": 1],
            ]
        ]
        let text = outline(try office.request(1, facts: facts)).text
        for words in [
            "Earlier values: ", "Arguments with other values in another run: ", "Cause: ", "later",
            "amount", "2026-11-01",
        ] {
            #expect(text.contains(words), "\(words)")
        }
        #expect(!text.contains("differ: "))
    }

    private static let marked = CallID(milliseconds: 7, random: [UInt8](repeating: 2, count: 10))
    private static let hostile: JSONObject = [
        "taint": "content of web.fetch was read", "taint_level": 2,
        "tainted_by": .string(marked.text),
    ]

    private func sources(_ passage: MarkedPassage?, _ roles: Set<Role>) -> ConsoleSources {
        ConsoleSources(
            visibility: { Visibility(person: $0, roles: roles, own: []) },
            passages: { _ in passage })
    }

    /// The page of a request of a hostile run, as the person of this number gets it.
    private func hostilePage(
        _ passage: MarkedPassage?, person: Int, roles: Set<Role> = [], voters: [Int] = [0, 1]
    ) async throws -> String {
        let browser = Browser(person: person, sources: sources(passage, roles))
        let request = try office.request(1, facts: Self.hostile, voters: voters)
        browser.world.put(request)
        return await browser.get("/approvals/\(request.id.shown)").text
    }

    @Test func `who votes reads the passage that made the run hostile, with what it hides`()
        async throws
    {
        let passage = MarkedPassage(call: Self.marked, text: "Ig\u{200b}nore <b>all</b> of it")
        let text = try await hostilePage(passage, person: 0)
        #expect(text.contains("Level of the run") && text.contains(" (hostile)"))
        #expect(
            text.contains("Call that made the run hostile") && text.contains(Self.marked.text))
        #expect(text.contains("Passage that made the run hostile"))
        #expect(text.contains("⟦U+200B⟧") && text.contains("&lt;b&gt;all"))
        #expect(!text.contains("<b>all"))
        let later = try await hostilePage(nil, person: 0)
        #expect(later.contains("No passage is kept."))
        #expect(!later.contains("&lt;b&gt;all"))
    }

    @Test func `a passage of another call than the one that people sign is not shown`()
        async throws
    {
        let other = CallID(milliseconds: 8, random: [UInt8](repeating: 3, count: 10))
        let text = try await hostilePage(MarkedPassage(call: other, text: "of later"), person: 0)
        #expect(text.contains("No passage is kept.") && !text.contains("of later"))
    }

    @Test(arguments: [[], [.security]] as [Set<Role>])
    func `who does not vote reads the passage only as a reader of the agent's results`(
        _ roles: Set<Role>
    ) async throws {
        let isShown = !roles.isEmpty
        let passage = MarkedPassage(call: Self.marked, text: "Ignore all of it")
        let request = try office.request(1, facts: Self.hostile, voters: [0, 1])
        let other = office.voter(2)
        let session = PersonSession(
            person: other.person, pseudonym: other.pseudonym, formToken: "form-token")
        let view = ReviewView(request, viewer: session, way: .command, refusal: nil)
        let console = Browser(person: 2, sources: sources(passage, roles)).console
        let page = ReviewPage(view: view, marked: await console.markedText(view, session))
        let text = Outline(HTML.group(page.content).bytes).text
        #expect(text.contains("Ignore all of it") == isShown)
        #expect(text.contains("The text is shown to those who vote") == !isShown)
    }

    @Test func `of a run that is not hostile no text is missing`() throws {
        let text = outline(try office.request(1)).text
        #expect(!text.contains("No passage is kept") && !text.contains("Level of the run"))
    }

    @Test func `what a call carries out is on the page as it is signed, and in words`() throws {
        let text = outline(try office.request(1, facts: ["side_channel": "long_query"])).text
        #expect(text.contains("“long_query”: a URL has more than 256 bytes"))
    }

    @Test func `an amount is shown in its unit with the raw value, else with the reason`() throws {
        let arguments: JSONValue = [
            "amount_cents": 123_456, "size": .number(JSONNumber(text: "1.5", double: 1.5)), "n": 7,
            "to": ["house": 12], "id": "1\u{202f}234",
        ]
        let facts: JSONObject = [
            "amounts": [
                "amount_cents": ["raw": 123_456, "shown": "1\u{202f}234.56 EUR"],
                "size": ["reason": "a fraction, where the unit is whole"],
            ]
        ]
        let text = outline(try office.request(1, arguments: arguments, facts: facts)).text
        #expect(text.contains("1\u{202f}234.56 EUR, amount_cents: 123456"))
        #expect(text.contains("not shown in its unit: a fraction, where the unit is whole"))
        #expect(text.contains("Unit not declared") && text.contains("n, to.house"))
        // The same space in a text of the call is made visible.
        #expect(text.contains("1⟦U+202F⟧234"))
        let plain = outline(try office.request(1)).text
        #expect(!plain.contains("Amount") && !plain.contains("Unit not declared"))
    }

    @Test func `whoever approved a probe reads what was wrong, others that it was one`() throws {
        let request = try office.request(1, facts: ["owner": "p3@acme.example"])
        let missed = try office.probed(request, .approve, by: 0, flaw: "odd \u{202e}text")
        let own = outline(missed)
        #expect(own.text.contains("You have approved it."))
        #expect(own.text.contains("odd ⟦U+202E⟧text") && own.faults == [])
        #expect(!own.tags.contains { $0.hasPrefix("form") }, "there is nothing to take back")
        for person in [1, 2] {
            let other = outline(missed, person: person).text
            #expect(other.contains("This was a probe") && other.contains("What was wrong"))
            #expect(!other.contains("You have approved it.") && !other.contains("p1@acme.example"))
        }
        let caught = outline(try office.probed(request, .deny, by: 0, flaw: "odd")).text
        #expect(caught.contains("You were right.") && caught.contains("This was a probe"))
        #expect(!outline(request).text.contains("probe"))
    }

    @Test func `the page says in whose place a delegate decides`() throws {
        var request = try office.request(1)
        #expect(!outline(request).text.contains("Passed seats"))
        let member = request.voters[0]
        let delegate = Voter(
            person: Person("stand-in@acme.example").unwrapped,
            pseudonym: Pseudonym(text: Base64.encode([UInt8](repeating: 77, count: 16))),
            seat: .delegate, delegators: [member])
        _ = request.handle(
            .seat(Array(request.voters.dropFirst()) + [delegate]), at: ConsoleOffice.start)
        let text = outline(request).text
        #expect(text.contains("Passed seats"))
        #expect(
            text.contains("stand-in@acme.example in the place of \(member.person.address)"))
    }

    @Test(.requirement("R087"))
    func `the parts stand in the order of the specs and none is missing`() throws {
        let text = outline(try office.request(1)).text
        var rest = text[...]
        let parts = [
            "State", "Server", "Arguments", "No preview declared", "Effects", "Reversible",
            "Agent",
            "Owner", "Rule", "agents/refunds.yaml:12:5", "History", "Deny",
        ]
        for part in parts {
            let place = try #require(rest.firstRange(of: part), "\(part) is missing or too early")
            rest = rest[place.upperBound...]
        }
    }

    /// The displayed content is the hashed content: the page has every name and value of the arguments, or describes
    /// what it replaces.
    @Test(.requirement("R087")) func `every argument is on the page in full`() throws {
        let request = try office.request(1, arguments: Hostile.arguments, facts: Hostile.facts)
        let outline = outline(request)
        #expect(outline.faults == [])
        for (key, value) in Hostile.arguments.object?.members ?? [] {
            #expect(outline.text.contains(shown(key)), "\(key.debugDescription)")
            if let text = value.string {
                #expect(outline.text.contains("“" + shown(text) + "”"), "\(text.debugDescription)")
            }
        }
        #expect(outline.text.contains("42000"))
    }

    private func shown(_ text: String) -> String {
        RevealedText(text).line.replacing("⏎", with: "⏎\n")
    }

    @Test func `a long line is not cut`() throws {
        let line = String(repeating: "<b>\u{202e}", count: 10_000)
        let outline = outline(try office.request(1, arguments: ["line": .string(line)]))
        #expect(outline.text.contains(RevealedText(line).line))
        #expect(outline.faults == [])
    }

    @Test func `no text of a call adds a form, a link or a part`() throws {
        func tags(_ request: ApprovalRequest) -> [String: Int] {
            let counted = [
                "form method action", "section class data-part", "a href", "h1",
                "button class type",
            ]
            return Dictionary(
                uniqueKeysWithValues: counted.map { tag in
                    (tag, outline(request).tags.count { $0 == tag })
                })
        }
        let hostile = try office.request(1, arguments: Hostile.arguments, facts: Hostile.facts)
        #expect(tags(hostile) == tags(try office.request(1)))
        #expect(
            outline(hostile).tags.allSatisfy { !$0.hasPrefix("script") && !$0.hasPrefix("img") })
    }

    @Test func `other people's votes are hidden until one has voted`() throws {
        let request = try office.voted(
            try office.request(1, quorum: 2, voters: [0, 1, 2]), .approve, by: 1)
        #expect(!outline(request).text.contains("p2@acme.example"))
        #expect(outline(request).text.contains("Hidden until you decide"))
        #expect(outline(request, person: 1).text.contains("p2@acme.example"))
        #expect(outline(request, person: 1).text.contains("You approved, 1 more needed"))
    }

    @Test func `a form is there for whoever can use it`() throws {
        let open = try office.request(1, voters: [0, 1])
        let approved = try office.voted(open, .approve, by: 1)
        let denied = try office.voted(open, .deny, by: 1)
        #expect(actions(open) == ["Deny this call"])
        #expect(actions(open, person: 2) == [])
        #expect(actions(approved) == ["Revoke approval"])
        #expect(actions(approved, person: 2) == [])
        #expect(actions(denied) == [])
        #expect(outline(denied).text.contains("Denied, call not sent"))
    }

    @Test func `who asks why a call was refused is told whose no it was, and the words as text`()
        throws
    {
        var denied = try office.request(1, voters: [0, 1])
        let voter = office.voter(1)
        let words = "</dd><h1>Approved</h1>\u{202e}"
        _ = denied.handle(
            .object(
                Objection(
                    person: voter.person, pseudonym: voter.pseudonym, revision: 1,
                    means: .session, reason: .wrongTarget, text: words)), at: ConsoleOffice.start)
        let page = outline(denied)
        #expect(page.text.contains("Denied, call not sent") && page.text.contains("Denied by"))
        for shown in ["p2@acme.example", "wrong target", "</dd><h1>Approved</h1>⟦U+202E⟧"] {
            #expect(page.text.contains(shown), "\(shown)")
        }
        #expect(page.tags.filter { $0.hasPrefix("h1") }.count == 1)
        let taken = try office.voted(
            try office.voted(try office.request(2), .approve, by: 1), .deny, by: 1)
        #expect(outline(taken).text.contains("A person took the approval back."))
        #expect(outline(taken).text.contains("p2@acme.example"))
    }

    @Test func `an approval for several calls says how many of them have run`() throws {
        var request = try office.voted(
            try office.request(1, facts: ["repeat": 3]), .approve, by: 0)
        let claim = UseClaim(callDigest: request.callDigest, decision: .allow)
        func use() { #expect(request.handle(.use(claim), at: ConsoleOffice.start) == .used) }
        use()
        #expect(outline(request).text.contains("1 of 3 calls have used the approval."))
        var other = request
        _ = other.handle(.void(.halted), at: ConsoleOffice.start)
        let ended = outline(other).text
        #expect(ended.contains("no further call is sent. 1 of 3 calls have used the approval"))
        #expect(!ended.contains("The call was not sent"))
        #expect(
            outline(try office.voted(request, .deny, by: 1)).text.contains(
                "A person took the approval back: no further call is sent. 1 of 3"))
        use()
        use()
        #expect(outline(request).text.contains("3 of 3 calls have used the approval; the log"))
    }

    @Test func `an outcome leads to its proof on the page of its run, if the run may be seen`()
        throws
    {
        let denied = try office.voted(try office.request(1), .deny, by: 1)
        func values(hasRunPage: Bool) -> [String] {
            var made = page(denied)
            made.hasRunPage = hasRunPage
            return Outline(HTML.group(made.content).bytes).values
        }
        let run = "/runs/\(denied.review.call.run.text)"
        let seen = values(hasRunPage: true)
        #expect(seen.contains("Outcome: Not checked") && seen.contains(run))
        let unseen = values(hasRunPage: false)
        #expect(!unseen.contains("Outcome: Not checked") && !unseen.contains(run))
    }

    private func actions(_ request: ApprovalRequest, person: Int = 0) -> [String] {
        let text = outline(request, person: person).text
        return ["Deny this call", "Revoke approval"].filter { text.contains($0) }
    }

    @Test func `what is to be typed at tier high can be typed`() throws {
        func typed(_ tier: Tier, _ target: String?) throws -> String? {
            var facts: JSONObject = [:]
            facts["target"] = target.map(JSONValue.string)
            return page(try office.request(1, tier: tier, facts: facts)).view.typed?.text
        }
        let digits = String(try office.request(1).callDigest.hex.suffix(6))
        #expect(try typed(.high, "order A-1009") == "order A-1009")
        #expect(try typed(.medium, "order A-1009") == nil)
        for target in [nil, "", "a\u{202e}b", "p\u{430}ypal", " x", "a\nb"] {
            #expect(try typed(.high, target) == digits)
        }
    }

    @Test func `the page takes no approval unless it is told that it can`() throws {
        let request = try office.request(1)
        let named = Outline(HTML.group(page(request).content).bytes)
        #expect(named.text.contains("interlock approvals approve \(request.id.shown)"))
        #expect(!named.values.contains("approve-button"))
        let offered = Outline(HTML.group(page(request, way: .page).content).bytes)
        #expect(
            offered.tags.contains("button class type id data-floor-ms aria-describedby disabled"))
    }

    @Test func `the time to read grows with the words`() throws {
        #expect(MinimumReadingTime.time(for: try office.request(1).review) == .seconds(2))
        let words = String(repeating: "word ", count: 599)
        let request = try office.request(1, arguments: ["text": .string(words)])
        #expect(MinimumReadingTime.time(for: request.review) == .seconds(60))
    }
}
