import InterlockLedger
import Testing

@testable import InterlockStore

@Suite struct LedgerEntryTests {
    private func entry(_ text: String) -> LedgerEntry {
        LedgerEntry(
            index: 0, leaf: Leaf(stored: Array(text.utf8)[...], hashing: TestLog.hashing))
    }

    @Test(arguments: RecordType.allCases)
    func `a record may be of its type, and of no other`(type: RecordType) {
        let record = entry(#"{"node":"gw1","t":"\#(type.rawValue)","ts":1,"v":1}"#)
        #expect(record.record?.type == type.rawValue)
        #expect(RecordType.allCases.filter(record.mayBe) == [type])
    }

    @Test func `what a text says is no type`() {
        let told = entry(#"{"node":"\"t\":\"payload.erased\"","t":"log.tick","ts":1,"v":1}"#)
        #expect(told.record != nil && !told.mayBe(.payloadErased))
        // An inner object may have the name; the record is then parsed to find its type.
        let inner = entry(#"{"a":{"t":"payload.erased"},"node":"gw1","t":"log.tick","ts":1,"v":1}"#)
        #expect(inner.mayBe(.payloadErased) && inner.record?.type == "log.tick")
    }
}
