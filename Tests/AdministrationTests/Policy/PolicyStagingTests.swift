import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench

@Suite struct `Staging and activating a policy` {
    static let narrower = `Reloading the policy`.narrower
    static let widest = [("tools: [desk.nuke]}", "tools: []}")]

    private static func put(
        _ changes: [(String, String)], in shelf: Shelf
    ) throws -> RevisionOnDisk {
        let found = try Shelf.found(changes, signedBy: ["eve", "paul"])
        shelf.source.put(found)
        return found
    }

    /// Expects that the staged revision is refused for `reason`, recorded nowhere and not in force.
    private func checkStale(
        _ staged: StagedPolicy, _ reason: StaleRevision, on shelf: Shelf
    ) async {
        let (digest, loads) = (shelf.digest, shelf.bench.ledger.drafts(of: .policyLoaded).count)
        let error = await #expect(throws: RevisionRefusal.self) {
            try await shelf.service.activate(staged, .request)
        }
        #expect(error == .stale(reason))
        #expect(error?.code == "stale")
        #expect(shelf.digest == digest)
        #expect(shelf.service.active.snapshot.digest == digest)
        #expect(shelf.bench.ledger.drafts(of: .policyLoaded).count == loads)
    }

    @Test func `staging keeps the policy and changes nothing, activation records and swaps`()
        async throws
    {
        let shelf = try await Shelf()
        let old = shelf.digest
        let accepted = try await shelf.store.acceptedRevision()
        let staged = try shelf.service.stage(try Self.put(Self.narrower, in: shelf))
        let new = staged.revision.snapshot.digest
        #expect(shelf.archive.kept == [old, new])
        #expect(shelf.digest == old)
        #expect(try await shelf.store.acceptedRevision() == accepted)
        #expect(shelf.bench.ledger.drafts(of: .policyLoaded).count == 1)
        let gate = Gate()
        shelf.bench.ledger.hold(.policyLoaded, at: gate)
        async let activated = shelf.service.activate(staged, .request)
        #expect(await until { gate.arrived == 1 })
        #expect(shelf.digest == old, "nothing swaps before the record is durable")
        gate.open()
        _ = try await activated
        #expect(shelf.digest == new)
        #expect(try await shelf.store.acceptedRevision() != accepted)
    }

    @Test func `what belongs to a revision takes effect with its swap, and before what follows it`()
        async throws
    {
        let shelf = try await Shelf()
        let staged = try shelf.service.stage(try Self.put(Self.narrower, in: shelf))
        #expect(shelf.effects.value.isEmpty)
        let gate = Gate()
        shelf.bench.ledger.hold(.policyLoaded, at: gate)
        async let activated = shelf.service.activate(staged, .request)
        #expect(await until { gate.arrived == 1 })
        #expect(shelf.effects.value.isEmpty, "nothing takes effect before the record is durable")
        gate.open()
        _ = try await activated
        #expect(shelf.effects.value == [staged.revision.snapshot.digest.prefixed, "follow"])
        await checkStale(staged, .activated, on: shelf)
        #expect(shelf.effects.value.count == 2)
    }

    @Test func `a revision whose parts cannot be made ready is refused before anything is swapped`()
        async throws
    {
        let shelf = try await Shelf()
        let old = shelf.digest
        _ = try Self.put(Self.narrower, in: shelf)
        shelf.unprepared.value = "`rules/acme.json`: RE2 refuses the pattern"
        let report = try #require(await shelf.service.reload(.signal))
        #expect(report.refusal == .rules("`rules/acme.json`: RE2 refuses the pattern"))
        #expect(shelf.digest == old && shelf.archive.kept == [old])
        #expect(shelf.effects.value.isEmpty)
        #expect(shelf.bench.ledger.drafts(of: .policyLoaded).count == 1)
        let alarm = try #require(shelf.bench.ledger.drafts(of: .alarmRaised).last)
        #expect(alarm.fields["code"] == "policy.reload_refused")
        shelf.unprepared.value = nil
        #expect(await shelf.service.reload(.signal)?.isLoaded == true)
        #expect(shelf.effects.value.count == 2)
    }

    @Test func `a process that dies after staging leaves the old policy or decides anew`()
        async throws
    {
        let shelf = try await Shelf()
        let old = shelf.digest
        let staged = try shelf.service.stage(try Self.put(Self.narrower, in: shelf))
        // The files are the old ones again.
        let same = try await Shelf(store: shelf.store, archive: shelf.archive)
        #expect(same.digest == old)
        // The files are the staged ones, and their signatures decide again.
        await #expect(throws: RevisionRefusal.signOff(.unsigned)) {
            _ = try await Shelf(
                store: shelf.store, archive: shelf.archive,
                found: try Shelf.found(Self.narrower, signedBy: nil))
        }
        let next = try await Shelf(
            store: shelf.store, archive: shelf.archive,
            found: try Shelf.found(Self.narrower, signedBy: ["eve", "paul"]))
        #expect(next.digest == staged.revision.snapshot.digest)
    }

    @Test func `a staged policy is stale once another was staged`() async throws {
        let shelf = try await Shelf()
        let first = try shelf.service.stage(try Self.put(Self.narrower, in: shelf))
        let second = try shelf.service.stage(try Self.put(Self.widest, in: shelf))
        await checkStale(first, .staged, on: shelf)
        // The refused attempt has not spent the newer one.
        try await shelf.service.activate(second, .request)
        #expect(shelf.digest == second.revision.snapshot.digest)
    }

    @Test func `a staged policy is activated once, and never over a later one`() async throws {
        let shelf = try await Shelf()
        let first = try shelf.service.stage(try Self.put(Self.narrower, in: shelf))
        let second = try shelf.service.stage(try Self.put(Self.widest, in: shelf))
        try await shelf.service.activate(second, .request)
        await checkStale(first, .activated, on: shelf)
        await checkStale(second, .activated, on: shelf)
    }

    @Test func `a staged policy is stale once its files have changed`() async throws {
        let shelf = try await Shelf()
        let staged = try shelf.service.stage(try Self.put(Self.narrower, in: shelf))
        _ = try Self.put(Self.widest, in: shelf)
        await checkStale(staged, .files, on: shelf)
    }

    @Test func `a staged policy is stale once a signer is revoked`() async throws {
        let shelf = try await Shelf()
        let staged = try shelf.service.stage(try Self.put(Self.narrower, in: shelf))
        shelf.trust.value = try People.all.trust(
            added: shelf.bench.clock.now.wall, names: People.names.filter { $0 != "eve" })
        await checkStale(staged, .signOff, on: shelf)
    }

    @Test func `a founding node does not activate as unsigned what was staged as signed`()
        async throws
    {
        let shelf = try await Shelf(signedBy: nil)
        let staged = try shelf.service.stage(try Self.put(Self.narrower, in: shelf))
        #expect(!staged.verdict.status.isFounding)
        shelf.trust.value = try People.all.trust(
            added: shelf.bench.clock.now.wall,
            names: People.names.filter { !["eve", "paul", "dana"].contains($0) })
        await checkStale(staged, .signOff, on: shelf)
    }

    @Test func `a policy that could not be recorded is not taken for an older one later`()
        async throws
    {
        let shelf = try await Shelf()
        _ = try Self.put(Self.narrower, in: shelf)
        shelf.bench.ledger.refuse(.policyLoaded, kept: false)
        #expect(await shelf.service.reload(.signal)?.refusal?.code == "not_recorded")
        shelf.bench.ledger.accept()
        #expect(await shelf.service.reload(.signal)?.isLoaded == true)
        func older() -> Int {
            shelf.bench.ledger.drafts(of: .alarmRaised)
                .count { $0.fields["code"] == "policy.older" }
        }
        #expect(older() == 0)
        shelf.source.put(try Shelf.found(signedBy: ["eve", "paul"]))
        #expect(await shelf.service.reload(.signal)?.isLoaded == true)
        #expect(older() == 1)
    }
}
