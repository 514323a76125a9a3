import InterlockJSON
import InterlockMCP
import Testing

@Suite struct `Heads of requests` {
    @Test(
        arguments: [
            ("application/json", "application/json, text/event-stream", nil),
            ("Application/JSON; charset=utf-8", "text/event-stream,application/json", nil),
            ("application/json", "*/*", nil),
            ("application/json", "application/*, text/*;q=0.5", nil),
            (nil, "*/*", 415), ("text/plain", "*/*", 415), ("application/jsonp", "*/*", 415),
            ("application/json", nil, 406), ("application/json", "application/json", 406),
            ("application/json", "text/event-stream", 406), ("application/json", "text/html", 406),
            ("application/json", "application/json, text/event-stream;q=0", 406),
            ("application/json", "*/*, text/event-stream; q=0.0", 406),
        ] as [(String?, String?, Int?)])
    func `content type and accept are checked`(type: String?, accept: String?, status: Int?) {
        do throws(HTTPRefusal) {
            try StreamableHTTP.checkPost(contentType: type, accept: accept)
            #expect(status == nil)
        } catch {
            #expect(error.status == status)
        }
    }

    @Test func `the session's version wins and a bad header is refused`() throws {
        #expect(try StreamableHTTP.version(header: nil, session: nil) == .v2025_03_26)
        #expect(try StreamableHTTP.version(header: nil, session: .v2025_11_25) == .v2025_11_25)
        #expect(try StreamableHTTP.version(header: "2025-06-18", session: nil) == .v2025_06_18)
        let error = #expect(throws: HTTPRefusal.self) {
            try StreamableHTTP.version(header: "2025-06-19", session: .v2025_06_18)
        }
        #expect(error?.status == 400)
    }

    @Test func `a modern request is known by head or by body`() throws {
        let plain = try json(#"{"method":"x","params":{}}"#)
        let modern = try json(
            #"{"method":"x","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"z"}}}"#)
        #expect(Era.detect(versionHeader: nil, message: plain) == .legacy)
        #expect(Era.detect(versionHeader: "2025-11-25", message: plain) == .legacy)
        #expect(Era.detect(versionHeader: "2026-07-28", message: plain) == .modern)
        #expect(Era.detect(versionHeader: "2031-01-01", message: plain) == .modern)
        #expect(Era.detect(versionHeader: "9", message: plain) == .legacy)
        #expect(Era.detect(versionHeader: nil, message: modern) == .modern)
    }
}
