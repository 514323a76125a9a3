import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import Testing

/// A client's consent in place of one approval (docs/specs/approvals.md, section 6).
@Suite struct ClientConsentTests {
    private let office = Office()

    private func request(quorum: Int = 1, tier: Tier = .low) throws -> ApprovalRequest {
        try office.request(try office.review(quorum: quorum, tier: tier))
    }

    private func use(_ request: ApprovalRequest, takesConsent: Bool, quorum: Int = 1) -> UseClaim {
        UseClaim(
            callDigest: request.callDigest,
            decision: .approve(
                quorum: quorum, group: "finance", effects: request.decision.effects,
                eligible: office.people.map(\.person)), takesConsent: takesConsent)
    }

    @Test func `it opens the way at tier low, once, and expires like any grant`() throws {
        var request = try request()
        #expect(
            request.handle(.consent(bind: request.bind), at: Office.start)
                == .granted(until: Office.start + ApprovalRequest.usualUse))
        let consent = try #require(request.consent)
        #expect(request.votes.isEmpty)
        let proof = String(decoding: consent.proof(of: request), as: UTF8.self)
        #expect(proof.contains(#""asserted_by":"client""#))
        #expect(proof.contains(request.bind.base64) && proof.contains(request.callDigest.prefixed))
        #expect(
            request.handle(.consent(bind: request.bind), at: Office.start)
                == .refused(.closed(.approved)))
        var used = request
        #expect(used.handle(.use(use(request, takesConsent: true)), at: Office.start) == .used)
        #expect(
            request.handle(.tick, at: Office.start + ApprovalRequest.usualUse) == .expired(.unused))
    }

    @Test(arguments: [(1, Tier.medium), (1, .high), (2, .low), (2, .high)])
    func `above tier low, or where more than one is needed, it is nothing`(
        _ quorum: Int, _ tier: Tier
    ) throws {
        var request = try request(quorum: quorum, tier: tier)
        #expect(
            request.handle(.consent(bind: request.bind), at: Office.start)
                == .refused(.notEligible(.clientAlone)))
        #expect(request.state == .pending && request.consent == nil)
    }

    @Test func `it is about the form that the client was asked about, and no later one`() throws {
        var request = try request()
        let asked = request.bind
        let later = try office.review(revision: 2, quorum: 1, tier: .low)
        _ = request.handle(.reissue(later, voters: request.voters), at: Office.start)
        #expect(
            request.handle(.consent(bind: asked), at: Office.start) == .refused(.revisionChanged))
        #expect(request.state == .pending && request.consent == nil)
    }

    @Test func `a quorum that was lowered to one is not what it stands for`() throws {
        var request = try request(quorum: 2)
        _ = request.handle(.breakGlass(try office.lowered(request)), at: Office.start)
        #expect(request.decision.quorum == 1)
        #expect(
            request.handle(.consent(bind: request.bind), at: Office.start)
                == .refused(.notEligible(.clientAlone)))
    }

    @Test func `what is not taken any more releases nothing`() throws {
        for claim in [
            use(try request(), takesConsent: false),
            use(try request(), takesConsent: true, quorum: 2),
        ] {
            var request = try request()
            _ = request.handle(.consent(bind: request.bind), at: Office.start)
            #expect(request.handle(.use(claim), at: Office.start) == .void(.quorumUnreachable))
        }
    }

    @Test func `a person takes it back, and who leaves the group leaves it standing`() throws {
        var request = try request()
        _ = request.handle(.consent(bind: request.bind), at: Office.start)
        for person in office.people.dropFirst() {
            #expect(request.handle(.leave(person.pseudonym), at: Office.start) == .shrunk)
        }
        let deny = try office.vote(on: request, .deny)
        #expect(request.handle(.vote(deny), at: Office.start) == .void(.revoked))
    }

    @Test func `it comes back from the store as it was, and nowhere else`() throws {
        var request = try request()
        _ = request.handle(.consent(bind: request.bind), at: Office.start)
        let json = request.json
        #expect(
            try ApprovalRequest(json: json, judge: try office.judge(), hashing: office.hashing)
                == request)
        let text = String(decoding: json.serialized(), as: UTF8.self)
        for (old, new) in [
            ("\"tier\":\"low\"", "\"tier\":\"high\""), ("\"quorum\":1", "\"quorum\":2"),
            ("\"state\":\"approved\"", "\"state\":\"pending\""),
        ] {
            let changed = text.replacing(old, with: new)
            try #require(changed != text)
            let value = try JSONValue(parsing: Array(changed.utf8), limits: .agent)
            #expect(throws: ApprovalRefusal.self) {
                try ApprovalRequest(
                    json: value, judge: try office.judge(), hashing: office.hashing)
            }
        }
    }
}
