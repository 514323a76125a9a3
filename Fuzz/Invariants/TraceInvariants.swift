import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTracing

extension Invariants {
    /// Whatever a collector answers is a result, and a span of any record has the form that collectors read.
    package static func traces(_ bytes: [UInt8]) {
        let response = CollectorResponse(status: 200, body: bytes, retryAfterSeconds: nil)
        guard case .accepted(let rejected) = response, rejected >= 0 else {
            preconditionFailure("a success rejects fewer spans than none")
        }
        guard let record = try? StoredRecord(parsing: bytes),
            let hash = Digest(bytes: [UInt8](repeating: 1, count: 32))
        else { return }
        var assembler = CallSpanAssembler(capacity: 1)
        let steps = [assembler.take(record, hash: hash), assembler.take(record, hash: hash)]
        precondition(assembler.openCount <= 1, "more calls are open than there is room for")
        for case .span(let span) in steps {
            precondition(span.start <= span.end, "a span ends before it begins")
            precondition(span.start.microseconds >= 0, "a span begins before 1970")
            let body = TraceRequest([span], origin: "o", program: "1").body
            precondition(
                (try? JSONValue(parsing: body, limits: .stored)) != nil, "a body is no JSON")
        }
    }
}
