import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSchemas
import InterlockTesting
import InterlockTrust
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockPromotions

/// Promotions that wait for people, on pages, in the inbox and in the API.
@Suite(.requirement("R126")) struct PromotionPagesTests {
    private static let path = "/promotions/\(ProposalStub.evidence.hex)"
    private static let api = "/promotion-proposals/\(ProposalStub.evidence.hex)"
    private let people = ConsoleOffice().people

    private func browser(
        _ proposal: ProposalStub?, person: Int? = 0, hasEntry: Bool = true
    ) -> Browser {
        var sources = DirectoryWorld(text: "plain").sources
        sources.promotionActions = proposal
        sources.readiness = ReadinessStub()
        return Browser(person: person, hasEntry: hasEntry, sources: sources)
    }

    @Test func `the page has the evidence, the readiness and the form of the first decider`()
        async
    {
        let page = await browser(ProposalStub()).get(Self.path)
        #expect(page.status == 200)
        for words in [
            "1 assisted", "2 bounded", "Waits for signatures", "at least 300", "412", "met",
            "missed", "No person has signed yet", "data-order=\"elevate-stage\"",
            "name=\"rationale\"", "name=\"with\"", "name=\"days\"",
            "value=\"promotion-proposals/\(ProposalStub.evidence.hex)/sign\"",
            "value=\"promotion-proposals/\(ProposalStub.evidence.hex)/draft\"",
            "Checks before the agent is given more", "interlock trust promote sha256:",
        ] { #expect(page.text.contains(words), "\(words)") }
        let bare = await browser(ProposalStub(), hasEntry: false).get(Self.path).text
        #expect(!bare.contains("data-order=\"elevate-stage\""))
        #expect(bare.contains("Signing by passkey is not configured here"))
    }

    @Test func `those who follow sign what the first has stated, each once`() async {
        let document = ProposalStub(deciders: [people[1], people[0]], signed: [people[1]])
        let page = await browser(document).get(Self.path).text
        #expect(page.contains("Four weeks of routing without any rejection"))
        #expect(page.contains("data-order=\"elevate-stage\""))
        #expect(!page.contains("name=\"rationale\""))
        let signed = await browser(document, person: 1).get(Self.path).text
        #expect(signed.contains("You have signed.") && !signed.contains("elevate-stage"))
        let others = ProposalStub(deciders: [people[1]], signed: [])
        let bystander = await browser(others).get(Self.path).text
        #expect(bystander.contains("It does not wait for you."))
        let over = ProposalStub(deciders: [people[0]], signed: [people[0]], isOpen: false)
        let done = await browser(over).get(Self.path).text
        #expect(done.contains("It can no longer be signed.") && done.contains("Signed by all"))
    }

    @Test func `an agent's page and the inbox list what waits`() async {
        let agent = await browser(ProposalStub()).get("/agents/clerk").text
        #expect(agent.contains("href=\"\(Self.path)\"") && agent.contains("a first decider"))
        let reading = await browser(ProposalStub(isRead: false)).get("/agents/clerk").text
        #expect(reading.contains("The proposals are being read."))
        let none = await browser(ProposalStub(isOpen: false)).get("/agents/clerk").text
        #expect(none.contains("No promotion waits for signatures."))
        #expect(
            !(await browser(nil).get("/agents/clerk").text).contains("Promotions that wait"))
        let inbox = await browser(ProposalStub(), person: 1).get("/approvals").text
        #expect(inbox.contains("Sign a promotion to stage 2 bounded"))
        #expect(inbox.contains("href=\"\(Self.path)\""))
        let other = await browser(ProposalStub(), person: 2).get("/approvals").text
        #expect(!other.contains("Sign a promotion"))
        let items = await browser(ProposalStub(), person: 1).call("/inbox").json
        #expect(items?["items"]?.array?.first?["kind"] == "promotion")
    }

    @Test func `who sees neither the agent nor is asked to decide finds nothing`() async {
        for (person, status) in [(0, 200), (1, 200), (2, 404)] {
            let browser = browser(ProposalStub(), person: person)
            #expect(await browser.get(Self.path).status == status)
            #expect(await browser.call(Self.api).status == status)
            let list = await browser.call("/promotion-proposals").json
            #expect(list?["proposals"]?.array?.count == (status == 200 ? 1 : 0))
        }
        let asked = ProposalStub(deciders: [people[2]])
        #expect(await browser(asked, person: 2).get(Self.path).status == 200)
        #expect(await browser(asked, person: nil).get(Self.path).status == 401)
        #expect(await browser(nil).get(Self.path).status == 404)
        #expect(await browser(nil).call(Self.api).problem == "not_read")
        for path in ["/promotions", "/promotions/x", Self.path + "/x", Self.path.uppercased()] {
            #expect(await browser(asked).get(path).status == 404, "\(path)")
        }
        #expect(
            await browser(ProposalStub(isRead: false)).call("/promotion-proposals").problem
                == "not_read")
    }

    @Test func `the API tells what the page shows, as the document says`() async throws {
        for proposal in [
            ProposalStub(), ProposalStub(deciders: [people[1]], signed: [people[1]]),
            ProposalStub(isOpen: false),
        ] {
            let detail = try #require(await browser(proposal).call(Self.api).json)
            try ProposalView.form.shape.check(detail)
            #expect(detail["open"] == .bool(proposal.isOpen))
            #expect((detail["rationale"] != nil) == (proposal.deciders != nil))
        }
        let list = await browser(ProposalStub()).call("/promotion-proposals?agent=clerk").json
        #expect(list?["proposals"]?.array?.count == 1)
        let none = await browser(ProposalStub()).call("/promotion-proposals?agent=other").json
        #expect(none?["proposals"]?.array?.isEmpty == true)
    }

    @Test func `a text of any origin stays a text`() async {
        let plain = ProposalStub(text: "plain, as stated", deciders: [people[0]])
        for one in Hostile.texts where !one.isEmpty {
            let hostile = ProposalStub(text: one + ", as stated", deciders: [people[0]])
            let answer = await browser(hostile).get(Self.path)
            let outline = Outline(answer.response.body)
            #expect(answer.status == 200 && outline.faults == [], "\(one)")
            let allowed = Self.names(Outline(await browser(plain).get(Self.path).response.body))
            #expect(
                Self.names(outline).subtracting(allowed)
                    .isSubset(of: ["bdi", "span", "strong"]), "\(one)")
            #expect(!outline.text.unicodeScalars.contains("\u{202e}"))
        }
    }

    private static func names(_ outline: Outline) -> Set<String> {
        Set(outline.tags.map { String($0.split(separator: " ")[0].drop { $0 == "/" }) })
    }
}
