import InterlockModel
import Testing

@testable import InterlockApprovals

/// Objections: denials without a signature.
@Suite struct ObjectionTests {
    private let office = Office()
    private let soon = Office.start + .seconds(2)

    private func objection(
        by member: Int = 0, revision: Int = 1, as other: Int? = nil
    ) -> Objection {
        Objection(
            person: office.people[member].person,
            pseudonym: office.people[other ?? member].pseudonym, revision: revision,
            means: .session, reason: .tooMuch, text: "")
    }

    @Test(arguments: ApprovalState.allCases)
    func `it ends what waits, takes back what was approved, and changes nothing else`(
        _ state: ApprovalState
    ) throws {
        var request = try office.request(in: state)
        let action = request.handle(.object(objection()), at: soon)
        switch state {
        case .pending:
            #expect(action == .denied(by: office.people[0].pseudonym))
            #expect(request.state == .denied)
        case .approved:
            #expect(action == .void(.revoked))
            #expect(request.state == .void && request.cause == .revoked)
        case .denied, .expired, .withdrawn, .void, .used:
            #expect(action == .refused(.closed(state)))
            #expect(request.state == state)
        }
    }

    @Test(arguments: [ApprovalState.pending, .approved])
    func `nobody but who may vote, and on nothing but what was seen`(
        _ state: ApprovalState
    ) throws {
        let before = try office.request(in: state)
        let stranger = Office(people: 5).people[4]
        let cases: [(Objection, ApprovalRefusal)] = [
            (objection(revision: 2), .revisionChanged), (objection(revision: 0), .revisionChanged),
            (objection(by: 0, as: 1), .notEligible(.notMember)),
            (
                Objection(
                    person: stranger.person, pseudonym: stranger.pseudonym, revision: 1,
                    means: .mail, reason: .other, text: "x"), .notEligible(.notMember)
            ),
        ]
        for (objection, refusal) in cases {
            var request = before
            #expect(request.handle(.object(objection), at: soon) == .refused(refusal))
            #expect(request.state == state)
        }
    }

    @Test func `too late it is too late`() throws {
        var request = try office.request()
        #expect(request.handle(.object(objection()), at: request.expires) == .expired(.unanswered))
    }
}
