import InterlockApprovals
import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockGovernor
@testable import InterlockMarkup

/// The rendering of the pages of halts; a browser test covers the service behind them.
struct HaltPageTests {
    private let office = ConsoleOffice()
    private static let hostile = "stop <script>alert(1)</script> \u{202e}now"

    private func id(_ number: Int64) -> OrderID {
        OrderID(milliseconds: number, random: [UInt8](repeating: 0, count: 10))
    }

    private func signer(
        _ roles: Set<Role> = [.kill, .resume], way: ApprovalMethod = .page, person: Int = 0
    ) -> OrderSigner {
        let voter = office.voter(person)
        return OrderSigner(
            session: PersonSession(
                person: voter.person, pseudonym: voter.pseudonym, formToken: "a-form-token"),
            roles: roles, way: way)
    }

    private func halt(
        _ number: Int64, _ target: HaltTarget = .org, reason: String = "repeated refunds",
        author: Person? = nil
    ) throws -> ActiveHalt {
        ActiveHalt(
            order: try HaltOrder(
                id: id(number), org: "acme", target: target, reason: reason,
                author: office.voter(0).pseudonym, at: ConsoleOffice.start),
            author: author, owner: nil)
    }

    private func release(_ number: Int64, of halts: [Int64], by signers: [Int]) throws
        -> ReleaseProposal
    {
        ReleaseProposal(
            order: try ReleaseOrder(
                id: id(number), org: "acme", halts: halts.map(id), afterEpoch: 1,
                reason: "put right again", authors: [0, 1].map { office.voter($0).pseudonym }),
            signers: signers.map { office.people[$0] }, need: 2, started: ConsoleOffice.start,
            ends: ConsoleOffice.start + .seconds(3600))
    }

    private func list(
        _ halts: [ActiveHalt] = [], releases: [ReleaseProposal] = [],
        drills: DrillListView? = nil, signer: OrderSigner? = nil
    ) -> Outline {
        let view = HaltListView(
            epoch: 41, node: "gw1", halts: halts, ended: [],
            points: [PointReport(point: "gateway/gw1", state: .confirmed)] + HaltReport.absent,
            releases: releases, drills: drills, signer: signer ?? self.signer())
        let page = HaltListPage(view: view)
        return outline([page.header.html(at: nil)] + page.content)
    }

    private func outline(_ content: [HTML]) -> Outline {
        let outline = Outline(HTML.group(content).bytes)
        #expect(outline.faults.isEmpty)
        return outline
    }

    private func outline(_ view: HaltView) -> Outline {
        let page = HaltPage(view: view)
        return outline([page.header.html(at: nil)] + page.content)
    }

    private func forms(_ outline: Outline) -> [String] {
        outline.values.filter { ["halt", "release", "confirm"].contains($0) }
    }

    @Test func `nothing stopped says so, and everything can be stopped`() {
        let page = list()
        #expect(page.text.contains("No active halts") && page.text.contains("41"))
        #expect(forms(page) == ["halt"] && page.values.contains("org") && page.values.contains("*"))
    }

    @Test func `a halt has its reason, who ordered it and since when`() throws {
        let agent = HaltTarget.agent(try #require(AgentName("refunds")))
        let page = list([
            try halt(1, agent, reason: Self.hostile, author: office.people[0]), try halt(2),
        ])
        #expect(page.text.contains("2 active halts"))
        #expect(page.text.contains("agent refunds") && page.text.contains("p1@acme.example"))
        #expect(page.text.contains("Automatic"))
        #expect(!page.tags.contains { $0.hasPrefix("script") })
        #expect(page.values.contains("/halts/\(id(1).text)"))
    }

    @Test func `a release waits for another person than the one who asked`() throws {
        let halts = [try halt(1)]
        let own = list(halts, releases: [try release(9, of: [1], by: [0])])
        #expect(own.text.contains("You have signed it.") && forms(own) == ["halt"])
        let other = list(halts, releases: [try release(9, of: [1], by: [1])])
        #expect(
            forms(other).contains("confirm")
                && other.values.contains("releases/\(id(9).text)/confirm"))
        #expect(other.text.contains("put right again"))
    }

    @Test func `who has not got the role sees which one it takes, and no form`() throws {
        let page = list(
            [try halt(1)], releases: [try release(9, of: [1], by: [1])], signer: signer([]))
        #expect(forms(page).isEmpty)
        #expect(page.text.contains("Requires role kill"))
        #expect(page.text.contains("Requires role resume"))
    }

    @Test func `without passkeys the command is named`() {
        let page = list(signer: signer(way: .command))
        #expect(forms(page).isEmpty && page.text.contains("interlock kill --all --reason"))
    }

