import InterlockApprovals
import InterlockEvidence
import InterlockJSON
import InterlockModel
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGovernor

extension Bench {
    @discardableResult
    func halt(
        _ target: HaltTarget, by name: String = "kim", patience: Duration = .seconds(2)
    ) async throws -> HaltReport {
        let envelope = try People.all.halt(
            target, by: name, number: orderNumber(), at: clock.now.wall)
        return try await kill.halt(envelope, source: "cli", patience: patience)
    }

    /// Releases a halt by two people.
    func release(_ halt: OrderID) async throws {
        let number = orderNumber()
        let epoch = kill.epoch
        let first = try People.all.release([halt], after: epoch, by: "kim", number: number)
        let second = try People.all.release([halt], after: epoch, by: "joe", number: number)
        #expect(try await kill.propose(first) == .waiting(have: 1, need: 2))
        guard case .ready = try await kill.confirm(People.order(number), second) else {
            Issue.record("two people are enough")
            return
        }
    }

    /// Waits for a live request in this state; there must be exactly one.
    func request(
        _ state: ApprovalState = .pending, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> ApprovalRequest {
        _ = await until { approvals.live.contains { $0.state == state } }
        let live = approvals.live.filter { $0.state == state }
        try #require(live.count == 1, sourceLocation: sourceLocation)
        return live[0]
    }

    /// The number of calls that wait for people.
    var waiting: Int {
        approvals.state.withLock { $0.waiters.values.reduce(0) { $0 + $1.count } }
    }

    /// One person votes on the current revision of a request.
    @discardableResult
    func vote(
        _ verdict: Vote.Verdict = .approve, on id: ApprovalID, by name: String
    ) async throws -> ApprovalAction {
        let request = try #require(approvals[id])
        let nonce = try await approvals.challenge(id, for: People.all[name].pseudonym)
        return try await approvals.vote(
            try People.all.vote(on: request, verdict, by: name, nonce: nonce))
    }

    /// Brings a call to an unused grant: the first attempt ends as pending, then `names` approve.
    func grant(
        _ tool: String, _ arguments: JSONObject, to client: Client, by names: String...
    ) async throws -> ApprovalID {
        let call = client.begin(tool, arguments)
        let id = try await request().id
        // A short hold may be over before it is seen.
        _ = await until { self.waiting == 1 || call.exchange.now.isAnswered }
        call.exchange.close()
        _ = await call.answer()
        for name in names { try await vote(on: id, by: name) }
        try #require(approvals[id]?.state == .approved)
        return id
    }
}

extension Bench {
    /// The same people without the keys of `names`.
    func revokeKeys(of names: String...) throws {
        let trust = try #require(people.trust)
        let gone = names.map { People.all[$0].person }
        let changed = trust.people.map { person in
            guard gone.contains(person.person) else { return person }
            return TrustedPerson(
                person: person.person, pseudonym: person.pseudonym, roles: person.roles,
                keys: person.keys.map {
                    EnrolledKey(
                        key: $0.key, added: $0.added, founding: $0.founding,
                        revoked: clock.now.wall)
                })
        }
        people.replace(
            with: PeopleDirectory(
                trust: try AuthorizedKeys(org: trust.org, people: changed, nodes: trust.nodes)))
    }
}
