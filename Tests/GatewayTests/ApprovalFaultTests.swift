import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Every write of an approval fails once: refused, or stored and still reported as failed. No call is sent without its
/// record, and none is sent twice.
@Suite struct `Approval faults` {
    enum Fault: Sendable, CustomTestStringConvertible {
        case store(MemoryApprovalStore.Step)
        case ledger(RecordType)

        var testDescription: String {
            switch self {
            case .store(let step): "store \(step)"
            case .ledger(let type): "ledger \(type.rawValue)"
            }
        }

        func apply(to bench: Bench, kept: Bool) {
            switch self {
            case .store(let step): bench.store.fail(step, kept: kept)
            case .ledger(let type): bench.ledger.refuse(type, kept: kept)
            }
        }
    }

    @Test(arguments: [Fault.store(.write(.ask)), .ledger(.approvalRequested)], [false, true])
    func `a question that cannot be written is not asked`(fault: Fault, kept: Bool) async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        fault.apply(to: bench, kept: kept)
        var reason = "store-unavailable"
        if case .ledger = fault { reason = "full" }
        await bench.check(.refused(4030, reason)) { await client.call("note") }
        #expect(bench.approvals.pendingCount == 0)
        #expect(bench.ledger.drafts(of: .callDenied).last?.fields["intent"] != nil)
        bench.store.mend()
        bench.ledger.accept()
        let call = client.begin("note")
        try await bench.vote(on: try await bench.request().id, by: "ines")
        check(await call.answer(), .text("done"))
    }

    @Test(
        arguments: [
            Fault.store(.consume), .ledger(.approvalGranted), .store(.write(.vote(isLast: false))),
        ], [false, true])
    func `a first vote that cannot be written does not count`(fault: Fault, kept: Bool) async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay")
        let id = try await bench.request().id
        fault.apply(to: bench, kept: kept)
        await #expect(throws: ApprovalRefusal.self) { try await bench.vote(on: id, by: "ines") }
        #expect(bench.approvals[id]?.votes.isEmpty == true)
        bench.store.mend()
        bench.ledger.accept()
        try await bench.vote(on: id, by: "paul")
        #expect(bench.approvals[id]?.state == .pending, "one of two")
        #expect(bench.upstreams.sent.isEmpty)
        try await bench.vote(on: id, by: "rui")
        check(await call.answer(), .text("done"))
        #expect(bench.upstreams.sent.count == 1)
    }

    @Test(
        arguments: [Fault.ledger(.approvalGranted), .store(.write(.vote(isLast: true)))],
        [false, true])
    func `a last vote that cannot be written grants nothing`(fault: Fault, kept: Bool) async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("note")
        let id = try await bench.request().id
        _ = await until { bench.waiting == 1 }
        fault.apply(to: bench, kept: kept)
        await #expect(throws: ApprovalRefusal.self) { try await bench.vote(on: id, by: "ines") }
        #expect(bench.approvals[id]?.state == .pending)
        #expect(bench.upstreams.sent.isEmpty)
        try await bench.halt(.org)
        _ = await call.answer()
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test(
        arguments: [Fault.ledger(.approvalDenied), .store(.write(.end(.denied)))], [false, true])
    func `a deny that cannot be written still lets nothing through, and holds once it is on record`(
        fault: Fault, kept: Bool
    ) async throws {
        let bench = try Bench(resumes: false)
        let client = try await Client.open(bench)
        let call = client.begin("note")
        let id = try await bench.request().id
        _ = await until { bench.waiting == 1 }
        fault.apply(to: bench, kept: kept)
        if case .store = fault {
            #expect(
                try await bench.vote(.deny, on: id, by: "ines")
                    == .denied(by: People.all["ines"].pseudonym))
            check(await call.answer(), .refused(4031, "denied"))
            #expect(bench.alarmed.contains("approval.store_failed"))
        } else {
            await #expect(throws: ApprovalRefusal.self) {
                try await bench.vote(.deny, on: id, by: "ines")
            }
            call.exchange.close()
            check(await call.answer(), .refused(4032, "pending"))
        }
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test(arguments: [Fault.store(.write(.use)), .ledger(.approvalUsed)], [false, true])
    func `a use that cannot be written sends nothing, and never twice`(
        fault: Fault, kept: Bool
    ) async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("note", [:], to: client, by: "ines")
        fault.apply(to: bench, kept: kept)
        var isStore = true
        if case .ledger = fault { isStore = false }
        await bench.check(.refused(4030, isStore ? "store-unavailable" : "full")) {
            await client.call("note")
        }
        bench.store.mend()
        bench.ledger.accept()
        // Only a use that left no trace may be retried.
        let isClean = isStore && !kept
        if isClean {
            await bench.check(.text("done"), sent: 1) { await client.call("note") }
        } else if isStore {
            await bench.check(.refused(4031, "not-granted")) { await client.call("note") }
        }
        #expect(bench.upstreams.sent.count == (isClean ? 1 : 0))
        // The next start resolves a state between the two (`Approvals after a death`).
        #expect(bench.store[id]?.state == (isClean ? "used" : "using"))
    }

    @Test func `a request that could be ended in the log alone has ended`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("note", [:], to: client, by: "ines")
        bench.store.fail(.write(.end(.expired)))
        bench.clock.advance(.seconds(600))
        let call = client.begin("note")
        let again = try await bench.request()
        #expect(again.id != id, "asked anew")
        #expect(bench.approvals[id]?.state == .expired)
        try await bench.vote(.deny, on: again.id, by: "rui")
        check(await call.answer(), .refused(4031, "denied"))
        #expect(bench.upstreams.sent.isEmpty)
    }
}

