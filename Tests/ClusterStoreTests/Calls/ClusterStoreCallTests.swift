import InterlockCluster
import InterlockJSON
import InterlockLimits
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockClusterStore

/// The statements that calls send, the arguments that are not sent, and the meaning of failures.
struct ClusterStoreCallTests {
    private func failure(
        _ caller: CannedCaller, _ call: (ClusterStore) async throws(ClusterCallFailure) -> Void
    ) async -> ClusterCallFailure? {
        await thrown { try await call(ClusterStore(CallCase.node, caller)) }
    }

    private func isUnfit(_ failure: ClusterCallFailure?) -> Bool {
        if case .unfit = failure { true } else { false }
    }

    @Test(arguments: AnswerCase.all)
    func `a call is one statement whose places are its values`(_ test: AnswerCase) async throws {
        let caller = CannedCaller([test.row])
        #expect(await failure(caller, test.call) == nil)
        let sent = try #require(caller.sent.first)
        #expect(caller.sent.count == 1)
        guard test.function != "entries" else { return }
        let places = (1...sent.values.count).map { "$\($0)" }.joined(separator: ", ")
        #expect(sent.statement == "SELECT * FROM il_v1.\(test.function)(\(places))")
        #expect(sent.values.count <= 16)
        let first: StoreValue = test.function == "start" ? .text("p") : .integer(1)
        #expect(sent.values.first == first)
    }

    private static let failures: [(StoreCallFailure, ClusterCallFailure)] = [
        (.expelled("a"), .refused(.expelled, reason: "a")),
        (.noStandby("a"), .refused(.noStandby, reason: "a")),
        (.closed("a"), .refused(.closed, reason: "a")),
        (.notCompared("a"), .refused(.notCompared, reason: "a")),
        (.busy("a"), .unknown("a")),
        (.refused(code: "23514", reason: "a"), .unknown("the store refused with 23514: a")),
        (.unknown("a"), .unknown("it is not known what the store did: a")),
    ]

    @Test(arguments: failures.indices)
    func `four errors of the store are refusals, and any other is unknown`(_ index: Int) async {
        let (failure, expected) = Self.failures[index]
        for test in AnswerCase.all {
            #expect(await self.failure(CannedCaller(failure), test.call) == expected)
        }
    }

    @Test func `refusals have the meaning that runs and units give them`() {
        let refused = StoreRefusal.allCases.map { ClusterCallFailure.refused($0, reason: "") }
        #expect(refused.map(\.runRefusal) == [.expelled, nil, .moved, .closed])
        #expect(refused.map(\.unitRefusal) == [.expelled, nil, .unfit, .closed])
        #expect(refused.map(\.refusal) == StoreRefusal.allCases)
        for code in StoreRefusal.allCases {
            let failure = StoreCallFailure(code: code.rawValue, reason: "")
            #expect(ClusterCallFailure(failure).refusal == code)
        }
        for failure in [
            ClusterCallFailure.unknown(""),
            .unreadable(StoreRowFault(function: "f", column: "c", reason: "r")),
        ] {
            #expect(failure.runRefusal == nil && failure.unitRefusal == nil)
            #expect(failure.refusal == nil)
        }
    }

    @Test func `an entry of another node or about another thing is not sent`() async {
        let caller = CannedCaller([])
        let foreign = CallCase.draft(.runEnd(CallCase.run), by: CallCase.other)
        let own = CallCase.draft(.runEnd(CallCase.run))
        let second = GrantUse(
            request: CallCase.request, number: 2, call: CallCase.digest, intent: CallCase.digest)
        let use = CallCase.draft(.use(CallCase.use))
        var found = await failure(caller) { (store) async throws(ClusterCallFailure) in
            _ = try await store.append(foreign, in: .first)
        }
        #expect(isUnfit(found))
        found = await failure(caller) { (store) async throws(ClusterCallFailure) in
            _ = try await store.finish(CallCase.version, .void, own, in: .first)
        }
        #expect(isUnfit(found))
        for (number, draft) in [(CallCase.use, own), (second, use)] {
            found = await failure(caller) { (store) async throws(ClusterCallFailure) in
                _ = try await store.use(
                    CallCase.version, number, draft, nonce: CallCase.nonce, known: 0, in: .first)
            }
            #expect(isUnfit(found))
        }
        found = await failure(caller) { (store) async throws(ClusterCallFailure) in
            _ = try await store.expel(CallCase.expelled, term: 1, own, in: .first)
        }
        #expect(isUnfit(found))
        found = await failure(caller) { (store) async throws(ClusterCallFailure) in
            _ = try await store.appendMember(own, .retire(CallCase.other), in: .first)
        }
        #expect(isUnfit(found))
        #expect(caller.sent == [])
    }

