import InterlockAlerts
import InterlockCredentials
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockApprovals
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockPolicyReview

/// Each kind of work is listed for the people who may see it, and is theirs only if they may do it.
struct InboxFactsTests {
    private let now = Timestamp(microseconds: 1_780_000_000_000_000)

    private func viewer(_ name: String, _ roles: Role..., own: String...) -> InboxViewer {
        let one = People.all[name]
        return InboxViewer(
            person: one.person, pseudonym: one.pseudonym,
            visibility: Visibility(
                person: one.person, roles: Set(roles), own: Set(own.compactMap { AgentName($0) })))
    }

    private func tasks(
        _ facts: InboxFacts, _ viewer: InboxViewer, owners: [String] = [], at time: Duration = .zero
    ) -> [InboxTask] {
        facts.tasks(for: viewer, owners: owners.map { People.all[$0].person }, at: now + time)
    }

    private func id<Tag>(_ number: Int64) -> Identifier<Tag> {
        Identifier(milliseconds: number, random: [UInt8](repeating: 0, count: 10))
    }

    @Test func `a resume is for holders of that role who have not signed it`() throws {
        let agent = try #require(AgentName("clerk"))
        var facts = InboxFacts()
        facts.releases = [
            InboxFacts.Release(
                id: id(1), targets: [.agent(agent)], reason: "mended",
                signers: [People.all["kim"].person], need: 2, started: now,
                ends: now + .seconds(3600))
        ]
        let ines = try #require(tasks(facts, viewer("ines", .resume)).first)
        #expect(
            ines.isMine && ines.signed == 1 && ines.need == 2 && ines.due == now + .seconds(3600))
        #expect(tasks(facts, viewer("kim", .resume)).map(\.isMine) == [false])
        #expect(tasks(facts, viewer("ines", .security, .kill)).map(\.isMine) == [false])
        #expect(tasks(facts, viewer("ines", own: "clerk")).isEmpty)
    }

    @Test func `a revision is for those who may sign it, and its author until it is claimed`() {
        func facts(author: String?, claimed: Bool = false, signed: [String] = []) -> InboxFacts {
            var facts = InboxFacts()
            facts.revision = InboxFacts.Revision(
                digest: OpenSSLHashing().sha256([1]), seen: now,
                signing: SignOffProgress(
                    author: author.map { People.all[$0].person }, isAuthors: claimed,
                    signers: signed.map { People.all[$0].person }, uncounted: 0, need: 1,
                    eligible: [People.all["ines"].person, People.all["li"].person]))
            return facts
        }
        func areMine(_ facts: InboxFacts, _ name: String) -> [Bool] {
            tasks(facts, viewer(name), owners: ["ines", "li", "kim"]).map(\.isMine)
        }
        #expect(areMine(facts(author: nil), "ines") == [true])
        #expect(areMine(facts(author: nil), "kim") == [false])
        #expect(areMine(facts(author: "kim"), "kim") == [true])
        #expect(areMine(facts(author: "kim", claimed: true), "kim") == [false])
        #expect(areMine(facts(author: "kim", signed: ["ines"]), "ines") == [false])
        #expect(areMine(facts(author: "kim", signed: ["ines"]), "li") == [true])
        #expect(tasks(facts(author: nil), viewer("paul")).isEmpty)
    }

    @Test func `a use of break-glass is reviewed by somebody who took no part in it`() {
        var book = BreakGlassHistory()
        book.add(id(3), by: People.all["kim"].pseudonym, at: now, record: 1)
        book.vote(at: id(3), by: People.all["ines"].pseudonym)
        var facts = InboxFacts()
        facts.uses = book.unreviewed
        #expect(tasks(facts, viewer("paul", .security)).map(\.isMine) == [true])
        #expect(tasks(facts, viewer("paul", .breakGlass)).map(\.due) == [now + .seconds(86_400)])
        #expect(tasks(facts, viewer("kim", .breakGlass)).map(\.isMine) == [false])
        #expect(tasks(facts, viewer("ines", .security)).map(\.isMine) == [false])
        #expect(tasks(facts, viewer("paul", .kill)).isEmpty)
    }

    @Test func `alerts of one code and agent are one task, for the owner and for security`() throws
    {
        let (clerk, other) = (try #require(AgentName("clerk")), try #require(AgentName("other")))
        func alarm(_ number: Int64, _ code: String, _ agent: AgentName?) -> RaisedAlert {
            var alarm = RaisedAlert(
                id: id(number), code: code, subject: "x", at: now + .seconds(number))
            alarm.agent = agent
            return alarm
        }
        var facts = InboxFacts()
        facts.alarms = [
            alarm(1, "denials", clerk), alarm(2, "denials", clerk), alarm(3, "denials", other),
            alarm(4, "drill.failed", nil),
        ]
        let own = tasks(facts, viewer("li", own: "clerk"))
        #expect(own.map(\.subject) == [.alert(id(2), code: "denials", count: 2)])
        #expect(own.map(\.isMine) == [true] && own.map(\.since) == [now + .seconds(1)])
        #expect(tasks(facts, viewer("li", .security)).map(\.isMine) == [true, true, true])
        #expect(tasks(facts, viewer("li", .kill)).map(\.isMine) == [false, false, false])
        #expect(tasks(facts, viewer("li")).isEmpty)
    }

    @Test func `an elevation is for those whom the policy asks, not for its author alone`()
        async throws
    {
        let office = try ElevationOffice()
        let order = try office.order()
        try await office.request(order)
        try await office.approve(order, by: "ines")
        var facts = InboxFacts()
        facts.elevations = try office.service.open.map {
            InboxFacts.Elevation(request: $0, terms: try office.service.terms(of: $0.order))
        }
        let paul = try #require(tasks(facts, viewer("paul")).first)
        #expect(paul.isMine && paul.signed == 1 && paul.need == 2 && paul.agent == order.agent)
        #expect(paul.due == order.until && paul.reason == order.reason)
        #expect(tasks(facts, viewer("ines")).map(\.isMine) == [false])
        #expect(tasks(facts, viewer("mallory", .kill)).map(\.isMine) == [false])
        #expect(tasks(facts, viewer("mallory")).isEmpty)
        facts.elevations = facts.elevations.map {
            InboxFacts.Elevation(request: $0.request, terms: nil)
        }
        #expect(tasks(facts, viewer("paul")).isEmpty)
    }

    @Test func `the first revision is for those who may sign it, then its author has sent it`() {
        let digest = OpenSSLHashing().sha256([1])
        func facts(author: String?) -> InboxFacts {
            var facts = InboxFacts()
            facts.revision = InboxFacts.Revision(
                digest: digest, seen: now,
                signing: SignOffProgress(
                    author: author.map { People.all[$0].person }, isAuthors: author != nil,
                    signers: [], uncounted: 0, need: 0, eligible: [People.all["ines"].person]),
                isFirst: true)
            return facts
        }
        let ines = tasks(facts(author: nil), viewer("ines"), owners: ["ines", "kim"])
        #expect(ines.map(\.isMine) == [true])
        #expect(ines.map(\.subject) == [.revision(digest, isFirst: true)])
        #expect(tasks(facts(author: nil), viewer("kim", .kill)).map(\.isMine) == [false])
        let kim = tasks(facts(author: "kim"), viewer("kim", .kill))
        #expect(kim.map(\.isSent) == [true])
        #expect(kim.map(\.deciders) == [[People.all["ines"].person]])
    }
}
