import InterlockJSON
import InterlockMCP
import Testing

/// The texts of notifications for a search, and copies of them.
@Suite struct ServerNoticeTests {
    private func log(_ data: JSONValue, logger: JSONValue = "db") throws -> LogMessage {
        try #require(LogMessage(["level": "info", "logger": logger, "data": data]))
    }

    private func shown(_ message: LogMessage) throws -> JSONValue {
        try #require(try JSONValue(parsing: message.notification, limits: .upstream)["params"])
    }

    @Test func `a copy differs in its text alone`() throws {
        let notice = try #require(
            ProgressNotification(["progress": 1, "total": 2, "message": "m", "other": "x"]))
        #expect(notice.document == ["progress": 1, "total": 2, "message": "m"])
        let copy = notice.replaced(by: ["progress": 1, "total": 2, "message": "n"])
        #expect(copy?.document == ["progress": 1, "total": 2, "message": "n"])
        for other in [
            ["progress": 3, "total": 2, "message": "n"], ["progress": 1, "message": "n"],
            ["progress": 1, "total": 2],
        ] as [JSONValue] {
            #expect(notice.replaced(by: other) == nil)
        }
        let message = try log(["a": "b"])
        let changed = try #require(message.replaced(by: ["logger": "db", "data": "c"]))
        #expect(try shown(changed)["data"] == "c")
        #expect(message.replaced(by: ["logger": "x", "data": "c"]) == nil)
        #expect(message.replaced(by: ["logger": "db"]) == nil)
    }

    @Test func `a text is searched before it is cut, and has no copy if it is not whole`() throws {
        let text = String(repeating: "é", count: 5000)
        let message = try log(.string(text))
        #expect(message.document["data"] == .string(text))
        #expect(try shown(message)["data"]?.string?.hasSuffix("é...") == true)
        #expect(message.replaced(by: ["logger": "db", "data": "c"]) != nil)
        let long = try log(.string("x" + String(repeating: "é", count: 50_000)))
        let kept = try #require(long.document["data"]?.string)
        #expect(kept.utf8.count == (16 << 10) - 1, "no half of a character")
        #expect(kept.hasPrefix("xé") && kept.hasSuffix("é"))
        #expect(long.replaced(by: ["logger": "db", "data": "c"]) == nil)
    }

    @Test func `the texts that are shown have no dots of a cut`() throws {
        let logger = String(repeating: "l", count: 300)
        let small = try log(["a": ["b", 1]], logger: "db")
        #expect(small.strings == ["b"] && small.shownStrings == ["b"] && small.sender == "db")
        let named = try log(.string("d"), logger: .string(logger))
        #expect(named.shownStrings == ["d"] && named.sender == logger)
        let shown = try #require(named.shownSender)
        #expect(shown.allSatisfy { $0 == "l" } && shown.count < 256)
        let large = try log(["a": .string(String(repeating: "m", count: 9000))]).shownStrings
        #expect(large.count == 1 && large[0].hasPrefix(#"{"a":"mmm"#) && large[0].hasSuffix("m"))
        let notice = try #require(ProgressNotification(["progress": 1, "message": "m"]))
        #expect(notice.strings == ["m"] && notice.shownStrings == ["m"] && notice.sender == nil)
    }
}