    @Test func `units and versions that no node has are not sent`() async {
        let caller = CannedCaller([])
        let other = UnitTake(
            id: UnitLeaseID(CallCase.other, .first, 1), key: CallCase.key, most: 1, want: 1,
            until: CallCase.now, now: CallCase.now)
        let later = UnitTake(
            id: UnitLeaseID(CallCase.node, Incarnation.first.next, 2), key: CallCase.key, most: 1,
            want: 1, until: CallCase.now, now: CallCase.now)
        let odd = UnitTake(
            id: UnitLeaseID(CallCase.node, .first, 2),
            key: UnitKey(CallCase.agent, LimitWindow(limit: "calls", seconds: 61)), most: 1,
            want: 1, until: CallCase.now, now: CallCase.now)
        let own = CallCase.take()
        for takes in [
            [other], [own, later], [own, odd], [own, own], (1...257).map { CallCase.take($0) },
        ] {
            let found = await failure(caller) { (store) async throws(ClusterCallFailure) in
                _ = try await store.take(takes)
            }
            #expect(isUnfit(found))
        }
        let zero = RequestVersion(CallCase.request, revision: 1, version: 0)
        let found = await failure(caller) { (store) async throws(ClusterCallFailure) in
            _ = try await store.revise(
                zero, isAnew: true, ends: CallCase.now, body: [1], in: .first)
        }
        #expect(isUnfit(found))
        #expect(caller.sent == [])
    }

    @Test func `an incarnation after the last one is not asked for`() async throws {
        let caller = CannedCaller([])
        let last = try #require(Incarnation(JSONValue.largestInteger))
        let found = await failure(caller) { (store) async throws(ClusterCallFailure) in
            _ = try await store.start(process: "p", beat: 0, least: last.next)
        }
        #expect(isUnfit(found))
        #expect(caller.sent == [])
    }