/// The next process resumes or ends the stored requests.
@Suite struct `Approvals after a restart` {
    @Test func `a pending request goes on with its votes`() async throws {
        let old = try Bench()
        let client = try await Client.open(old)
        let call = client.begin("pay")
        let id = try await old.request().id
        try await old.vote(on: id, by: "ines")
        let new = try Bench(store: old.store)
        try await new.approvals.restore()
        let restored = try #require(new.approvals[id])
        #expect(restored == old.approvals[id])
        let again = try await Client.open(new)
        let repeated = again.begin("pay")
        #expect(await until { new.waiting == 1 })
        #expect(new.approvals.live.count == 1, "joined, not asked again")
        await #expect(throws: ApprovalRefusal.alreadyVoted) {
            try await new.vote(on: id, by: "ines")
        }
        try await new.vote(on: id, by: "rui")
        check(await repeated.answer(), .text("done"))
        #expect(new.ledger.drafts(of: .approvalUsed).last?.fields["grants"]?.array?.count == 2)
        try await old.halt(.org)
        _ = await call.answer()
    }

    @Test func `a grant is used once, also by the process before`() async throws {
        let old = try Bench()
        let client = try await Client.open(old)
        let id = try await old.grant("note", [:], to: client, by: "ines")
        let new = try Bench(store: old.store)
        try await new.approvals.restore()
        let again = try await Client.open(new)
        check(await again.call("note"), .text("done"))
        #expect(new.approvals[id]?.state == .used)
        check(await client.call("note"), .refused(4031, "not-granted"))
        #expect(old.upstreams.sent.isEmpty)
    }

    @Test func `a grant whose time ran out while nobody was there is gone`() async throws {
        let old = try Bench()
        let client = try await Client.open(old)
        let id = try await old.grant("note", [:], to: client, by: "ines")
        let new = try Bench(store: old.store)
        new.clock.advance(.seconds(600))
        try await new.approvals.restore()
        await new.approvals.expire()
        #expect(new.approvals[id]?.state == .expired)
        #expect(new.store[id]?.state == "expired")
    }

    @Test func `what was ended is not open again`() async throws {
        let old = try Bench()
        let client = try await Client.open(old)
        let id = try await old.grant("note", [:], to: client, by: "ines")
        await client.call("note")
        let new = try Bench(store: old.store)
        try await new.approvals.restore()
        #expect(new.approvals[id] == nil)
        #expect(new.approvals.live.isEmpty)
    }

    @Test func `a stored request that was changed by hand is left out, with an alarm`() async throws
    {
        let changes: [(String, (JSONValue) -> JSONValue)] = [
            ("approved without votes", { Self.set($0, "state", "approved") }),
            ("arguments", { Self.setArguments($0, ["n": 2]) }),
            ("no votes", { Self.set($0, "votes", []) }),
            (
                "another salt",
                { Self.set($0, "salt", .string(Base64.encode(.init(repeating: 1, count: 32)))) }
            ),
            ("an unknown member", { Self.set($0, "more", true) }),
        ]
        for (name, change) in changes {
            let old = try Bench()
            let client = try await Client.open(old)
            let id: ApprovalID
            if name == "approved without votes" {
                let call = client.begin("note", ["n": 1])
                id = try await old.request().id
                _ = await until { old.waiting == 1 }
                call.exchange.close()
                _ = await call.answer()
            } else {
                id = try await old.grant("note", ["n": 1], to: client, by: "ines")
            }
            try old.store.tamper(id, change)
            let new = try Bench(store: old.store)
            try await new.approvals.restore()
            #expect(new.approvals[id] == nil, "\(name)")
            #expect(new.alarmed == ["approval.unreadable"], "\(name)")
        }
    }

    @Test func `a store that cannot be read is an error, not an empty store`() async throws {
        let bench = try Bench()
        bench.store.fail(.open)
        await #expect(throws: StoreFailure.self) { try await bench.approvals.restore() }
    }

    private static func set(_ body: JSONValue, _ key: String, _ value: JSONValue) -> JSONValue {
        var body = body.object ?? [:]
        var request = body["request"]?.object ?? [:]
        request[key] = value
        body["request"] = .object(request)
        return .object(body)
    }

    private static func setArguments(_ body: JSONValue, _ arguments: JSONValue) -> JSONValue {
        var review = body["request"]?["review"]?.object ?? [:]
        var call = review["call"]?.object ?? [:]
        call["args"] = arguments
        review["call"] = .object(call)
        return set(body, "review", .object(review))
    }
}

