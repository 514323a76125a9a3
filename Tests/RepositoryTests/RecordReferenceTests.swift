import InterlockLedger
import Testing

@Suite struct RecordReferenceTests {
    @Test func `the page of records is made from the table that the ledger checks by`() {
        #expect(Repository.text(of: "docs/records.md") == RecordReference.text)
    }
}