    @Test func `a form asks for a reason of fit length and is off without its script`() throws {
        let tool = HaltTarget.tool(try #require(ToolAddress(dotted: "billing.refund_request")))
        let page = outline([signer().form(.halt(tool), 3)])
        #expect(page.values.contains("order-reason-3") && page.values.contains("8"))
        #expect(page.values.contains("500") && page.values.contains("a-form-token"))
        #expect(page.values.contains("tool") && page.values.contains("billing.refund_request"))
        #expect(page.tags.contains { $0.hasPrefix("button") && $0.contains("disabled") })
        #expect(page.text.contains("Stop tool"))
    }

    @Test func `the page of a halt follows its report and can ask to resume`() throws {
        let halt = try halt(1, reason: Self.hostile)
        var report = HaltReport(
            order: halt.order, epoch: 41,
            points: [PointReport(point: "gateway/gw1", state: .confirmed)], cutCalls: [],
            left: [], isDurable: true, duration: .zero)
        let good = HaltView(halt, isActive: true, report: report, signer: signer())
        let page = outline(good)
        #expect(page.text.contains("Confirmed by every installed point"))
        #expect(page.text.contains("No calls in progress"))
        #expect(forms(page) == ["release"] && !page.tags.contains { $0.hasPrefix("script") })
        report.points[0] = PointReport(point: "gateway/gw1", state: .notConfirmed)
        let open = HaltView(halt, isActive: true, report: report, signer: signer())
        #expect(outline(open).text.contains("Not confirmed"))
        #expect(open.version != good.version)
        let ended = HaltView(halt, isActive: false, report: nil, signer: signer())
        let last = outline(ended)
        #expect(forms(last).isEmpty && last.text.contains("Ended"))
        #expect(last.text.contains("before this gateway was started"))
    }

    private func drill(faults: [String] = [], by starter: String = "auto") -> DrillReport {
        DrillReport(
            id: id(5), variant: .standard, org: "acme/drill", node: "gw1",
            started: ConsoleOffice.start, ended: ConsoleOffice.start, version: "1",
            policy: office.hashing.sha256([1]), classes: ["gateway", "http"], points: [],
            intents: 3, outcomes: 3,
            secondHaltChanged: false, oneSignatureReleased: false, releaseMilliseconds: 4,
            faults: faults, runBy: starter, origin: "acme.example/log",
            root: office.hashing.sha256([2]), subject: .gateway)
    }

    @Test func `drills that are overdue or cannot be read are said to be`() throws {
        func view(_ reports: [DrillStatus.Last]?, _ drills: [ListedDrill]?) -> Outline {
            list(
                drills: DrillListView(
                    status: DrillStatus(
                        every: .seconds(86_400), declared: nil, reports: reports,
                        now: ConsoleOffice.start), drills: drills, isAuto: true, at: "tue 10:00"))
        }
        #expect(view([], []).text.contains("not rehearsed as the policy demands"))
        #expect(view(nil, nil).text.contains("The reports cannot be read"))
        let last = DrillStatus.Last(ended: ConsoleOffice.start, passed: true, isSignedOff: true)
        let listed = ListedDrill(report: drill(), isSignedOff: true, signers: [office.people[1]])
        let fine = view([last], [listed])
        #expect(fine.text.contains("in time") && fine.text.contains("p2@acme.example"))
        #expect(fine.values.contains("/halt/drills/\(id(5).text)"))
    }

    @Test func `a drill's page has its facts, its faults and who signed it off`() {
        let page = outline(
            DrillPage(
                drill: ListedDrill(
                    report: drill(faults: [Self.hostile]), isSignedOff: false, signers: []),
                signer: signer(), maySign: true
            ).content)
        #expect(page.text.contains("Sign report") && page.values.contains("sign-drill"))
        let other = outline(
            DrillPage(
                drill: ListedDrill(
                    report: drill(), isSignedOff: true, signers: [signer().session.person]),
                signer: signer(), maySign: true
            ).content)
        #expect(other.text.contains("You have signed it."))
        #expect(!other.values.contains("sign-drill"))
        #expect(page.text.contains("not signed off") && page.text.contains("failed"))
        #expect(!page.tags.contains { $0.hasPrefix("script") })
    }

    @Test func `whoever signs a drill's report reads every value of it, and who started it`() {
        /// The members, texts and numbers of a value, as a page shows them.
        func values(_ json: JSONValue) -> [String] {
            switch json {
            case .object(let object): object.members.flatMap { [$0.key] + values($0.value) }
            case .array(let items): items.flatMap(values)
            case .string(let text): [text]
            default: [String(decoding: json.serialized(), as: UTF8.self)]
            }
        }
        func text(_ report: DrillReport, by starter: Person? = nil) -> String {
            outline(
                DrillPage(
                    drill: ListedDrill(
                        report: report, isSignedOff: false, signers: [], starter: starter),
                    signer: signer(), maySign: true
                ).content
            ).text
        }
        let report = drill(faults: ["a fault"])
        let page = text(report)
        #expect(page.contains("You sign:") && page.contains("the schedule"))
        for value in values(report.json) { #expect(page.contains(value), "\(value)") }
        let person = office.people[1]
        let pseudonym = office.voter(1).pseudonym.text
        #expect(text(drill(by: pseudonym), by: person).contains("p2@acme.example"))
        #expect(text(drill(by: pseudonym)).contains(pseudonym))
    }

    @Test(arguments: [
        ("/halt", 503), ("/halts", 404), ("/halts/x", 404), ("/halt/drills/x", 404),
        ("/halts/01kag0r2b4d6f8h0k2m4p6r8t0", 503), ("/halt/x", 404), ("/halt/", 404),
    ])
    func `what is no page of halts is none, and without a gateway nothing is known`(
        _ target: String, _ status: Int
    ) async {
        #expect(await Browser().get(target).status == status)
        #expect(await Browser(person: nil).get(target).status == (status == 404 ? 404 : 401))
    }
}
