import InterlockAdministration
import InterlockApprovals
import InterlockCredentials
import InterlockEvidence
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockGatewayBench

@Suite struct `Elevations of the store` {
    @Test func `who sees the agent, who asked and who is asked see it, and nobody else`()
        async throws
    {
        let office = try ElevationOffice()
        let order = try office.order()
        try await office.request(order)
        func sees(_ name: String, roles: Set<Role> = [], own: Set<AgentName> = []) -> Bool {
            let visibility = Visibility(person: People.all[name].person, roles: roles, own: own)
            let isListed = office.service.open(for: visibility).map(\.id) == [order.id]
            #expect((office.service.request(order.id, for: visibility) != nil) == isListed)
            return isListed
        }
        #expect(!sees("mallory"))
        #expect(sees("mallory", roles: [.kill]) && sees("mallory", own: [order.agent]))
        #expect(sees("kim"), "who asked")
        #expect(sees("ines"), "an approver of the agent")
    }

    @Test(.requirement("R005"))
    func `two people grant what a third asked for, and it is durable first`() async throws {
        let office = try ElevationOffice()
        let order = try office.order()
        try await office.request(order)
        #expect(office.live.isEmpty)
        #expect(try await office.approve(order, by: "ines") == .counted(have: 1, need: 2))
        #expect(office.live.isEmpty)
        #expect(try await office.approve(order, by: "paul") == .granted)
        #expect(office.live == [order.id.text])
        #expect(office.bench.types == [.elevationRequested, .elevationGranted])
        #expect(office.store[order.id]?.state == "granted")
    }

    @Test(.requirement("R005")) func `who asked may be one of two, and never alone`() async throws {
        let two = try ElevationOffice()
        let order = try two.order(by: "ines")
        try await two.request(order, by: "ines")
        #expect(try await two.approve(order, by: "ines") == .counted(have: 1, need: 2))
        #expect(try await two.approve(order, by: "paul") == .granted)
        let one = try ElevationOffice([
            ("org: acme", "org: acme\ndefaults: {elevation: {max: 8h, approvers: 1}}")
        ])
        let own = try one.order(by: "ines")
        try await one.request(own, by: "ines")
        #expect(try await one.approve(own, by: "ines") == .counted(have: 1, need: 1))
        #expect(try await one.approve(own, by: "paul") == .granted)
    }

