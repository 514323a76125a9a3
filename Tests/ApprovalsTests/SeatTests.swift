import InterlockCredentials
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockApprovals

/// The holders of a group's seats while some are passed: members are p1 to p3, p4 is enrolled.
@Suite struct SeatTests {
    private let office = Office(people: 5)
    private let now = Office.start

    /// A directory in which the seats of `from` are passed to `to`, by places in `office.people`.
    private func directory(_ passed: [(from: Int, to: Int)]) throws -> PeopleDirectory {
        var number: UInt8 = 0
        let delegations = try passed.map { from, to in
            number += 1
            let order = try PeopleOrder(
                id: OrderID(milliseconds: 1, random: [UInt8](repeating: number, count: 10)),
                org: "acme",
                content: .delegate(
                    group: "finance", to: office.people[to].person, until: now + .seconds(60)),
                reason: "on holiday", author: office.people[from].pseudonym, at: now)
            return Delegation(
                id: order.id, group: "finance", from: office.people[from].pseudonym,
                to: office.people[to].pseudonym, reason: order.reason, made: now,
                expires: now + .seconds(60), isToMember: to < 3,
                order: try PersonKey.file(office.people[from].key)
                    .envelope(.people, try order.canonical()))
        }
        return PeopleDirectory(trust: try office.trust(), delegations: delegations)
    }

    private func seats(
        _ passed: [(from: Int, to: Int)], voted: [Int] = [], excluded: [Int] = [],
        group: String = "finance", after: Duration = .zero
    ) throws -> [String] {
        let book = try directory(passed)
        let seats = book.seats(
            of: office.people[..<3].map(\.person), in: group,
            voted: Set(voted.map { office.people[$0].person }), at: now + after
        ) { person, _ in !excluded.contains { office.people[$0].person == person } }
        #expect(Set(seats.map(\.person)).count == seats.count, "one person, one vote")
        return seats.map { seat in
            let name = { (person: Person) in String(person.address.prefix { $0 != "@" }) }
            let places = seat.delegators.map { name($0.person) }.joined(separator: "+")
            return name(seat.person) + (places.isEmpty ? "" : " for \(places)")
        }
    }

    @Test func `who holds which seat`() throws {
        #expect(try seats([]) == ["p1", "p2", "p3"])
        #expect(try seats([(0, 3)]) == ["p2", "p3", "p4 for p1"])
        #expect(try seats([(0, 1)]) == ["p2 for p1", "p3"], "a member has one vote")
        #expect(try seats([(0, 3), (1, 3)]) == ["p3", "p4 for p1+p2"], "two seats, one vote")
        #expect(try seats([(0, 1), (1, 3)]) == ["p3", "p2 for p1", "p4 for p2"], "not passed on")
        #expect(try seats([(0, 1), (1, 0)]) == ["p3", "p2 for p1", "p1 for p2"])
        #expect(try seats([(0, 3), (3, 4)]) == ["p2", "p3", "p4 for p1"], "not transitive")
        #expect(try seats([(3, 4)]) == ["p1", "p2", "p3"], "who has no seat passes none")
        #expect(try seats([(0, 3)], excluded: [3]) == ["p1", "p2", "p3"], "kept from this call")
        #expect(try seats([(0, 3)], voted: [0]) == ["p1", "p2", "p3"], "the seat was used")
        #expect(try seats([(0, 3)], group: "board") == ["p1", "p2", "p3"])
        #expect(try seats([(0, 3)], after: .seconds(60)) == ["p1", "p2", "p3"], "over")
        #expect(try seats([(0, 3)], after: .seconds(59)) == ["p2", "p3", "p4 for p1"])
    }

    @Test func `seats move while the request waits, and a seat counts once`() throws {
        var request = try office.request(members: 0..<3)
        let passed = try directory([(0, 3)]).seats(
            of: office.people[..<3].map(\.person), in: "finance", at: now
        ) { _, _ in true }
        #expect(request.handle(.vote(try office.vote(on: request, by: 1)), at: now).isChange)
        #expect(request.handle(.seat(passed), at: now) == .shrunk)
        #expect(request.handle(.seat(passed), at: now) == .none)
        #expect(request.votes.map(\.person) == [office.people[1].person])
        #expect(
            request.handle(.vote(try office.vote(on: request, by: 0)), at: now)
                == .refused(.notEligible(.notMember)), "its seat is passed")
        #expect(request.seatedMembers.sorted() == office.people[..<3].map(\.person).sorted())
        let stored = try ApprovalRequest(
            json: request.json, judge: try office.judge(), hashing: office.hashing)
        #expect(stored == request)
        var other = request
        #expect(
            other.handle(.vote(try office.vote(on: request, by: 3)), at: now)
                == .granted(until: now + .seconds(600)))
        // The seat comes back before the second vote: the delegate's vote goes with it.
        var back = request
        back.votes = [try office.vote(on: request, by: 3)]
        #expect(back.handle(.seat(office.people[..<3].map(\.voter)), at: now) == .shrunk)
        #expect(back.votes.isEmpty && back.voters == office.people[..<3].map(\.voter))
    }

    @Test func `the seats of a delegate who leaves come back`() throws {
        var request = try office.request(members: 0..<2)
        let seats = try directory([(0, 3)]).seats(
            of: office.people[..<2].map(\.person), in: "finance", at: now
        ) { _, _ in true }
        #expect(request.handle(.seat(seats), at: now) == .shrunk)
        #expect(request.handle(.leave(office.people[3].pseudonym), at: now) == .shrunk)
        #expect(Set(request.voters) == Set(office.people[..<2].map(\.voter)))
        #expect(request.state == .pending, "two can decide still")
    }

    @Test func `seats that meet in too few people end the request`() throws {
        var request = try office.request(members: 0..<2)
        let seats = try directory([(0, 1)]).seats(
            of: office.people[..<2].map(\.person), in: "finance", at: now
        ) { _, _ in true }
        #expect(seats.count == 1)
        #expect(request.handle(.seat(seats), at: now) == .void(.quorumUnreachable))
    }

    @Test func `the person of an escalation keeps the place`() throws {
        var request = try office.request(members: 0..<3, escalation: (.seconds(60), 3))
        _ = request.handle(.tick, at: now + .seconds(60))
        let members = office.people[..<3].map(\.voter)
        #expect(request.handle(.seat(Array(members.dropFirst())), at: now) == .shrunk)
        #expect(request.voters.map(\.seat) == [.member, .member, .escalated])
    }
}
