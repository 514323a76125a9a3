import InterlockAdministration
import InterlockGovernor
import InterlockModel
import InterlockPolicy
import Testing

@testable import InterlockGatewayBench

/// Elevations that people request, approve and end by passkey.
@Suite struct `Elevations by passkey` {
    @Test func `passkeys ask for it, approve it and end it`() async throws {
        let passkeys = Passkeys("kim", "ines", "paul")
        let store = MemoryElevationStore()
        let office = try ElevationOffice(store: store, passkeys: passkeys)
        let order = try office.order()
        let asked = try office.assert(.elevationRequest, order, by: "kim")
        _ = try await office.service.request(asked)
        await #expect(throws: ElevationRefusal.taken) { try await office.service.request(asked) }
        let first = try office.assert(.elevationApproval, order, by: "ines")
        _ = try await office.service.approve(order.id, first)
        await #expect(throws: ElevationRefusal.self) {
            try await office.service.approve(order.id, first)
        }
        #expect(passkeys.counter(of: "kim") == 8 && passkeys.counter(of: "ines") == 8)
        #expect(passkeys.suspended.isEmpty)
        let again = try ElevationOffice(store: store, passkeys: passkeys)
        try await again.service.restore()
        #expect(again.service[order.id]?.approvals.map(\.person) == [People.all["ines"].person])
        let end = try office.assert(.elevationEnd, order, by: "paul")
        try await office.service.end(order.id, end)
        #expect(office.service[order.id] == nil)
    }

    @Test func `one that is sent again after its end, or after it was not kept, suspends nobody`()
        async throws
    {
        let passkeys = Passkeys("kim")
        let store = MemoryElevationStore()
        let office = try ElevationOffice(store: store, passkeys: passkeys)
        let order = try office.order()
        let asked = try office.assert(.elevationRequest, order, by: "kim")
        _ = try await office.service.request(asked)
        try await office.service.end(order.id, try office.sign(.elevationEnd, order, by: "joe"))
        for service in [
            office.service, try ElevationOffice(store: store, passkeys: passkeys).service,
        ] {
            await #expect(throws: ElevationRefusal.taken) { try await service.request(asked) }
        }
        let lost = try office.order(number: 2)
        let again = try office.assert(.elevationRequest, lost, by: "kim", counter: 9)
        store.fail()
        await #expect(throws: ElevationRefusal.notRecorded("store")) {
            try await office.service.request(again)
        }
        store.mend()
        await #expect(throws: ElevationRefusal.order(.badAssertion(.counterWentBack))) {
            try await office.service.request(again)
        }
        #expect(passkeys.counter(of: "kim") == 9 && passkeys.suspended.isEmpty)
    }

    @Test func `what a passkey signed about another elevation, or of another kind, is nothing`()
        async throws
    {
        let passkeys = Passkeys("kim", "ines")
        let office = try ElevationOffice(passkeys: passkeys)
        let order = try office.order()
        let other = try office.order(number: 2)
        _ = try await office.service.request(try office.assert(.elevationRequest, order, by: "kim"))
        for assertion in [
            try office.assert(.elevationApproval, other, by: "ines"),
            try office.assert(.elevationEnd, order, by: "ines"),
        ] {
            let moved = Envelope(
                payloadType: .elevationApproval, payload: try order.canonical(),
                signatures: assertion.signatures)
            await #expect(throws: ElevationRefusal.order(.badAssertion(.wrongChallenge))) {
                try await office.service.approve(order.id, moved)
            }
        }
        await #expect(throws: ElevationRefusal.order(.copiedPasskey(Passkeys.id(of: "ines")))) {
            try await office.service.approve(
                order.id, try office.assert(.elevationApproval, order, by: "ines", counter: 7))
        }
        #expect(passkeys.suspended == [Passkeys.id(of: "ines")])
    }
}
