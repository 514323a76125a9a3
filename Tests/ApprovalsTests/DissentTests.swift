import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockApprovals

/// The person whose denial or objection ended a request, with reason and text.
@Suite struct DissentTests {
    private let office = Office()
    private let soon = Office.start + .seconds(2)

    private func refused(
        _ state: ApprovalState, _ reason: DenialReason?, _ text: String
    ) throws -> ApprovalRequest {
        var request = try office.request(in: state)
        let member = office.people[1]
        _ = request.handle(
            .object(
                Objection(
                    person: member.person, pseudonym: member.pseudonym, revision: 1,
                    means: .session, reason: reason, text: text)), at: soon)
        return request
    }

    private func read(_ request: ApprovalRequest) throws -> ApprovalRequest {
        try ApprovalRequest(
            json: try JSONValue(parsing: request.json.serialized(), limits: .agent),
            judge: try office.judge(), hashing: office.hashing)
    }

    @Test func `an objection is kept with its reason and its words`() throws {
        let denied = try refused(.pending, .suspicious, "never heard of it \u{202e}")
        #expect(denied.dissent?.person == office.people[1].person)
        #expect(denied.dissent?.reason == .suspicious)
        #expect(denied.dissent?.text == "never heard of it \u{202e}")
        #expect(try read(denied) == denied)
        let revoked = try refused(.approved, nil, "")
        #expect(revoked.state == .void)
        #expect(revoked.dissent == Dissent(person: office.people[1].person))
        #expect(try read(revoked) == revoked)
    }

    @Test(arguments: [ApprovalState.pending, .approved])
    func `a signed no is kept with its person`(_ state: ApprovalState) throws {
        var request = try office.request(in: state)
        _ = request.handle(
            .vote(try office.vote(on: request, .deny, by: 0)), at: soon)
        #expect(request.dissent == Dissent(person: office.people[0].person))
        #expect(try read(request) == request)
    }

    @Test(arguments: [ApprovalState.pending, .approved, .used, .expired, .withdrawn])
    func `without a no there is nobody`(_ state: ApprovalState) throws {
        #expect(try office.request(in: state).dissent == nil)
    }

    @Test func `a refused objection leaves nothing behind`() throws {
        var request = try office.request()
        let member = office.people[1]
        let late = Objection(
            person: member.person, pseudonym: member.pseudonym, revision: 2, means: .session,
            reason: .tooMuch, text: "x")
        #expect(request.handle(.object(late), at: soon) == .refused(.revisionChanged))
        #expect(request.dissent == nil)
    }

    @Test(
        arguments: [
            ["person": "nobody", "text": ""], ["person": "p@acme.example"],
            ["person": "p@acme.example", "text": "", "reason": "mood"],
            ["person": "p@acme.example", "text": "", "more": ""],
            ["person": "p@acme.example", "text": .string(String(repeating: "x", count: 2049))],
        ] as [JSONValue])
    func `another form is refused`(_ json: JSONValue) {
        #expect(throws: FormError.self) { try Dissent(json: json, at: "dissent") }
    }
}
