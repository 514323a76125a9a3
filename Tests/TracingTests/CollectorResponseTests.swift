import Testing

@testable import InterlockTracing

/// Responses of collectors, and the results that they are.
struct CollectorResponseTests {
    private func response(
        _ status: Int, _ body: String = "", after: Int? = nil
    ) -> CollectorResponse {
        CollectorResponse(status: status, body: Array(body.utf8), retryAfterSeconds: after)
    }

    @Test(arguments: [
        ("", 0), ("{}", 0), (#"{"partialSuccess":{}}"#, 0),
        (#"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"no"}}"#, 3),
        (#"{"partialSuccess":{"rejectedSpans":2}}"#, 2),
        (#"{"partialSuccess":{"rejectedSpans":"-4"}}"#, 0),
        (#"{"partialSuccess":{"rejectedSpans":1.5}}"#, 0),
        (#"{"partialSuccess":[]}"#, 0), ("\u{1}\u{2}", 0), ("[[[[", 0),
    ])
    func `a success tells how many spans it rejects`(_ body: String, _ rejected: Int) {
        #expect(response(200, body) == .accepted(rejected: rejected))
    }

    @Test(arguments: [429, 502, 503, 504])
    func `overload is worth a retry`(_ status: Int) {
        #expect(response(status) == .later(after: nil, reason: "HTTP \(status)"))
        #expect(response(status, after: 7) == .later(after: .seconds(7), reason: "HTTP \(status)"))
    }

    @Test(arguments: [(-5, 0), (100_000, 300)])
    func `a pause has bounds`(_ asked: Int, _ kept: Int) {
        #expect(
            response(503, after: asked) == .later(after: .seconds(kept), reason: "HTTP 503"))
    }

    @Test(arguments: [301, 307, 400, 401, 404, 408, 413, 500, 501])
    func `everything else is refused`(_ status: Int) {
        #expect(response(status) == .refused(reason: "HTTP \(status)"))
    }
}
