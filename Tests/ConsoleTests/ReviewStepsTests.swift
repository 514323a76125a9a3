import InterlockConsoleWorld
import InterlockEvidence
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockReview
import InterlockReviews
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole

/// The steps of a governance review on pages.
@Suite(.requirement("R129", "R133")) struct ReviewStepsTests {
    private static let path = "/agents/clerk/review"
    private static let record = path + "/records/" + ReviewStepsStub.leaf.hex

    private func browser(_ stub: ReviewStepsStub?, person: Int? = 0) -> Browser {
        var sources = DirectoryWorld(text: "plain").sources
        sources.reviewQueries = ReviewPagesTests.Stub()
        sources.reviewActions = stub
        return Browser(person: person, hasEntry: true, sources: sources)
    }

    @Test func `the page has each step, and the form for a passkey only when nothing is missing`()
        async
    {
        let page = await browser(ReviewStepsStub()).get(Self.path)
        #expect(page.status == 200)
        for words in [
            "1 of 2 records are unmarked", "href=\"\(Self.record)\"", "Open next record",
            "Compare scopes with their use", "Save answers", "Add finding", "Save outcome",
            "The owner is still the right one", "Missing before the signature",
            "reviewed by two people", "It can be signed when nothing is missing.",
        ] {
            #expect(page.text.contains(words), "\(words)")
        }
        #expect(!page.text.contains("data-order=\"elevate-review\""))
        let none = await browser(ReviewStepsStub(isOpen: false)).get(Self.path).text
        #expect(none.contains("Start a review") && !none.contains("Save answers"))
    }

    @Test func `after the first signature the document is shown in words, and no form changes it`()
        async
    {
        let page = await browser(ReviewStepsStub(isSigned: true)).get(Self.path).text
        for words in [
            "What is signed", "The kill drill is current", "not in order", "Discard the document",
            "value=\"withdrawal\"", "Go to signature", "data-order=\"elevate-review\"",
        ] {
            #expect(page.contains(words), "\(words)")
        }
        for words in ["Save answers", "Add finding", "Save date", "not answered"] {
            #expect(!page.contains(words), "\(words)")
        }
    }

    @Test func `a refused form is shown again at its place, with its reason and what was typed`()
        async
    {
        let browser = browser(ReviewStepsStub())
        let sent = [
            ("form_token", await browser.formToken), ("part", "finding"), ("leaf", ""),
            ("control", "alerts"), ("severity", "2"), ("text", "five+are+%3Copen%3E"),
            ("owner", "dana"), ("due", "2026-12-11"),
        ]
        let page = await browser.post(Self.path + "/statement", sent)
        #expect(page.status == 422)
        #expect(page.text.ranges(of: "is not an e-mail address").count == 1, "at its form alone")
        let places = ["id=\"part-findings\"", "is not an e-mail address", "five are &lt;open"]
            .compactMap { page.text.firstRange(of: $0)?.lowerBound }
        #expect(places.count == 3 && places == places.sorted())
        for words in ["five are &lt;open", "value=\"dana\"", "value=\"2026-12-11\""] {
            #expect(page.text.contains(words), "\(words)")
        }
        let empty = await browser.post(
            Self.path + "/statement", Array(sent.prefix(3)) + [("severity", "2")])
        #expect(empty.text.contains("`What was found` is empty"))
        let start = self.browser(ReviewStepsStub(isOpen: false))
        let refused = await start.post(
            Self.path + "/start", [("form_token", await start.formToken), ("to", "2026-12-11")])
        #expect(refused.status == 422 && refused.text.contains("value=\"2026-12-11\""))
    }

    @Test func `the reason of a form that is there no more is said once, at the head`() async {
        let browser = browser(
            ReviewStepsStub(refusal: Problem(.otherState, "people signed it"), isSigned: true))
        let sent = [
            ("form_token", await browser.formToken), ("part", "plan"), ("next", "2026-12-11"),
        ]
        let page = await browser.post(Self.path + "/statement", sent)
        #expect(page.status == 409)
        #expect(page.text.ranges(of: "Not done: people signed it.").count == 1)
    }

    @Test func `each earlier finding is asked about, and each answer that is not in order`() async {
        let page = await browser(ReviewStepsStub(text: "stale")).get(Self.path).text
        for words in [
            "Findings of earlier reviews", "mended", "still open, with its date",
            "Not in order: alerts were classified", "name=\"number\" value=\"2\"",
        ] {
            #expect(page.contains(words), "\(words)")
        }
    }

    @Test func `the owner reads why before a review is open, and others get the period`() async {
        let owner = ReviewStepsStub(objection: "`p1@acme.example` owns the agent", isOpen: false)
        let refused = await browser(owner).get(Self.path).text
        #expect(refused.contains("You do not review it") && !refused.contains("Start review"))
        let page = await browser(ReviewStepsStub(isOpen: false)).get(Self.path).text
        #expect(page.contains("value=\"\(ReviewPagesTests.Stub.due.day.text)\""))
    }

    @Test func `a mark is chosen by people, and the one on record is shown`() async {
        let plain = await browser(ReviewStepsStub()).get(Self.record).text
        #expect(plain.contains("not said yet") && plain.contains("value=\"\" selected"))
        let marked = await browser(ReviewStepsStub(mark: .finding(.serious))).get(Self.record).text
        #expect(marked.contains("value=\"finding-2\" selected"))
        #expect(marked.contains("required to take the finding back"))
        let stub = ReviewStepsStub()
        let browser = browser(stub)
        let sent = [
            ("form_token", await browser.formToken), ("as", ""), ("note", "half+a+thought"),
        ]
        let answer = await browser.post(Self.record + "/mark", sent)
        #expect(answer.status == 422 && answer.text.contains("half a thought"))
        #expect(!stub.said.withLock { $0 }.contains { $0.hasPrefix("mark") })
    }

    @Test func `the owner of a finding has it in the inbox`() async {
        let mine = await browser(ReviewStepsStub()).get("/approvals").text
        #expect(mine.contains("Mend a finding of a governance review"))
        let other = await browser(ReviewStepsStub(), person: 1).get("/approvals").text
        #expect(!other.contains("Mend a finding"))
    }

    @Test func `who may not review reads why, and gets no form`() async {
        let stub = ReviewStepsStub(objection: "`p1@acme.example` owns the agent")
        let page = await browser(stub).get(Self.path).text
        #expect(page.contains("You do not review it") && page.contains("href=\"/audit/40\""))
        #expect(!page.contains("action=\"\(Self.path)"))
    }

    @Test func `a record is opened by its page, and not by a request without content`() async {
        let stub = ReviewStepsStub()
        let page = await browser(stub).get(Self.record)
        #expect(page.status == 200 && page.text.contains("Save mark"))
        #expect(page.text.contains("secret") && page.text.contains("Proved against"))
        #expect(stub.said.withLock { $0 } == ["open \(ReviewStepsStub.leaf.hex)"])
        let refused = ReviewStepsStub(refusal: Problem(.notEligible, "you own the agent"))
        let answer = await browser(refused).get(Self.record)
        #expect(answer.status == 403 && !answer.text.contains("secret"))
    }

    @Test func `an erased record has no form that marks it`() async {
        let page = await browser(ReviewStepsStub(isErased: true)).get(Self.record)
        #expect(page.status == 200 && page.text.contains("A payload was erased."))
        #expect(!page.text.contains("Save mark") && !page.text.contains("Go to the mark"))
    }

    @Test func `a mark and a statement are forms of the session alone`() async {
        let stub = ReviewStepsStub()
        let browser = browser(stub)
        let token = await browser.formToken
        let mark = [("form_token", token), ("as", "finding-2"), ("note", "stale")]
        #expect(await browser.post(Self.record + "/mark", mark).status == 303)
        let drift = [
            ("form_token", token), ("part", "drift"), ("cause", "new-version"),
            ("subject", "desk"), ("leaf", ReviewStepsStub.leaf.hex), ("outcome", "keep"),
        ]
        #expect(await browser.post(Self.path + "/statement", drift).status == 303)
        let said = stub.said.withLock { $0 }
        #expect(said.first == "mark finding 2 stale" && said.count == 2)
        for (path, fields) in [
            (Self.record + "/mark", mark), (Self.path + "/statement", drift),
            (Self.path + "/start", [("form_token", token), ("from", "2026-11-01")]),
        ] {
            let foreign = [("form_token", "x")] + fields.dropFirst()
            #expect(await browser.post(path, foreign).status == 403, "\(path)")
            #expect(await browser.get(path).status == 405, "\(path)")
        }
        #expect(stub.said.withLock { $0.count } == 2)
    }

    @Test(arguments: [
        [("part", "drift"), ("cause", "luck")], [("part", "luck")], [],
        [("part", "finding"), ("severity", "4")], [("part", "plan"), ("next", "soon")],
        [("part", "compared"), ("policy", "x")], [("part", "removal"), ("number", "x")],
    ]) func `a form of another form is refused, and nothing is taken`(
        _ fields: [(String, String)]
    ) async {
        let stub = ReviewStepsStub()
        let browser = browser(stub)
        let sent = [("form_token", await browser.formToken)] + fields
        #expect(await browser.post(Self.path + "/statement", sent).status == 422)
        #expect(stub.said.withLock { $0 }.isEmpty)
    }

    @Test func `a refusal is said on the page of the review`() async {
        let stub = ReviewStepsStub(
            refusal: Problem(.otherState, "open the record before you mark it"))
        let browser = browser(stub)
        let token = await browser.formToken
        let answer = await browser.post(
            Self.record + "/mark", [("form_token", token), ("as", "ok")])
        #expect(answer.status == 409)
        #expect(answer.text.contains("Not done: open the record before you mark it"))
    }

    @Test func `the scopes are compared on their page, and the patch is a file with a proof`() async
    {
        let stub = ReviewStepsStub()
        let page = await browser(stub).get(Self.path + "/scopes")
        #expect(page.status == 200 && page.text.contains("I compared scopes and use"))
        #expect(page.text.contains("desk.<wbr>note") && page.text.contains("unused"))
        #expect(await browser(stub).get(Self.path + "/retire.patch").status == 401)
        #expect(stub.said.withLock { $0 } == ["compare"])
    }

    @Test func `a text of any origin stays a text`() async {
        for one in Hostile.texts where !one.isEmpty {
            for path in [Self.path, Self.path + "/scopes", Self.record] {
                let answer = await browser(ReviewStepsStub(text: one)).get(path)
                let outline = Outline(answer.response.body)
                #expect(answer.status == 200 && outline.faults == [], "\(path): \(one)")
                #expect(!outline.text.unicodeScalars.contains("\u{202e}"))
            }
        }
    }

    @Test func `a document that waits is in the inbox of those who have to sign`() async {
        let mine = await browser(ReviewStepsStub()).get("/approvals").text
        #expect(mine.contains("Sign a governance review"))
        #expect(mine.contains("href=\"\(Self.path)\""))
        let sent = await browser(ReviewStepsStub(), person: 1).get("/approvals").text
        #expect(!sent.contains("Sign a governance review"))
        let stranger = await browser(ReviewStepsStub(), person: 2).call(
            "/inbox?show=pending&kind=review"
        ).json
        #expect(stranger?["items"]?.array?.isEmpty == true)
    }

    @Test func `an address names a step of one review alone`() {
        let clerk = ReviewPagesTests.Stub.clerk
        let leaf = ReviewStepsStub.leaf
        let lettered = Digest(words: (0xab, 1, 1, 1))
        for step: ReviewRoute.Step in [
            .summary, .start, .statement, .record(leaf), .mark(leaf), .scopes, .patch,
        ] {
            for agent in [clerk, nil] {
                let route = ReviewRoute(agent, step)
                #expect(Route(route.link.text) == .own(.agents(.review(route))))
            }
        }
        for path in [
            "/agents/clerk/review/x", "/agents/clerk/review/records", "/agents/reviews/x",
            "/agents/clerk/review/records/" + lettered.hex.uppercased(), Self.record + "/x",
            "/agents/clerk/review/", "/agents/clerk/runs",
        ] {
            #expect(Route(path) == nil, "\(path)")
        }
    }

    @Test func `people sign by two operations of their plane`() async {
        #expect(Operation.reviewDrafts.count == 2)
        for operation in Operation.reviewDrafts {
            #expect(operation.callers == .person, "\(operation.name)")
        }
    }
}