    @Test func `a vote is sent with its attempt, and a run that is put back with its state`()
        async throws
    {
        func sent(_ function: String) async throws -> [StoreValue] {
            let test = try #require(AnswerCase.all.first { $0.name == function })
            let caller = CannedCaller([test.row])
            #expect(await failure(caller, test.call) == nil)
            return try #require(caller.sent.first).values
        }
        let run = CallCase.run.text
        let vote = try await sent("vote")
        #expect(
            vote == [
                .integer(1), .text(CallCase.request.text), .integer(2), .integer(4),
                .text("approved"), .text(CallCase.vote.person.text), .text("nonce"),
                .text(CallCase.now.rfc3339()), .text("attempt"), .bytes([3]), .text("gw1.log"),
                .integer(12),
            ])
        let putBack = try await sent("run_put_back")
        #expect(
            putBack == [
                .integer(1), .text(run), .text("refunds"), .integer(5), .text("gw2"), .integer(1),
                .integer(70), .integer(3), .flag(false),
            ])
        let start = try await sent("start")
        #expect(start == [.text("p"), .integer(0), .integer(1), .integer(3)])
    }

    @Test func `no units are asked for by an empty list`() async throws {
        let caller = CannedCaller([])
        let grants = try await ClusterStore(CallCase.node, caller).take([])
        #expect(grants == [:] && caller.sent == [])
    }

    @Test func `grants are those that were asked for, and each of them`() async throws {
        let row = { (grants: String) in [[StoreColumn.text("[\(grants)]")]] }
        let first = #"{"key":"60/refunds/calls","number":1,"want":4,"units":4,"free":6,"asking":2}"#
        let second =
            #"{"key":"60/refunds/calls","number":2,"want":3,"units":1,"free":0,"asking":2}"#
        let takes = [CallCase.take(2, want: 3), CallCase.take()]
        let grants = try await ClusterStore(
            CallCase.node, CannedCaller(row("\(first),\(second)"))
        ).take(takes)
        #expect(
            grants == [
                takes[0].id: UnitGrant(units: 1, free: 0, asking: 2),
                takes[1].id: UnitGrant(units: 4, free: 6, asking: 2),
            ])
        for wrong in [
            "", first, "\(first),\(first)", "\(first),\(second),\(second)", "\(first),7",
            "\(first),{}", "\(first),[]",
            "\(first),\(second.replacing("\"units\":1", with: "\"units\":4"))",
            "\(first),\(second.replacing("\"units\":1", with: "\"units\":-1"))",
            "\(first),\(second.replacing("\"units\":1", with: "\"units\":\"1\""))",
            "\(first),\(second.replacing("\"want\":3", with: "\"want\":4"))",
            "\(first),\(second.replacing("\"free\":0", with: "\"free\":11"))",
            "\(first),\(second.replacing("\"asking\":2", with: "\"asking\":0"))",
            "\(first),\(second.replacing("60/", with: "1/"))",
            "\(first),\(second.replacing("\"free\"", with: "\"freed\""))",
            "\(first),\(second.replacing("}", with: ",\"x\":1}"))",
        ] {
            let found = await failure(CannedCaller(row(wrong))) {
                (store) async throws(ClusterCallFailure) in _ = try await store.take(takes)
            }
            guard case .unreadable(let fault) = found else {
                Issue.record("\(wrong) was accepted")
                continue
            }
            #expect(fault.function == "take" && fault.column.hasPrefix("take"))
        }
    }

    @Test func `a request that did not get all its units is no answer`() async {
        let grant =
            #"[{"key":"60/refunds/calls","number":1,"want":4,"units":3,"free":0,"asking":1}]"#
        let found = await failure(CannedCaller([[.text(grant)]])) {
            (store) async throws(ClusterCallFailure) in
            _ = try await store.ask(CallCase.ask, in: .first)
        }
        guard case .unreadable(let fault) = found else {
            Issue.record("it was accepted")
            return
        }
        #expect(fault.function == "ask")
    }

    @Test func `claims are answered with the node that serves, and how it got the run`()
        async throws
    {
        func answer(_ name: String) async throws -> ClaimAnswer {
            let test = try #require(AnswerCase.all.first { $0.name == "claim: \(name)" })
            return try await ClusterStore(CallCase.node, CannedCaller([test.row]))
                .claim(CallCase.claim)
        }
        func assigned(_ origin: RunAssignment.Origin) -> ClaimAnswer {
            .assigned(
                RunAssignment(
                    term: 2, home: NodeName("gw3").unwrapped, origin: origin,
                    level: .untrusted, calls: 64, reserved: 128))
        }
        #expect(try await answer("new") == assigned(.new))
        #expect(try await answer("again") == assigned(.again))
        #expect(try await answer("freed") == assigned(.freed(CallCase.other)))
        #expect(try await answer("lost") == assigned(.lost(CallCase.node)))
        #expect(try await answer("serves") == .serves(CallCase.other))
        #expect(try await answer("ended") == .ended)
    }

    @Test func `the use is the entry with the bytes that were sent`() async throws {
        let draft = CallCase.draft(.use(CallCase.use))
        func row(_ number: Int, _ body: [UInt8], subject: String) -> [StoreColumn] {
            let digest = StoreColumn.bytes(CallCase.digest.bytes)
            return [
                .text("\(number)"), digest, digest, .text("use"), .text(subject), .bytes(body),
                .text("gw1"), .text("1"),
            ]
        }
        func use(_ rows: [[StoreColumn]]) async throws(ClusterCallFailure) -> UseAnswer {
            try await ClusterStore(CallCase.node, CannedCaller(rows)).use(
                CallCase.version, CallCase.use, draft, nonce: CallCase.nonce, known: 4, in: .first)
        }
        let end = row(5, [7], subject: "a")
        let own = row(6, draft.body, subject: CallCase.use.subject)
        let answer = try await use([end, own])
        #expect(answer.entries.map(\.number) == [5, 6])
        #expect(answer.entry == ChainHead(number: 6, digest: CallCase.digest))
        #expect(try await use([end]).entry == nil)
        await #expect(throws: ClusterCallFailure.self) {
            _ = try await use([row(6, draft.body, subject: "another/2")])
        }
    }

    @Test func `the first entry may be larger than the others`() async throws {
        func read(_ number: Int, _ count: Int) async throws(ClusterCallFailure) -> [StoredEntry] {
            let digest = StoreColumn.bytes(CallCase.digest.bytes)
            let row: [StoreColumn] = [
                .text("\(number)"), digest, digest, .text("genesis"), .text("genesis"),
                .bytes([UInt8](repeating: 1, count: count)), .text("gw1"), .text("1"),
            ]
            return try await ClusterStore(CallCase.node, CannedCaller([row])).entries(after: -1)
        }
        #expect(try await read(0, EntryLimits.genesisBody).count == 1)
        #expect(try await read(1, EntryLimits.body).count == 1)
        await #expect(throws: ClusterCallFailure.self) {
            _ = try await read(0, EntryLimits.genesisBody + 1)
        }
        await #expect(throws: ClusterCallFailure.self) {
            _ = try await read(1, EntryLimits.body + 1)
        }
    }
}
