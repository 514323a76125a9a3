import InterlockModel
import InterlockPolicy
import Testing

@testable import InterlockAdministration
@testable import InterlockApprovals
@testable import InterlockEvidence
@testable import InterlockGatewayBench

/// Confirmations about people, and what a person has asked for, each with the people who act next.
struct InboxSentTests {
    private let now = Timestamp(microseconds: 1_780_000_000_000_000)

    private func viewer(_ name: String, _ roles: Set<Role>) -> InboxViewer {
        let one = People.all[name]
        return InboxViewer(
            person: one.person, pseudonym: one.pseudonym,
            visibility: Visibility(person: one.person, roles: roles, own: []))
    }

    @Test func `an enrolment and new roles are for security, without those whom they concern`()
        async throws
    {
        let registry = try Registry(security: ["eve", "dana", "kim"])
        let pending = try await registry.enrol("rui", try await registry.invite("rui"))
        let paul = People.all["paul"].person
        let asked = try await registry.service.ask(
            try registry.sign(.role(paul, add: [.security], remove: []), by: "dana"))
        func found(
            _ name: String, _ roles: Set<Role>, after time: Duration = .zero
        ) -> [InboxTask] {
            let book = registry.service.book
            var facts = InboxFacts()
            facts.people = book.unconfirmed(at: registry.now).map(
                InboxFacts.WaitingConfirmation.init)
            return facts.tasks(
                for: viewer(name, roles), owners: [People.all[name].person],
                at: registry.now + time, enrolled: { book.trust.people }
            ).sorted { $0.kind.rawValue < $1.kind.rawValue }
        }
        let kims = found("kim", [.security])
        #expect(kims.map(\.kind) == [.enrolment, .roles] && kims.map(\.isMine) == [true, true])
        #expect(kims.map(\.due) == [pending.expires, asked.expires])
        #expect(kims.map(\.deciders) == [[], []])
        let eves = found("eve", [.security])
        #expect(eves.map(\.isMine) == [false, true] && eves.map(\.isSent) == [true, false])
        #expect(eves.first?.deciders == ["dana", "kim"].map { People.all[$0].person })
        #expect(found("dana", [.security]).map(\.isMine) == [true, false])
        #expect(found("paul", [.security]).map(\.isMine) == [true, false], "he gets the role")
        #expect(found("joe", [.resume, .kill, .breakGlass]).isEmpty && found("rui", []).isEmpty)
        #expect(found("kim", [.security], after: .seconds(86_400)).map(\.kind) == [.enrolment])
        try await registry.confirm(pending, by: "kim")
        #expect(found("kim", [.security]).map(\.kind) == [.roles])
    }

    @Test func `one person who alone has the role confirms what they asked for`() async throws {
        let registry = try Registry(security: ["eve"])
        _ = try await registry.enrol("rui", try await registry.invite("rui"))
        var facts = InboxFacts()
        facts.people = registry.service.book.unconfirmed(at: registry.now)
            .map(InboxFacts.WaitingConfirmation.init)
        let tasks = facts.tasks(for: viewer("eve", [.security]), owners: [], at: registry.now)
        #expect(tasks.map(\.isMine) == [true])
    }

    /// Returns who can act next on what the person has asked for.
    private func sent(_ facts: InboxFacts, _ viewer: InboxViewer) throws -> [[String]] {
        let enrolled = try People.all.trust(added: now.wholeSecond).people
        return facts.tasks(for: viewer, owners: [], at: now, enrolled: { enrolled })
            .filter(\.isSent).map { $0.deciders.map(\.address) }
    }

    @Test func `a release and a use of break-glass wait for people who took no part`() throws {
        func id<Tag>(_ number: Int64) -> Identifier<Tag> {
            Identifier(milliseconds: number, random: [UInt8](repeating: 0, count: 10))
        }
        var facts = InboxFacts()
        facts.releases = [
            InboxFacts.Release(
                id: id(1), targets: [.org], reason: "mended",
                signers: [People.all["kim"].person], need: 2, started: now,
                ends: now + .seconds(3600))
        ]
        #expect(try sent(facts, viewer("kim", [.resume])) == [["joe@acme.example"]])
        #expect(try sent(facts, viewer("joe", [.resume])).isEmpty)
        var history = BreakGlassHistory()
        history.add(id(3), by: People.all["dana"].pseudonym, at: now, record: 1)
        history.vote(at: id(3), by: People.all["li"].pseudonym)
        facts = InboxFacts()
        facts.uses = history.unreviewed
        #expect(try sent(facts, viewer("dana", [.breakGlass])) == [["eve@acme.example"]])
        #expect(try sent(facts, viewer("li", [.breakGlass])).isEmpty)
    }

    @Test func `the author of an elevation does not see who has approved it`() async throws {
        let office = try ElevationOffice()
        let order = try office.order(by: "ines")
        try await office.request(order, by: "ines")
        func facts() throws -> InboxFacts {
            var facts = InboxFacts()
            facts.elevations = try office.service.open.map {
                InboxFacts.Elevation(request: $0, terms: try office.service.terms(of: $0.order))
            }
            return facts
        }
        let before = try sent(try facts(), viewer("ines", []))
        #expect(before.first?.contains("paul@acme.example") == true)
        #expect(before.first?.contains("ines@acme.example") == false)
        try await office.approve(order, by: "paul")
        #expect(try sent(try facts(), viewer("ines", [])) == before)
        #expect(try sent(try facts(), viewer("paul", [])).isEmpty)
    }
}
