import InterlockCluster
import InterlockLimits
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockClusterStore

struct UnitKeyTextTests {
    private func key(_ limit: String, _ seconds: Int64 = 60) -> UnitKey {
        UnitKey(CallCase.agent, LimitWindow(limit: limit, seconds: seconds))
    }

    @Test func `a limit has one key in the store, which names it`() {
        for limit in ["calls", "server.tool", "spend:args.field", "a/b//c", "\u{e9}", "e\u{301}"] {
            for seconds in UnitKey.lengths {
                let text = key(limit, seconds).storeText
                #expect(text == "\(seconds)/refunds/\(limit)")
                let back = text.flatMap { UnitKey(storeText: $0) }
                #expect(back?.window.limit.utf8.elementsEqual(limit.utf8) == true)
                #expect(back?.window.seconds == seconds && back?.agent == CallCase.agent)
            }
        }
    }

    @Test func `the longest key is one that the store takes`() {
        let longest = AgentName(String(repeating: "a", count: 63)).unwrapped
        let limit = String(repeating: "x", count: 256)
        let text = UnitKey(longest, LimitWindow(limit: limit, seconds: 86_400)).storeText
        #expect((text?.utf8.count ?? 401) <= 400)
        #expect(key(limit + "x").storeText == nil)
        #expect(key("").storeText == nil)
        #expect(key("a\0").storeText == nil)
        #expect(key("calls", 61).storeText == nil)
    }

    @Test(arguments: [
        "", "60", "60/refunds", "60/refunds/", "060/refunds/calls", "+60/refunds/calls",
        "2/refunds/calls", "60/Refunds/calls", "60//calls", " 60/refunds/calls",
    ])
    func `no other text is a key`(_ text: String) {
        #expect(UnitKey(storeText: text) == nil)
    }

    @Test func `a list is written as an array of PostgreSQL with each element in quotes`() {
        let (bytes, isBinary) = StoreValue.list(["a", "b\"c\\d", "", "{e,f}"]).encoded
        #expect(!isBinary)
        #expect(bytes == Array(#"{"a","b\"c\\d","","{e,f}"}"#.utf8))
        #expect(StoreValue.list([]).encoded.bytes == Array("{}".utf8))
        #expect(!StoreValue.list(["a", "b\0"]).isWhole && StoreValue.list(["a"]).isWhole)
    }
}
