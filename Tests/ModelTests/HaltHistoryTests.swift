import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@Suite struct HaltHistoryTests {
    private let org = Org()
    private let refunds = AgentName("refunds").unwrapped
    private let triage = AgentName("support-triage").unwrapped
    private let at = Org.start

    private func book() -> HaltHistory {
        HaltHistory(epoch: .first(org: "acme", node: "gw1", at: at))
    }

    @discardableResult
    private func halt(_ book: inout HaltHistory, _ number: Int64, _ target: HaltTarget) throws
        -> Bool
    {
        try book.apply(
            try org.judge().halt(try org.halt(number, target), .now(at)), at: at,
            hashing: WeakHashing())
    }

    private func release(
        _ book: inout HaltHistory, _ number: Int64, of halts: [Int64], after epoch: Int64
    ) throws -> Bool {
        try book.apply(
            try org.judge().release(try org.release(number, of: halts, after: epoch), .now(at)),
            at: at, hashing: WeakHashing())
    }

    @Test func `each order makes one epoch that names the one before`() throws {
        var book = book()
        let first = book.epoch
        #expect(try halt(&book, 1, .agent(refunds)))
        #expect(book.epoch.number == 1)
        #expect(book.epoch.previous == WeakHashing().sha256(try first.canonical()))
        #expect(book.epoch.active == [org.id(1)])
        #expect(try !halt(&book, 1, .agent(refunds)))
        #expect(book.epoch.number == 1)
        #expect(try release(&book, 2, of: [1], after: 1))
        #expect(book.epoch.number == 2)
        #expect(book.epoch.active.isEmpty && book.epoch.released == [org.id(1)])
        #expect(book.epoch.orders.count == 2)
        #expect(try Epoch(parsing: book.epoch.canonical()) == book.epoch)
    }

    @Test func `a release signed before another halt of overlapping scope is stale`() throws {
        var book = book()
        try halt(&book, 1, .agent(refunds))
        try halt(&book, 2, .org)
        #expect(throws: OrderRefusal.staleEpoch) {
            try release(&book, 3, of: [1], after: 1)
        }
        #expect(book.set.active.count == 2)
        #expect(try release(&book, 4, of: [1], after: 2))
    }

    @Test func `a halt of another agent does not spoil a release`() throws {
        var book = book()
        try halt(&book, 1, .agent(refunds))
        try halt(&book, 2, .agent(triage))
        #expect(try release(&book, 3, of: [1], after: 1))
    }

    @Test func `a release of a halt that nobody knows is refused`() throws {
        var book = book()
        #expect(throws: OrderRefusal.unknownHalt(org.id(5))) {
            try release(&book, 3, of: [5], after: 0)
        }
    }

    @Test func `scopes overlap when one call can meet both`() {
        let tool = ToolAddress(dotted: "billing.refund").unwrapped
        #expect(HaltTarget.server(tool.server).mayOverlap(.tool(tool)))
        #expect(HaltTarget.agent(refunds).mayOverlap(.server(tool.server)))
        #expect(!HaltTarget.agent(refunds).mayOverlap(.agent(triage)))
        #expect(!HaltTarget.server(ServerName("crm").unwrapped).mayOverlap(.tool(tool)))
        #expect(HaltTarget.org.mayOverlap(.tool(tool)))
    }
}

@Suite struct ReleaseDraftTests {
    private let org = Org()
    private let at = Org.start

    private func draft(by key: PublicKey? = nil) throws -> ReleaseDraft {
        try ReleaseDraft(
            try org.release(9, of: [1], signedBy: [key ?? org.li.key]), judge: try org.judge(),
            now: at)
    }

    /// Adds a further signature, as the halt service does.
    private func sign(
        _ draft: inout ReleaseDraft, _ halts: [Int64] = [1], by key: PublicKey
    ) throws {
        try draft.add(
            try draft.judged(
                try org.release(9, of: halts, signedBy: [key]), by: try org.judge(), now: at))
    }

    @Test func `the second person makes it ready`() throws {
        var draft = try draft()
        let judge = try org.judge()
        #expect(draft.progress(judge: judge, now: at) == .waiting(have: 1, need: 2))
        try sign(&draft, by: org.sam.key)
        guard case .ready(let envelope) = draft.progress(judge: judge, now: at) else {
            Issue.record("not ready")
            return
        }
        #expect(try judge.release(envelope, .now(at)).signers.count == 2)
    }

    @Test func `two keys of one person are one person`() throws {
        var draft = try draft()
        #expect(throws: OrderRefusal.samePerson) {
            try sign(&draft, by: org.li.spare)
        }
        #expect(draft.progress(judge: try org.judge(), now: at) == .waiting(have: 1, need: 2))
    }

    @Test func `a signature over other bytes does not count`() throws {
        var draft = try draft()
        #expect(throws: OrderRefusal.otherKind) {
            try sign(&draft, [2], by: org.sam.key)
        }
    }

    @Test func `after an hour it is too late`() throws {
        var draft = try draft()
        try sign(&draft, by: org.sam.key)
        let late = at + .seconds(3600)
        #expect(draft.progress(judge: try org.judge(), now: late) == .expired)
    }

    @Test func `somebody without the role cannot begin`() throws {
        #expect(throws: OrderRefusal.self) { try draft(by: org.ana.key) }
    }

    @Test func `in an organisation of one person it takes effect after 15 minutes`() throws {
        let judge = try org.judge([org.li.trusted()])
        let draft = try ReleaseDraft(
            try org.release(9, of: [1], authors: [org.li], signedBy: [org.li.key]), judge: judge,
            now: at)
        #expect(draft.progress(judge: judge, now: at + .seconds(899)) == .waiting(have: 1, need: 1))
        guard case .ready = draft.progress(judge: judge, now: at + .seconds(900)) else {
            Issue.record("not ready")
            return
        }
    }
}
