import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import Testing

@Suite struct ApprovalStorageTests {
    private let office = Office()

    private func stored(_ request: ApprovalRequest) throws -> String {
        String(decoding: request.json.serialized(), as: UTF8.self)
    }

    private func read(_ text: String, _ judge: VoteVerifier? = nil) throws -> ApprovalRequest {
        try ApprovalRequest(
            json: try JSONValue(parsing: Array(text.utf8), limits: .agent),
            judge: try judge ?? office.judge(), hashing: office.hashing)
    }

    @Test(arguments: ApprovalState.allCases)
    func `a request comes back from the store as it was`(_ state: ApprovalState) throws {
        let request = try office.request(in: state)
        #expect(try read(try stored(request)) == request)
    }

    @Test func `a request with one vote goes on counting`() throws {
        var request = try office.request()
        _ = request.handle(.vote(try office.vote(on: request, by: 0)), at: Office.start)
        var read = try read(try stored(request))
        #expect(
            read.handle(.vote(try office.vote(on: read, by: 0)), at: Office.start)
                == .refused(.alreadyVoted))
        _ = read.handle(.vote(try office.vote(on: read, by: 1)), at: Office.start)
        #expect(read.state == .approved)
    }

    @Test(arguments: [
        ("\"state\":\"pending\"", "\"state\":\"approved\""), ("42000", "42001"),
        ("\"quorum\":2", "\"quorum\":1"), ("\"v\":1", "\"v\":2"), ("\"latest\"", "\"last\""),
        ("\"verdict\":\"approve\"", "\"verdict\":\"allow\""), ("p1@acme", "p2@acme"),
        ("\"sig\":\"", "\"sig\":\"AAAA"), ("\"tier\":\"medium\"", "\"tier\":\"none\""),
        ("\"expires\":1795", "\"expires\":1895"),
    ])
    func `a request that was changed in the store is refused`(_ old: String, _ new: String) throws {
        var request = try office.request()
        _ = request.handle(.vote(try office.vote(on: request, by: 0)), at: Office.start)
        let text = try stored(request)
        let changed = text.replacing(old, with: new)
        try #require(changed != text)
        // A changed voter alone does not forge a vote: the person named now did not sign this one.
        if old == "p1@acme" {
            var read = try? read(changed)
            let vote = try office.vote(on: request, by: 0)
            if case .refused = read?.handle(.vote(vote), at: Office.start)
                ?? .refused(.badSignature)
            {
                return
            }
            Issue.record("a vote was counted")
            return
        }
        #expect(throws: ApprovalRefusal.self) { try read(changed) }
    }

    @Test func `a vote by a key that was revoked since is read, and dropped as lapsed`() throws {
        var request = try office.request()
        _ = request.handle(.vote(try office.vote(on: request, by: 0)), at: Office.start)
        let judge = try office.judge(try office.trust(revoked: Office.start))
        var again = try read(try stored(request), judge)
        let book = PeopleDirectory(trust: try office.trust(revoked: Office.start))
        let credential = try #require(again.votes.first).credential
        #expect(!book.stands(credential))
        #expect(again.handle(.lapse(credential), at: Office.start) == .shrunk)
        #expect(again.votes.isEmpty)
    }
}
