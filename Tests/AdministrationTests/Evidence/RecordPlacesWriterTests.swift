import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench

@Suite struct RecordPlacesWriterTests {
    private let ledger = MemoryLedger()
    private let warnings = Warnings()
    private static let event = RecordDraft(.clockStep, run: nil, fields: ["step": 1])

    private func writer(
        follow: @escaping RecordPlacesWriter.Follow
    ) -> RecordPlacesWriter {
        RecordPlacesWriter(
            KnownPlaces(of: [.peopleRole]), ledger: ledger, follow: follow,
            warn: { [warnings] in warnings.add($0) })
    }

    /// Finds as many records as the log has, and one about people at its beginning.
    private func following() -> RecordPlacesWriter {
        writer { [ledger] known throws(StoreFailure) in
            var known = known
            if known.next == 0 { known.take(.peopleRole, at: 0) }
            known.pass(upTo: ledger.status.size)
            return known
        }
    }

    private func fill(_ count: UInt64) { for _ in 0..<count { ledger.note(Self.event) } }

    @Test func `a stop writes the places once a thousand records are new`() async throws {
        let writer = following()
        fill(RecordPlacesWriter.fewest - 1)
        await writer.keep()
        #expect(ledger.drafts(of: .logPlaces).isEmpty)
        fill(1)
        await writer.keep()
        await writer.keep()
        let written = try #require(ledger.drafts(of: .logPlaces).first)
        #expect(ledger.drafts(of: .logPlaces).count == 1)
        #expect(written.fields["upto"]?.integer == Int64(RecordPlacesWriter.fewest))
        #expect(written.fields["items"] == [["type": "people.role", "at": [0]]])
    }

    @Test func `a log that grows gets its places each hundred thousand records`() async throws {
        let writer = following()
        fill(RecordPlacesWriter.mostUnread - 1)
        await writer.sweep()
        #expect(ledger.drafts(of: .logPlaces).isEmpty)
        fill(1)
        await writer.sweep()
        await writer.sweep()
        #expect(ledger.drafts(of: .logPlaces).count == 1)
    }

    @Test func `a log that cannot be read, or takes no record, is said and nothing more`() async {
        fill(RecordPlacesWriter.fewest)
        await writer { _ throws(StoreFailure) in throw StoreFailure(reason: "no log") }.keep()
        #expect(warnings.all == ["no log"])
        ledger.refuse(.logPlaces, by: LedgerRefusal(code: "audit.full", detail: "no space"))
        await following().keep()
        #expect(warnings.all.last == "audit.full: no space")
        #expect(ledger.drafts(of: .logPlaces).isEmpty)
    }
}

private final class Warnings: Sendable {
    private let state = Mutex<[String]>([])
    var all: [String] { state.withLock { $0 } }
    func add(_ text: String) { state.withLock { $0.append(text) } }
}
