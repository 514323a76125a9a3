import InterlockApprovals
import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockSchemas

/// Pages of `GET /approvals`.
struct APIListTests {
    private let office = ConsoleOffice()

    private func shown(_ answer: Answer) -> [String] {
        answer.json?["approvals"]?.array?.compactMap { $0["shown"]?.string } ?? []
    }

    @Test func `pages have everything once, whatever comes and goes meanwhile`() async throws {
        var chance = SeededGenerator.announced()
        let browser = Browser()
        var all: [ApprovalRequest] = []
        for number in 0..<60 {
            // Few distinct deadlines, so that many are equal.
            let life = Duration.seconds(60 * Int.random(in: 1...3, using: &chance))
            all.append(try office.request(number, life: life))
        }
        for request in all.shuffled(using: &chance) { browser.world.put(request) }
        var seen: [String] = []
        var cursor: String?
        repeat {
            let limit = Int.random(in: 1...9, using: &chance)
            let answer = await browser.call(
                "/approvals?limit=\(limit)" + (cursor.map { "&cursor=\($0)" } ?? ""))
            let json = try #require(answer.json)
            try ApprovalListing.form.shape.check(json)
            seen += shown(answer)
            cursor = json["next"]?.string
            // A request that ends keeps its position; it causes neither duplicates nor omissions.
            if let one = all.randomElement(using: &chance), one.state == .pending {
                browser.world.put(try office.voted(one, .deny, by: 1))
            }
        } while cursor != nil
        let ordered = all.sorted { ($0.expires, $0.id.text) < ($1.expires, $1.id.text) }
        #expect(seen == ordered.map(\.id.shown))
    }

    @Test func `a filter leaves only what it names`() async throws {
        let browser = Browser()
        let pending = try office.request(1, agent: "refunds", group: "finance")
        let denied = try office.voted(try office.request(2, agent: "triage"), .deny, by: 1)
        let foreign = try office.request(3, group: "ops", voters: [0, 2])
        for request in [pending, denied, foreign] { browser.world.put(request) }
        for (query, expected) in [
            ("", [pending, denied, foreign]), ("?state=denied", [denied]),
            ("?mine=yes", [pending, foreign]), ("?agent=triage", [denied]),
            ("?group=ops", [foreign]), ("?tool=billing.none", []),
            ("?state=pending&group=finance", [pending]),
        ] {
            let found = shown(await browser.call("/approvals\(query)"))
            #expect(Set(found) == Set(expected.map(\.id.shown)), "\(query)")
        }
    }

    @Test func `a cursor is of one list and one person`() async throws {
        let browser = Browser()
        for number in 0..<3 { browser.world.put(try office.request(number)) }
        let first = await browser.call("/approvals?limit=1")
        let cursor = try #require(first.json?["next"]?.string)
        #expect(await browser.call("/approvals?limit=2&cursor=\(cursor)").status == 200)
        let filtered = await browser.call("/approvals?group=finance&cursor=\(cursor)")
        #expect(filtered.problem == "no_such_page")
        let colleague = await Browser(browser.world, person: 1).call("/approvals?cursor=\(cursor)")
        #expect(colleague.problem == "no_such_page")
        let made = PageCursor(
            expires: ConsoleOffice.start, id: try office.request(1).id,
            list: [UInt8](repeating: 0, count: PageCursor.listBytes))
        #expect(await browser.call("/approvals?cursor=\(made.text)").problem == "no_such_page")
    }

    @Test(arguments: [
        "limit=0", "limit=101", "limit=01", "limit=+1", "limit=x", "limit=", "state=open",
        "mine=no",
        "cursor=x", "cursor=", "page=1", "limit=1&limit=2", "agent=%zz", "agent=",
    ])
    func `a query that the document does not have is refused`(_ query: String) async {
        #expect(await Browser().call("/approvals?\(query)").problem == "malformed")
    }

    @Test func `a cursor has one spelling`() {
        var chance = SeededGenerator.announced()
        for _ in 0..<500 {
            let cursor = PageCursor(
                expires: Timestamp(microseconds: Int64(bitPattern: chance.next())),
                id: ApprovalID(
                    milliseconds: Int64(chance.next() >> 17),
                    random: (0..<10).map { _ in UInt8(truncatingIfNeeded: chance.next()) }),
                list: (0..<8).map { _ in UInt8(truncatingIfNeeded: chance.next()) })
            let text = cursor.text
            #expect(PageCursor(text: text) == cursor && PageCursor.shape.passes(text))
            var altered = Array(text.utf8)
            let place = Int.random(in: altered.indices, using: &chance)
            altered[place] = altered[place] == 65 ? 66 : 65
            let other = String(decoding: altered, as: UTF8.self)
            #expect(PageCursor(text: other).map { $0 != cursor && $0.text == other } ?? true)
            #expect(PageCursor(text: String(text.dropLast())) == nil)
            #expect(PageCursor(text: text + "A") == nil)
        }
    }
}
