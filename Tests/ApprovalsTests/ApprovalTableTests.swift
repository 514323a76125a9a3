import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@Suite struct ApprovalTableTests {
    private let office = Office()
    private let agent = AgentName("refunds").unwrapped

    private func answer(_ table: ApprovalTable, _ call: CanonicalCall) -> ApprovalTable.Answer {
        table.answer(
            to: ApprovalTable.Question(run: call.run, digest: call.digest(office.hashing)),
            agent: call.agent)
    }

    private func reason(_ answer: ApprovalTable.Answer) -> String? {
        if case .refuse(let refusal) = answer { refusal.reason } else { nil }
    }

    @Test func `a repeated call joins its request, then uses its grant, then asks anew`() throws {
        var table = ApprovalTable()
        let call = try office.call()
        #expect(answer(table, call) == .ask)
        var request = try office.request()
        table.put(request)
        #expect(answer(table, call) == .join(request.id))
        #expect(answer(table, try office.call(["amount_cents": 42001])) == .ask)
        #expect(answer(table, try office.call(run: 2)) == .ask)
        for member in 0..<2 {
            _ = request.handle(.vote(try office.vote(on: request, by: member)), at: Office.start)
            table.put(request)
        }
        #expect(answer(table, call) == .grant(request.id))
        #expect(table.pendingCount == 0)
        _ = request.handle(.use(office.claim(request)), at: Office.start)
        table.put(request)
        #expect(answer(table, call) == .ask)
        #expect(table[request.id]?.state == .used)
        #expect(table.open.isEmpty)
    }

    @Test func `what had ended before is put behind what ended since, as far as there is room`()
        throws
    {
        func ended(_ id: UInt8) throws -> ApprovalRequest {
            var request = try office.request(try office.review(of: id))
            _ = request.handle(.void(.halted), at: Office.start)
            return request
        }
        let (late, denied, older) = (try ended(3), try office.request(in: .denied), try ended(2))
        let open = try office.request(try office.review(of: 4))
        var table = ApprovalTable(limits: ApprovalTable.Limits(shownEnded: 2))
        table.put(late)
        table.recall([open, late, denied, older])
        #expect(Set(table.ended.keys) == [late.id, denied.id])
        #expect(table.open.isEmpty)
        #expect(
            answer(table, try office.call()) == .ask,
            "what a run was refused is remembered elsewhere")
        table.put(try ended(5))
        #expect(table[denied.id] == nil && table[late.id] != nil, "the oldest goes first")
    }

    @Test func `a denied call is not asked about again in its run`() throws {
        var table = ApprovalTable()
        let request = try office.request(in: .denied)
        table.put(request)
        #expect(reason(answer(table, try office.call())) == "denied")
        #expect(answer(table, try office.call(run: 2)) == .ask)
        #expect(answer(table, try office.call(["amount_cents": 1])) == .ask)
        table.forget(run: try office.call().run)
        #expect(answer(table, try office.call()) == .ask)
    }

    @Test func `a call that nobody answers is asked about three times`() throws {
        var table = ApprovalTable()
        let call = try office.call()
        for number in UInt8(1)...3 {
            #expect(answer(table, call) == .ask)
            var request = try office.request(try office.review(of: number))
            table.put(request)
            _ = request.handle(.tick, at: request.expires)
            table.put(request)
            table.put(request)
        }
        #expect(reason(answer(table, call)) == "expired")
    }

    @Test func `a withdrawn or void request leaves the way free`() throws {
        for state in [ApprovalState.withdrawn, .void] {
            var table = ApprovalTable()
            table.put(try office.request(in: state))
            #expect(answer(table, try office.call()) == .ask)
        }
    }

    @Test func `an agent has so many questions open and no more`() throws {
        var table = ApprovalTable(limits: .init(pendingOfAgent: 2, pending: 3))
        for number in UInt8(1)...2 {
            table.put(
                try office.request(
                    try office.review(
                        of: number, call: try office.call(["n": .integer(Int64(number))]))))
        }
        #expect(reason(answer(table, try office.call())) == "too-many-pending")
        let other = try office.call(agent: "support-triage")
        #expect(answer(table, other) == .ask)
        table.put(try office.request(try office.review(of: 3, call: other)))
        #expect(reason(answer(table, try office.call(agent: "code-fix"))) == "too-many-pending")
        #expect(answer(table, try office.call(["n": 1])) != .ask)
    }

    @Test func `what is being written counts like what is open`() throws {
        var table = ApprovalTable(limits: .init(pendingOfAgent: 2, pending: 3))
        let call = try office.call()
        table.put(try office.request(try office.review(of: 1, call: try office.call(["n": 1]))))
        table.reserve(agent)
        #expect(reason(answer(table, call)) == "too-many-pending")
        #expect(table.pendingCount == 1, "people see what is in the table")
        table.release(agent)
        #expect(answer(table, call) == .ask)
        table.reserve(AgentName("support-triage").unwrapped)
        table.reserve(AgentName("code-fix").unwrapped)
        #expect(reason(answer(table, call)) == "too-many-pending", "of all agents")
    }

    @Test func `ended requests are shown for a while`() throws {
        var table = ApprovalTable(limits: .init(shownEnded: 2))
        var ids: [ApprovalID] = []
        for number in UInt8(1)...3 {
            var request = try office.request(try office.review(of: number))
            _ = request.handle(.void(.halted), at: Office.start)
            table.put(request)
            ids.append(request.id)
        }
        #expect(table[ids[0]] == nil)
        #expect(table[ids[1]] != nil && table[ids[2]] != nil)
    }
}
