import InterlockApprovals
import InterlockConsoleWorld
import InterlockModel
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup

struct InboxTests {
    private let office = ConsoleOffice()

    private func view(
        _ requests: [ApprovalRequest], _ tab: InboxView.Tab = .mine, person: Int = 0,
        filter: InboxView.Filter = .init(), order: String? = nil, page: Int = 1
    ) -> InboxView {
        InboxView(
            requests, viewer: office.people[person], tab: tab, filter: filter,
            order: order.flatMap { InboxView.Sorting($0) }, page: page, now: ConsoleOffice.start)
    }

    @Test func `the nearest end comes first, fifty to a page`() throws {
        let requests = try (0..<120).map {
            try office.request($0, life: .seconds(Int64(60 + ($0 * 37) % 120)))
        }
        let pages = (1...3).map { view(requests.shuffled(), page: $0) }
        #expect(pages.map(\.rows.count) == [50, 50, 20])
        #expect(pages.allSatisfy { $0.pages == 3 })
        let ends = pages.flatMap(\.requests).map(\.expires)
        #expect(ends == ends.sorted())
        #expect(Set(pages.flatMap(\.requests).map(\.id)).count == 120)
        #expect(view(requests, page: 9).page == 3)
        #expect(view(requests, page: .min).page == 1)
    }

