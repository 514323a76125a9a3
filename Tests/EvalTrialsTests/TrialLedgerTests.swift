import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockEvalTrials

struct TrialLedgerTests {
    private let record = RecordDraft(.accessRefused, run: nil, fields: ["code": "access.no_token"])

    @Test func `a record that is not kept permits nothing`() async throws {
        let ledger = TrialLedger(most: 2)
        let first = try await ledger.append(record)
        let second = ledger.note(record)
        #expect(first.index == 0 && second != nil && second != first.leafHash)
        #expect(!ledger.isFull && ledger.status.refusing == nil)
        await #expect(throws: LedgerRefusal(code: "audit.full", detail: "")) {
            try await ledger.append(record)
        }
        #expect(ledger.note(record) == nil)
        #expect(ledger.isFull && ledger.status.refusing == "audit.full")
        #expect(ledger.drafts.count == 2)
    }
}
