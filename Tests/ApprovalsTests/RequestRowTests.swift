import InterlockCluster
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockApprovals

/// Requests, votes and enrolments as rows of a cluster's store: their stored form comes back from the statement of a row.
struct RequestRowTests {
    private let office = Office()

    private func again<Row: ClusterRow>(_ row: Row) throws -> Row {
        let statement = RowStatement(
            org: "acme", at: Office.start, node: NodeName("gw1").unwrapped,
            head: ChainHead(number: 3, digest: office.hashing.sha256([1])), row: row)
        return try RowStatement<Row>(
            parsing: try statement.canonical(), limit: row.address.table.bodyLimit
        ).row
    }

    private func row(_ request: ApprovalRequest, version: Int64) throws -> RequestRow {
        try RequestRow(
            request.id, revision: Int64(request.revision), version: version,
            agent: request.review.call.agent, run: request.review.call.run,
            uses: Int64(request.review.uses), quorum: Int64(request.decision.quorum),
            ends: request.expires, content: request.json)
    }

    @Test func `a request comes back from its row as it was`() throws {
        // RFC 8785 writes the first number in another way than the agent.
        let call = try office.call(["amount": .number(JSONNumber(text: "1.50", double: 1.5))])
        let request = try office.request(try office.review(call: call))
        let row = try row(request, version: 1)
        let again = try again(row)
        let read = try ApprovalRequest(
            json: again.content, judge: try office.judge(), hashing: office.hashing)
        #expect(read.bind == request.bind && read.callDigest == request.callDigest)
        #expect(read.voters == request.voters && read.state == .pending)
        #expect(again.request == request.id && again.quorum == 2)
        #expect(try self.again(again) == again)
    }

    @Test(arguments: ApprovalState.allCases.filter { $0 != .pending })
    func `a request that is decided or has votes is no content of a row`(
        _ state: ApprovalState
    ) throws {
        let request = try office.request(in: state)
        #expect(throws: FormError.self) { try row(request, version: 1) }
        var voted = try office.request()
        _ = voted.handle(.vote(try office.vote(on: voted)), at: Office.start)
        #expect(throws: FormError.self) { try row(voted, version: 1) }
    }

    @Test func `a vote comes back from its row and verifies`() throws {
        let request = try office.request()
        for proof in [
            VoteProof.key(try office.envelope(on: request)),
            try office.passkeyProof(on: request, by: 1),
        ] {
            let row = VoteRow(
                request.id, revision: 1, person: office.people[0].pseudonym,
                origin: "acme.example/gw1/1", leaf: 7, content: proof.json)
            let again = try again(row)
            #expect(again == row)
            let read = try VoteProof(json: again.content)
            #expect(read == proof)
            #expect(
                try office.passkeyJudge().verify(read, tier: .medium, at: Office.start).statement
                    .request == request.id)
        }
    }

    @Test func `an enrolment comes back from its row as it was`() throws {
        let person = office.people[0]
        let pending = PendingEnrolment(
            id: OrderID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10)),
            invitation: Invitation(
                hash: office.hashing.sha256([7]), person: person.person,
                pseudonym: person.pseudonym, roles: [.security],
                expires: Office.start + Invitation.life, order: nil, inviter: nil),
            credential: .key(person.spare.publicKey),
            expires: Office.start + PendingEnrolment.life)
        let row = try WaitingRow(
            .enrolment, ExactText(pending.id.text), version: 1, ends: pending.expires,
            content: pending.json)
        #expect(try PendingEnrolment(json: try again(row).content) == pending)
    }
}