    @Test func `each request stands where it belongs`() throws {
        let open = try office.request(1, quorum: 2, voters: [0, 1])
        let voted = try office.voted(open, .approve, by: 0)
        let foreign = try office.request(2, voters: [1])
        let approved = try office.voted(try office.request(3), .approve, by: 1)
        let denied = try office.voted(try office.request(4), .deny, by: 1)
        #expect(view([open, foreign, approved, denied]).requests.map(\.id) == [open.id])
        #expect(view([voted]).rows.isEmpty)
        #expect(view([voted], person: 1).requests.map(\.id) == [voted.id])
        #expect(
            Set(view([open, foreign, approved, denied], .pending).requests.map(\.id)) == [
                open.id, foreign.id,
            ])
        #expect(
            Set(view([open, approved, denied], .decided).requests.map(\.id)) == [
                approved.id, denied.id,
            ])
        #expect(
            view([open, foreign, approved, denied]).counts == [
                .mine: 1, .pending: 2, .sent: 0, .decided: 2,
            ])
    }

    @Test func `a filter lets through what matches in full`() throws {
        let requests = try [
            office.request(1, agent: "refunds"), office.request(2, agent: "crm"),
            office.request(3, agent: "crm", group: "support"),
        ]
        #expect(view(requests, filter: .init(agent: "crm")).rows.count == 2)
        #expect(view(requests, filter: .init(agent: "crm", group: "support")).rows.count == 1)
        #expect(view(requests, filter: .init(agent: "cr")).rows.isEmpty)
        #expect(view(requests, filter: .init(tool: "billing.refund_request")).rows.count == 3)
        #expect(view(requests).groups == ["finance", "support"])
    }

    @Test func `an order is of the whole list, and the same values stay by deadline`() throws {
        let requests = try (0..<120).map { number in
            try office.request(
                number, agent: "agent\(number % 3)", tier: number % 2 == 0 ? .high : .low,
                life: .seconds(Int64(60 + (number * 37) % 120)))
        }
        func all(_ order: String) -> [ApprovalRequest] {
            (1...3).flatMap { view(requests.shuffled(), order: order, page: $0).requests }
        }
        for order in InboxView.Sorting.texts { #expect(Set(all(order).map(\.id)).count == 120) }
        let ends = all("-due").map(\.expires)
        #expect(ends == ends.sorted(by: >) && all("due") == all("tool"))
        let tiers = all("-tier")
        #expect(tiers.map(\.decision.tier) == tiers.map(\.decision.tier).sorted(by: >))
        for half in [tiers.prefix(60), tiers.suffix(60)] {
            #expect(half.map(\.expires) == half.map(\.expires).sorted())
        }
        let agents = all("agent").map(\.review.call.agent)
        #expect(agents == agents.sorted() && Set(agents.prefix(40)).count == 1)
        // The next deadline is said of the whole list, whichever row is the first.
        #expect(view(requests, order: "-due").first?.due == ends.last)
    }

    @Test func `the header of a column sorts the inbox, and keeps its filters`() async throws {
        let browser = Browser()
        for number in 0..<60 { browser.world.put(try office.request(number, tier: .high)) }
        let plain = await browser.get("/approvals?show=pending&agent=refunds").text
        #expect(plain.ranges(of: "aria-sort").count == 1)
        let address = "/approvals?show=pending&amp;agent=refunds&amp;sort="
        #expect(plain.contains("aria-sort=\"ascending\"><a href=\"\(address)-due\">Due</a>"))
        #expect(plain.contains("\(address)-tier\">Tier</a>"))
        #expect(plain.contains("\(address)tool\">What</a>"))
        let sorted = await browser.get(
            "/approvals?show=pending&kind=approval&agent=refunds&sort=-tier"
        ).text
        #expect(sorted.ranges(of: "aria-sort").count == 1)
        #expect(sorted.contains("aria-sort=\"descending\"><a href="))
        #expect(sorted.contains("All pending, by tier, descending"))
        #expect(sorted.contains("agent=refunds&amp;sort=-tier&amp;page=2"), "pages keep it")
        #expect(
            sorted.contains("<input type=\"hidden\" name=\"sort\" value=\"-tier\">"),
            "the form keeps it")
        #expect(sorted.contains("show=pending&amp;agent=refunds&amp;sort=-tier\""), "so do chips")
        #expect(sorted.contains("show=decided&amp;kind=approval&amp;agent=refunds\""))
        for query in ["sort=x", "sort=--due", "sort=Due", "sort=due&sort=tier"] {
            #expect(await browser.get("/approvals?\(query)").status == 400, "\(query)")
            #expect(await browser.call("/inbox?\(query)").problem == "malformed", "\(query)")
        }
        for order in InboxView.Sorting.texts {
            for tab in InboxView.Tab.allCases {
                let query = "show=\(tab.rawValue)&sort=\(order)"
                let column = order.hasPrefix("-") ? String(order.dropFirst()) : order
                let status =
                    ["sent tier", "decided due"].contains("\(tab.rawValue) \(column)") ? 400 : 200
                #expect(await browser.get("/approvals?\(query)").status == status, "\(query)")
                #expect(await browser.call("/inbox?\(query)").status == status, "\(query)")
            }
        }
    }

    @Test func `an empty list says when the last request was decided`() throws {
        let denied = try office.voted(
            try office.request(1), .deny, by: 1, at: ConsoleOffice.start + .seconds(30))
        let page = text(InboxPage(view: view([denied])))
        #expect(page.contains("Nothing waits for you."))
        #expect(page.contains("Last decision"))
        #expect(text(InboxPage(view: view([]))).contains("No request was decided yet."))
        let hidden = text(InboxPage(view: view([denied], .decided, filter: .init(agent: "x"))))
        #expect(hidden.contains("Clear filters"))
    }

    @Test func `the version changes with what is seen and with nothing else`() throws {
        let request = try office.request(1)
        let denied = try office.voted(request, .deny, by: 1)
        #expect(view([request]).version == view([request]).version)
        #expect(view([request]).version != view([denied]).version)
        #expect(view([request]).version != view([request, try office.request(2)]).version)
    }

    private func text(_ page: InboxPage) -> String { Outline(HTML.group(page.content).bytes).text }
}

extension InboxView {
    /// The approval requests among the rows.
    fileprivate var requests: [ApprovalRequest] {
        rows.compactMap { if case .request(let request) = $0 { request } else { nil } }
    }
}