/// Two concurrent uses of, or decisions on, one grant.
@Suite struct `Races for one grant` {
    /// Eight gateways run concurrently, because a race consists mostly of waiting. The limit only ends a test that hangs.
    @Test(.requirement("R091"), .timeLimit(.minutes(10)))
    func `of two racing uses exactly one is sent, a thousand times`() async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 { group.addTask { try await Self.race(times: 125) } }
            try await group.waitForAll()
        }
    }

    private static func race(times: Int) async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        for round in 0..<times {
            let arguments: JSONObject = ["n": .integer(Int64(round))]
            let calls = [client.begin("note", arguments), client.begin("note", arguments)]
            for call in calls { await call.exchange.isWatched(by: 2) }
            try #require(bench.waiting == 2)
            let id = try #require(bench.approvals.live.first).id
            try await bench.vote(on: id, by: "ines")
            var answers: [Expected?] = []
            for call in calls { answers.append(Expected(await call.answer())) }
            let isRight =
                answers == [.text("done"), .refused(4031, "not-granted")]
                || answers == [.refused(4031, "not-granted"), .text("done")]
            try #require(isRight, "round \(round): \(answers)")
            try #require(bench.upstreams.sent.count == round + 1)
        }
        #expect(bench.ledger.drafts(of: .approvalUsed).count == times)
    }

    @Test func `of two racing votes that complete a quorum one is the last`() async throws {
        for _ in 0..<50 {
            let bench = try Bench()
            let client = try await Client.open(bench)
            let call = client.begin("pay")
            let id = try await bench.request().id
            let votes = ["ines", "paul", "rui", "dana"].map { name in
                Task { try? await bench.vote(on: id, by: name) }
            }
            var granted = 0
            for vote in votes {
                if case .granted = await vote.value { granted += 1 }
            }
            #expect(granted == 1)
            check(await call.answer(), .text("done"))
            #expect(bench.upstreams.sent.count == 1)
        }
    }

    @Test func `a revocation and a use: sent, or revoked, never both`() async throws {
        for _ in 0..<100 {
            let bench = try Bench { $0.hold = .milliseconds(1) }
            let client = try await Client.open(bench)
            let id = try await bench.grant("note", [:], to: client, by: "ines")
            let revocation = Task { try? await bench.vote(.deny, on: id, by: "rui") }
            let call = client.begin("note")
            let isRevoked = await revocation.value == .void(.revoked)
            _ = await call.answer()
            #expect(bench.upstreams.sent.count == (isRevoked ? 0 : 1))
        }
    }
}
