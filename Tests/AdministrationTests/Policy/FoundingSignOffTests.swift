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

/// R153: the conditions under which the author's own signature suffices, and its recorded basis.
@Suite(.requirement("R153")) struct `A policy that its author alone has signed` {
    private func status(_ name: String, _ basis: SignOffBasis) -> RevisionStatus {
        .signed([People.all[name].person], basis)
    }

    @Test func `the first revision is signed off by its author alone, as founding`() async throws {
        let store = MemorySignOffStore()
        let found = try Shelf.found(by: "eve", signedBy: ["eve"])
        let shelf = try await Shelf(store: store, found: found)
        #expect(shelf.service.status == status("eve", .founding))
        #expect(shelf.bench.ledger.drafts(of: .alarmRaised).isEmpty)
        // Other people are enrolled, so any further revision needs their signatures.
        for names in [nil, ["eve"]] {
            shelf.source.put(
                try Shelf.found(
                    `Reloading the policy`.narrower, by: "eve", signedBy: names))
            #expect(await shelf.service.reload(.signal)?.refusal?.code == "sign_off")
        }
        // The next process remembers the basis, even if the file no longer shows the signer.
        let again = try await Shelf(store: store, found: found)
        #expect(again.service.status == status("eve", .founding))
        let bare = try await Shelf(signedBy: nil, store: store)
        #expect(bare.service.status == .signed([], .founding))
        // Once another person has signed the same revision, the basis is no longer the author alone.
        let joined = try await Shelf(
            store: store, found: try Shelf.found(by: "eve", signedBy: ["eve", "ines"]))
        #expect(joined.service.status == status("ines", .people))
        let last = try await Shelf(store: store, found: found)
        #expect(last.service.status == .signed([], .people), "and stays so")
    }

    @Test func `an author who may sign nothing founds nothing`() async throws {
        let shelf = try await Shelf(found: try Shelf.found(by: "kim", signedBy: ["kim"]))
        #expect(shelf.service.status == .founding)
    }

    @Test func `the revision in force waits for its signers until it was signed off`() async throws
    {
        let shelf = try await Shelf(signedBy: nil)
        let first = try #require(shelf.service.waitsForFirstSignOff)
        #expect(first.digest == shelf.service.active.snapshot.digest)
        #expect(first.signing.author == nil)
        #expect(first.signing.eligible == ["eve", "ines", "paul"].map { People.all[$0].person })
        shelf.source.put(try Shelf.found(by: "kim", signedBy: ["kim"]))
        _ = await shelf.service.reload(.signal)
        let claimed = try #require(shelf.service.waitsForFirstSignOff?.signing)
        #expect(claimed.author == People.all["kim"].person && claimed.isAuthors)
        shelf.source.put(try Shelf.found(by: "kim", signedBy: ["kim", "eve", "ines"]))
        _ = await shelf.service.reload(.signal)
        #expect(shelf.service.waitsForFirstSignOff == nil && shelf.service.waitsForSignOff == nil)
    }

    @Test(arguments: [["eve"], ["eve", "kim", "joe"]])
    func `later revisions by one person are taken while no other is enrolled`(
        enrolled: [String]
    ) async throws {
        let store = MemorySignOffStore()
        let shelf = try await Shelf(
            store: store, found: try Shelf.found(by: "eve", signedBy: ["eve"]), enrolled: enrolled)
        let next = try Shelf.found(`Reloading the policy`.narrower, by: "eve", signedBy: ["eve"])
        shelf.source.put(next)
        let report = await shelf.service.reload(.signal)
        guard enrolled.count == 1 else {
            #expect(report?.refusal?.code == "sign_off")
            return
        }
        #expect(report?.isLoaded == true)
        #expect(shelf.service.status == status("eve", .single))
        let again = try await Shelf(store: store, found: next, enrolled: enrolled)
        #expect(again.service.status == status("eve", .single))
        shelf.source.put(try Shelf.found(signedBy: nil))
        #expect(await shelf.service.reload(.signal)?.refusal?.code == "sign_off")
    }

    @Test func `what an older version remembers was signed by other people`() throws {
        let identity = try Shelf.found(signedBy: nil).revision.get().identity
        let accepted = AcceptedRevision(
            identity: identity, owners: [], bare: nil, basis: .single)
        #expect(try AcceptedRevision(json: accepted.json) == accepted)
        var older = try #require(accepted.json.object)
        older["basis"] = nil
        #expect(try AcceptedRevision(json: .object(older)).basis == .people)
        older["basis"] = "nobody"
        #expect(throws: (any Error).self) { try AcceptedRevision(json: .object(older)) }
    }

    @Test func `a revision that was in force before is loaded, and is an alarm`() async throws {
        let first = try Shelf.found(signedBy: ["ines", "eve"])
        let next = try Shelf.found(
            `Reloading the policy`.narrower, signedBy: ["ines", "eve"])
        let shelf = try await Shelf(found: first)
        func alarms() -> [String] {
            shelf.bench.ledger.drafts(of: .alarmRaised).compactMap { $0.fields["code"]?.string }
        }
        for (found, raised) in [(next, []), (next, []), (first, ["policy.older"])] {
            shelf.source.put(found)
            #expect(await shelf.service.reload(.signal)?.isLoaded == true)
            #expect(alarms() == raised)
        }
    }

    @Test func `each reload that leaves the policy unsigned is an alarm`() async throws {
        let shelf = try await Shelf(signedBy: nil)
        shelf.source.put(try Shelf.found(`Reloading the policy`.narrower, signedBy: nil))
        #expect(await shelf.service.reload(.signal)?.isLoaded == true)
        let alarm = try #require(shelf.bench.ledger.drafts(of: .alarmRaised).last)
        #expect(alarm.fields["code"] == "policy.unsigned")
        shelf.source.put(try Shelf.found(by: "eve", signedBy: ["eve"]))
        #expect(await shelf.service.reload(.signal)?.isLoaded == true)
        #expect(shelf.bench.ledger.drafts(of: .alarmRaised).count == 1)
    }
}