    @Test func `the owner does not count where money can be spent`() async throws {
        let office = try ElevationOffice()
        let order = try office.order(["desk": [["tool": "pay"]]])
        try await office.request(order)
        await #expect(throws: ElevationRefusal.notEligible(.ownerOfGrave)) {
            try await office.approve(order, by: "li")
        }
        let plain = try office.order(number: 2)
        try await office.request(plain)
        #expect(try await office.approve(plain, by: "li") == .counted(have: 1, need: 2))
        await #expect(throws: ElevationRefusal.alreadyApproved) {
            try await office.approve(plain, by: "li")
        }
        await #expect(throws: ElevationRefusal.notEligible(.stranger)) {
            try await office.approve(plain, by: "kim")
        }
        #expect(try await office.approve(plain, by: "eve") == .granted)
    }

    @Test func `a signature of another kind, another order or nobody is no approval`() async throws
    {
        let office = try ElevationOffice()
        let order = try office.order()
        try await office.request(order)
        let other = try office.order(lasting: .seconds(7200))
        let faults: [(Envelope, ElevationRefusal)] = [
            (try office.sign(.elevationRequest, order, by: "ines"), .order(.otherKind)),
            (try office.sign(.elevationApproval, other, by: "ines"), .order(.otherKind)),
            (try office.sign(.elevationApproval, order, by: "mallory"), .order(.unknownKey)),
        ]
        for (envelope, refusal) in faults {
            await #expect(throws: refusal) { try await office.service.approve(order.id, envelope) }
        }
        let forged = Envelope(
            payloadType: .elevationApproval, payload: try order.canonical(),
            signatures: [
                .key(People.all["ines"].key.publicKey, [UInt8](repeating: 1, count: 64))
            ])
        await #expect(throws: ElevationRefusal.order(.badSignature)) {
            try await office.service.approve(order.id, forged)
        }
        await #expect(throws: ElevationRefusal.order(.notAuthor)) {
            try await office.service.request(
                try office.sign(.elevationRequest, try office.order(number: 3), by: "ines"))
        }
        #expect(office.service[order.id]?.approvals.isEmpty == true)
    }

    @Test func `what the policy has no room for is refused before anybody is asked`() async throws {
        let office = try ElevationOffice()
        func refusal(_ order: ElevationOrder) async -> String {
            do {
                try await office.request(order)
                return "taken"
            } catch let error as ElevationRefusal {
                return error.code
            } catch {
                return "\(error)"
            }
        }
        #expect(await refusal(try office.order(lasting: .seconds(8 * 3600 + 1))) == "too_long")
        #expect(await refusal(try office.order(agent: "nobody")) == "unknown_agent")
        #expect(await refusal(try office.order(["desk": [["tool": "nix"]]])) == "unfit_grant")
        #expect(await refusal(try office.order(["desk": [["tool": "*"]]])) == "unfit_grant")
        #expect(await refusal(try office.order(["desc": [["class": "read"]]])) == "unfit_grant")
        #expect(await refusal(try office.order(["desk": []])) == "unfit_grant")
        #expect(await refusal(try office.order([:])) == "unfit_grant")
        #expect(
            await refusal(try office.order(["desk": [["tool": "secret", "unless": "x"]]]))
                == "unfit_grant")
        #expect(
            await refusal(try office.order(from: .seconds(-7200), lasting: .seconds(60))) == "past")
        #expect(await refusal(try office.order(from: .seconds(31 * 86_400))) == "too_far_ahead")
        #expect(office.bench.types.isEmpty)
        try await office.bench.halt(.agent(try #require(AgentName("clerk"))))
        #expect(await refusal(try office.order()) == "halted")
    }

    @Test func `what it grants can be seen and called, until it ends`() async throws {
        let office = try ElevationOffice()
        let client = try await Client.open(office.bench)
        let order = try office.order()
        #expect(await !client.tools().contains("desk__secret"))
        check(await client.call("secret"), .error(-32602))
        try await office.granted(order)
        #expect(await client.tools().contains("desk__secret"))
        check(await client.call("secret"), .text("done"))
        try await office.service.end(order.id, try office.sign(.elevationEnd, order, by: "joe"))
        #expect(await !client.tools().contains("desk__secret"))
        check(await client.call("secret"), .error(-32602))
        #expect(office.bench.upstreams.sent.count == 1)
    }

    @Test func `who proposed it never decides about its calls`() async throws {
        let without = [
            ("[look, report, {tool: audit, when: \"false\"}, note, mail, pay, nuke]", "[look]")
        ]
        let office = try ElevationOffice(without)
        let order = try office.order(["desk": [["tool": "mail"]]], by: "ines")
        try await office.request(order, by: "ines")
        try await office.approve(order, by: "paul")
        try await office.approve(order, by: "rui")
        let client = try await Client.open(office.bench)
        let call = client.begin("mail")
        let request = try await office.bench.request()
        #expect(
            Set(request.voters.map(\.person.address))
                == ["paul@acme.example", "rui@acme.example", "dana@acme.example"])
        try await office.bench.vote(on: request.id, by: "paul")
        check(await call.answer(), .text("done"))
    }

    @Test func `a guard of a grant is checked before anybody is asked, and holds after`()
        async throws
    {
        let office = try ElevationOffice()
        func grant(_ when: String) -> JSONValue {
            ["desk": [["tool": "secret", "when": .string(when)]]]
        }
        do {
            try await office.request(try office.order(grant("args.n <")))
            Issue.record("the guard does not even parse")
        } catch let error as ElevationRefusal {
            guard case .unfitGrant(let findings) = error else { throw error }
            #expect(findings.map(\.code.rawValue) == ["E301"])
        }
        let order = try office.order(grant("args.n == 7"), number: 2)
        try await office.granted(order)
        let client = try await Client.open(office.bench)
        check(await client.call("secret", ["n": 7]), .text("done"))
        check(await client.call("secret", ["n": 8]), .refused(4030, "guard-false"))
    }

    @Test func `one whose calls too few people can decide is refused, and the agent goes on`()
        async throws
    {
        let office = try ElevationOffice([
            (
                "[ines@acme.example, paul@acme.example, rui@acme.example, dana@acme.example]",
                "[ines@acme.example]"
            ), ("    stage: trusted\n", "    stage: supervised\n"),
            (#"[look, report, {tool: audit, when: "false"}, note, mail, pay, nuke]"#, "[look]"),
        ])
        do {
            try await office.request(try office.order(["desk": [["tool": "pay"]]]))
            Issue.record("two people are needed, and the group has one")
        } catch let error as ElevationRefusal {
            guard case .unfitGrant(let findings) = error else { throw error }
            #expect(findings.map(\.code.rawValue) == ["L115"])
            #expect(
                findings.map(\.message) == [
                    "desk.pay needs 2 approvals, and `finance` has 1 who may give them"
                ])
        }
        try await office.request(try office.order(["desk": [["tool": "mail"]]], number: 2))
        let client = try await Client.open(office.bench)
        check(await client.call("look"), .text("done"))
    }

    @Test(.requirement("R006")) func `it ends by the clock and by hand`() async throws {
        let office = try ElevationOffice()
        let first = try office.order()
        try await office.granted(first)
        office.bench.clock.advance(.seconds(3600))
        #expect(office.live.isEmpty, "the clock alone is enough")
        await office.service.expire()
        #expect(office.service[first.id] == nil)
        #expect(office.bench.types.last == .elevationEnded)
        let second = try office.order(number: 2)
        try await office.granted(second)
        try await office.service.end(second.id, try office.sign(.elevationEnd, second, by: "joe"))
        #expect(office.live.isEmpty)
        #expect(office.bench.types.last == .elevationEnded)
        #expect(office.store[second.id]?.state == "ended")
        let third = try office.order(number: 3)
        try await office.request(third)
        try await office.service.end(third.id, try office.sign(.elevationEnd, third, by: "joe"))
        #expect(office.bench.types.last == .elevationDenied)
        await #expect(throws: ElevationRefusal.noSuchElevation) {
            try await office.approve(third, by: "ines")
        }
    }

    @Test(arguments: [false, true])
    func `without its record nothing is granted`(kept: Bool) async throws {
        let office = try ElevationOffice()
        let order = try office.order()
        try await office.request(order)
        try await office.approve(order, by: "ines")
        office.bench.ledger.refuse(.elevationGranted, kept: kept)
        await #expect(throws: ElevationRefusal.notRecorded("audit.full")) {
            try await office.approve(order, by: "paul")
        }
        #expect(office.live.isEmpty)
        office.bench.ledger.accept()
        #expect(try await office.approve(order, by: "paul") == .granted)
    }

    @Test(arguments: [false, true])
    func `without the store nothing is granted, and an end acts all the same`(
        kept: Bool
    ) async throws {
        let office = try ElevationOffice()
        let order = try office.order()
        try await office.request(order)
        try await office.approve(order, by: "ines")
        office.store.fail(kept: kept)
        await #expect(throws: ElevationRefusal.notRecorded("store")) {
            try await office.approve(order, by: "paul")
        }
        #expect(office.live.isEmpty)
        office.store.mend()
        let other = try office.order(number: 2)
        try await office.granted(other)
        office.store.fail(kept: kept)
        await #expect(throws: ElevationRefusal.notRecorded("store")) {
            try await office.service.end(other.id, try office.sign(.elevationEnd, other, by: "joe"))
        }
        #expect(office.live.isEmpty)
    }

    @Test func `a restart believes signatures, not the store`() async throws {
        let office = try ElevationOffice()
        let good = try office.order()
        try await office.granted(good)
        let waiting = try office.order(number: 2)
        try await office.request(waiting)
        try office.store.tamper(waiting.id) { body in
            var object = body.object ?? [:]
            object["state"] = "granted"
            return .object(object)
        }
        let again = try ElevationOffice(store: office.store)
        try await again.service.restore()
        #expect(again.live == [good.id.text])
        #expect(again.service[waiting.id] == nil)
    }

    @Test func `a policy with less room ends what was granted`() async throws {
        let office = try ElevationOffice()
        let order = try office.order()
        try await office.granted(order)
        for change in [
            ("org: acme", "org: acme\ndefaults: {elevation: {max: 8h, approvers: 3}}"),
            ("org: acme", "org: acme\ndefaults: {elevation: {max: 30m, approvers: 2}}"),
            ("secret: {class: read}", "secrets: {class: read}"),
        ] {
            let store = MemoryElevationStore()
            let body = try JSONValue(
                parsing: try #require(office.store[order.id]?.body), limits: .upstream)
            _ = try await store.put(
                elevation: order.id, state: "granted", revision: 3, replacing: nil, body: body,
                appending: nil)
            let stricter = try ElevationOffice([change], store: store)
            try await stricter.service.restore()
            #expect(stricter.live.isEmpty, "\(change.1)")
            #expect(stricter.store[order.id]?.state == "ended", "\(change.1)")
        }
    }
}
