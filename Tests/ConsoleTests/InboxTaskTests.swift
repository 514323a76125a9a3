import InterlockAlerts
import InterlockApprovals
import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import InterlockSchemas
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockMarkup

/// The inbox has whatever waits for people, in one list by deadline.
struct InboxTaskTests {
    private let office = ConsoleOffice()
    private let start = ConsoleOffice.start

    private func id<Tag>(_ number: Int64) -> Identifier<Tag> {
        Identifier(milliseconds: number, random: [UInt8](repeating: 0, count: 10))
    }

    private func task(
        _ subject: InboxTask.Subject, due: Duration?, mine: Bool = true, reason: String? = nil
    ) -> InboxTask {
        InboxTask(
            subject: subject, agent: AgentName("refunds"), reason: reason, signed: 1, need: 2,
            since: start, due: due.map { start + $0 }, isMine: mine)
    }

    private func view(
        _ requests: [ApprovalRequest], _ tasks: [InboxTask], _ tab: InboxView.Tab = .mine,
        _ filter: InboxView.Filter = .init()
    ) -> InboxView {
        InboxView(
            requests, tasks, viewer: office.people[0], tab: tab, filter: filter, page: 1,
            now: start)
    }

    @Test func `tasks are between the requests by their deadline, those without one are last`()
        throws
    {
        let request = try office.request(1, life: .seconds(1800))
        let tasks = [
            task(.alert(id(4), code: "denials", count: 1), due: nil),
            task(.drill(id(3), passed: true), due: .seconds(3 * 86_400)),
            task(.resume(id(2), [.org]), due: .seconds(600)),
            task(.breakGlass(id(5)), due: .seconds(-60)),
        ]
        let found = view([request], tasks)
        #expect(
            found.rows.map(\.kind) == [
                .task(.breakGlass), .task(.resume), .approval, .task(.drill), .task(.alert),
            ])
        #expect(found.counts == [.mine: 5, .pending: 5, .sent: 0, .decided: 0])
        let page = Outline(HTML.group(InboxPage(view: found).content).bytes)
        let headings = ["Overdue", "Due within the hour", "Later"]
        let places = headings.map { page.text.firstRange(of: $0)?.lowerBound }
        #expect(places.allSatisfy { $0 != nil } && !page.text.contains("Due within a day"))
        for link in [
            "/halt", "/alerts/\(id(4) as AlertID)", "/halt/drills/\((id(3) as OrderID).text)",
        ] {
            #expect(page.values.contains { $0.hasPrefix(link) }, "\(link)")
        }
    }

    @Test func `tasks without a value of the column are last in both directions`() throws {
        let requests = try [
            office.request(1, agent: "zeta", life: .seconds(60)), office.request(2, agent: "alpha"),
        ]
        let tasks = [
            task(.alert(id(4), code: "denials", count: 1), due: nil),
            task(.drill(id(3), passed: true), due: .seconds(30)),
        ]
        func kinds(_ order: String) -> [InboxRow.Kind] {
            InboxView(
                requests, tasks, viewer: office.people[0], tab: .mine, filter: .init(),
                order: InboxView.Sorting(order), page: 1, now: start
            ).rows.map(\.kind)
        }
        let (alert, drill) = (InboxRow.Kind.task(.alert), InboxRow.Kind.task(.drill))
        #expect(kinds("due") == [drill, .approval, .approval, alert])
        #expect(kinds("-due") == [.approval, .approval, drill, alert])
        for order in ["tool", "-tool", "tier", "-tier"] {
            #expect(kinds(order) == [.approval, .approval, drill, alert], "\(order)")
        }
        // Both tasks are about `refunds`.
        #expect(kinds("agent") == [.approval, drill, alert, .approval])
    }

    @Test func `what is another person's is pending, and nothing of it is decided`() {
        let tasks = [
            task(.revision(office.hashing.sha256([1]), isFirst: false), due: nil, mine: false)
        ]
        #expect(view([], tasks).rows.isEmpty)
        #expect(view([], tasks, .pending).rows.count == 1)
        #expect(view([], tasks, .decided).rows.isEmpty)
        #expect(view([], tasks).counts == [.mine: 0, .pending: 1, .sent: 0, .decided: 0])
    }

    @Test func `a kind is chosen by a link, and tools and groups are of requests alone`() throws {
        let request = try office.request(1, agent: "refunds")
        let tasks = [
            task(.elevation(id(2)), due: .seconds(60)), task(.resume(id(3), []), due: .seconds(60)),
        ]
        let all = view([request], tasks)
        #expect(all.kinds == [.approval: 1, .task(.elevation): 1, .task(.resume): 1])
        let page = Outline(HTML.group(InboxPage(view: all).content).bytes)
        #expect(page.values.contains("/approvals?show=mine&kind=elevation"))
        func rows(_ filter: InboxView.Filter) -> [InboxRow.Kind] {
            view([request], tasks, .mine, filter).rows.map(\.kind)
        }
        #expect(rows(.init(kind: .task(.elevation))) == [.task(.elevation)])
        #expect(rows(.init(kind: .approval)) == [.approval])
        #expect(rows(.init(agent: "refunds")).count == 3)
        #expect(rows(.init(tool: "billing.refund_request")) == [.approval])
        #expect(InboxRow.Kind("nothing") == nil)
        #expect(InboxRow.Kind.allCases.allSatisfy { InboxRow.Kind($0.text) == $0 })
    }

    @Test func `what was sent names who can decide, and is in a tab of its own`() {
        var sent = task(.elevation(id(2)), due: .seconds(60), mine: false)
        sent.isSent = true
        sent.deciders = [office.people[1], office.people[2]]
        let tasks = [sent, task(.alert(id(3), code: "denials", count: 1), due: nil)]
        let found = view([], tasks, .sent)
        #expect(found.rows.map(\.kind) == [.task(.elevation)])
        #expect(found.counts == [.mine: 1, .pending: 2, .sent: 1, .decided: 0])
        let page = Outline(HTML.group(InboxPage(view: found).content).bytes)
        #expect(page.text.contains("Sent by me (1)") && page.text.contains("Who can decide"))
        #expect(page.text.contains("p2@acme.example") && page.text.contains("p3@acme.example"))
        sent.deciders = []
        let alone = Outline(HTML.group(InboxPage(view: view([], [sent], .sent)).content).bytes)
        #expect(alone.text.contains("No enrolled person"))
        let empty = Outline(HTML.group(InboxPage(view: view([], [], .sent)).content).bytes)
        #expect(empty.text.contains("No request of yours is pending."))
    }

    @Test func `a confirmation names its command, and no page has the id of an enrolment`() {
        let (enrolment, change): (OrderID, OrderID) = (id(7), id(8))
        let tasks = [
            task(.enrolment(enrolment, office.people[1]), due: .seconds(60)),
            task(
                .roles(change, office.people[2], add: [.kill], remove: [.resume]),
                due: .seconds(60)),
        ]
        let page = Outline(HTML.group(InboxPage(view: view([], tasks)).content).bytes)
        #expect(page.text.contains("Confirm a credential of p2@acme.example"))
        #expect(page.text.contains("Confirm roles of p3@acme.example: add kill, remove resume"))
        #expect(page.text.contains("interlock people confirm \(change.text)"))
        #expect(page.text.contains("read its ID to you"))
        #expect(!page.text.contains(enrolment.text))
        #expect(!page.values.contains { $0.contains(enrolment.text) })
    }

    @Test func `the first revision and later ones lead to where they are signed`() throws {
        let digest = office.hashing.sha256([1])
        let first = task(.revision(digest, isFirst: true), due: nil)
        let next = task(.revision(digest, isFirst: false), due: nil)
        for task in [first, next] {
            #expect(task.link?.text == "/policy/proposed" && task.command == nil)
        }
    }

    @Test func `text of others stays text`() {
        let tasks = Hostile.texts.map {
            task(.alert(id(1), code: $0, count: 3), due: nil, reason: $0)
        }
        let page = Outline(HTML.group(InboxPage(view: view([], tasks)).content).bytes)
        #expect(!page.tags.contains { $0.hasPrefix("script") || $0.hasPrefix("img") })
    }

    @Test func `the list changes with a signature on a task`() {
        let before = task(.elevation(id(2)), due: .seconds(60))
        var after = before
        after.signed = 2
        #expect(view([], [before]).version != view([], [after]).version)
    }

    private struct Tasks: InboxTasks {
        let all: [InboxTask]
        func tasks(for viewer: InboxViewer) -> [InboxTask] { all }
    }

    @Test func `the API lists the rows of the page, to people alone`() async throws {
        var sent = task(.resume(id(3), [.org]), due: .seconds(60), mine: false, reason: "mended")
        sent.isSent = true
        sent.deciders = [office.people[1]]
        let tasks = Tasks(all: [task(.elevation(id(2)), due: .seconds(120)), sent])
        let browser = Browser(sources: ConsoleSources(tasks: tasks))
        browser.world.put(try office.request(1, arguments: ["order": "A-1"], life: .seconds(90)))
        func items(_ query: String) async throws -> [JSONValue] {
            let answer = try #require(await browser.call("/inbox\(query)").json)
            try InboxItem.page.shape.check(answer)
            return try #require(answer["items"]?.array)
        }
        let mine = try await items("")
        #expect(mine.map { $0["kind"]?.string } == ["approval", "elevation"])
        #expect(mine[0]["headline"] == "billing.refund_request: order: A-1")
        #expect(mine[0]["signed"] == nil && mine[0]["state"] == "pending")
        #expect(mine.allSatisfy { $0["mine"] == true && $0["next"] == nil })
        let all = try await items("?show=pending")
        #expect(all.map { $0["kind"]?.string } == ["resume", "approval", "elevation"])
        let own = try #require(try await items("?show=sent").first)
        #expect(own["next"] == ["p2@acme.example"] && own["reason"] == "mended")
        #expect(own["link"] == "/halt" && own["mine"] == false && own["sent"] == true)
        #expect(try await items("?show=pending&kind=elevation&agent=refunds").count == 1)
        #expect(await browser.call("/inbox?kind=nothing").status == 400)
        #expect(await Browser(person: nil).call("/inbox").status == 401)
    }

    @Test func `tasks count in the navigation and in the title`() async {
        let tasks = Tasks(all: [
            task(.elevation(id(2)), due: .seconds(60)),
            task(.resume(id(3), [.org]), due: .seconds(60), mine: false),
        ])
        let browser = Browser(sources: ConsoleSources(tasks: tasks))
        let before = await Browser().get("/approvals").text
        let page = await browser.get("/approvals")
        let malformed = await browser.get("/approvals?kind=nothing")
        #expect(!before.contains("Approve temporary access"))
        #expect(page.text.contains("Approve temporary access"))
        #expect(malformed.status == 400)
    }
}
