import InterlockJSON
import InterlockLedger
import InterlockTesting
import Testing

@Suite struct LeafScanTests {
    @Test func `every example leaf is read as a JSON parser reads it`() throws {
        for example in ExampleLeaves.all {
            let record = try StoredRecord(parsing: Array(example.text.utf8))
            let scan = try #require(LeafScan(Array(example.text.utf8)[...]))
            for name in ["t", "run", "call", "agent", "tool", "dec", "rule", "subj", "intent"]
                as [StaticString]
            {
                #expect(scan.text(name) == record.object["\(name)"]?.string, "\(name)")
            }
            #expect(scan.integer("ts") == record.object["ts"]?.integer)
            #expect(scan.integer("rs") == record.object["rs"]?.integer)
        }
    }

    @Test(arguments: [
        "", "{", "}", "[]", "{}", "{} ", "{ }", #"{"t" :1}"#, #"{"t":1,}"#, #"{"t":}"#, #"{"t"}"#,
        #"{"t":"a\"b"}"#, "{\"t\":\"\u{7f}\"}", #"{"t":"é"}"#, #"{"t":{"a":"\\"}}"#, #"{"t":[1}"#,
        #"{"t":"a"#, #"{"t":"a"}}"#,
    ])
    func `what the ledger does not write is left to a parser`(text: String) {
        #expect(LeafScan(Array(text.utf8)[...]) == nil)
    }

    @Test func `a value of another kind is no text, and no number`() throws {
        let text = #"{"a":{"t":"x"},"b":true,"c":"7","d":-12,"e":["t"],"longername":1,"t":1.5}"#
        let scan = try #require(LeafScan(Array(text.utf8)[...]))
        #expect(scan.text("a") == nil && scan.text("b") == nil && scan.text("d") == nil)
        #expect(scan.text("c") == "7" && scan.integer("d") == -12)
        #expect(scan.integer("b") == nil && scan.integer("c") == nil && scan.integer("t") == nil)
        #expect(scan.text("x") == nil && scan.integer("x") == nil)
    }
}
