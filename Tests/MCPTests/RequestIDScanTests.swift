import InterlockJSON
import InterlockMCP
import InterlockTesting
import Testing

/// Finds the id of a rejected body in one pass, without building a tree.
@Suite struct `Scanning a refused body for its id` {
    private func id(_ text: String) -> RequestID? { RequestID(scanning: Array(text.utf8)) }

    @Test(
        arguments: [
            (#"{"jsonrpc":"2.0","id":7,"method":"x"}"#, "7"), (#"{"id":"a\u0062"}"#, "ab"),
            ("\n { \"x\" : [ 1 , {\"id\":2} , \"]}\" ] , \"id\" : -4 }", "-4"),
            (#"{"params":{"id":1,"a":"\\\"}"},"id":3}"#, "3"), (#"{"id":"漢"}"#, "漢"),
            (#"{"a":true,"b":null,"c":-1.5e+3,"id":"z"}"#, "z"), (#"{"id":1,"broken"#, "1"),
            (#"{"id":1"#, "1"),
            ("{\"a\u{301}\":0,\"id\":5}", "5"),
        ])
    func `an id is found wherever it stands`(body: String, shown: String) {
        #expect(id(body)?.description == shown)
    }

    @Test(
        arguments: [
            "", " ", "[]", #"[{"id":1}]"#, "7", #""id""#, "{}", #"{"id":null}"#, #"{"id":1.5}"#,
            #"{"id":true}"#, #"{"id":{}}"#, #"{"id":[1]}"#, #"{"id"}"#, #"{"id":}"#,
            #"{"id":9007199254740992}"#, #"{"id":"\ud800"}"#, #"{"x":{"id":1}}"#, #"{"x":"id":1}"#,
            #"{"x":[1,"id":2"#, #"{"x":"\"#, #"{"x":1 "id":2}"#, #"{x:1,"id":2}"#, "{\"id\":\"a",
            "\u{feff}{\"id\":1}", #"{"\u0069d":1}"#,
        ])
    func `what has no id that can be found is answered without one`(body: String) {
        #expect(id(body) == nil)
    }

    @Test func `an id and the depth before it are bounded`() {
        let long = String(repeating: "x", count: RequestID.maximumBytes)
        #expect(id("{\"id\":\"\(long)\"}")?.description == long)
        #expect(id("{\"id\":\"\(long)x\"}") == nil)
        #expect(id("{\"id\":\"\(String(repeating: "x", count: 1 << 20))\"}") == nil)
        for (depth, isFound) in [(128, true), (129, false), (100_000, false)] {
            let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            #expect((id("{\"x\":\(nested),\"id\":1}") != nil) == isFound)
        }
    }

    /// Bodies that blocked the event loops when they were parsed as trees.
    @Test func `each byte is looked at once, and the id's own twice`() {
        let members = CollidingKeys.first(20_000).map { "\"\($0)\":0" }.joined(separator: ",")
        let marks = String(repeating: "\u{301}", count: 200_000)
        for body in [
            "{\(members),\"id\":\"a\"}", "{\"x\":{\(members)},\"id\":\"a\"}",
            "{\"method\":\"\(marks)\",\"id\":\"a\"}",
        ] {
            let bytes = Array(body.utf8)
            #expect(RequestID(scanning: bytes) == .string("a"))
            #expect(RequestID.steps(scanning: bytes) <= bytes.count + 16)
        }
        // Content after the id costs nothing.
        #expect(RequestID.steps(scanning: Array("{\"id\":1,\(members)}".utf8)) < 16)
    }
}
