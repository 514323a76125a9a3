import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockTracing

/// Which records make a span, and which make none.
struct CallSpanAssemblerTests {
    private func steps(
        _ records: [StoredRecord], capacity: Int = CallSpanAssembler.most
    ) throws -> [CallSpanAssembler.Step] {
        var assembler = CallSpanAssembler(capacity: capacity)
        var steps: [CallSpanAssembler.Step] = []
        for (number, record) in records.enumerated() {
            steps.append(
                assembler.take(record, hash: try SpanFixture.digest(UInt8(number + 1))))
        }
        return steps
    }

    private func span(_ step: CallSpanAssembler.Step?) throws -> CallSpan {
        guard case .span(let span)? = step else { throw SpanFixture.Missing() }
        return span
    }

    private func denied(_ fields: JSONObject) throws -> StoredRecord {
        var all: JSONObject = ["dec": "deny", "code": "policy.no_grant", "cnt": 1]
        for (name, value) in fields.members { all[name] = value }
        return try SpanFixture.record("call.denied", all)
    }

    @Test func `a call is one span, from its start to its answer`() throws {
        let steps = try steps([SpanFixture.intent(), SpanFixture.outcome()])
        #expect(steps.first == .nothing)
        let span = try span(steps.last)
        #expect(span.outcome == .ended(status: "ok", code: "0"))
        #expect(span.facts.agent == "refunds" && span.facts.verdict == .allow)
        #expect(span.facts.tool?.wireName == "crm__read_ticket")
        #expect(span.facts.rule == "agents.refunds.allow[0]" && span.facts.toolClass == "read")
        #expect(try span.facts.intent == SpanFixture.digest(1))
        #expect(try span.leaf == SpanFixture.digest(2))
        #expect(span.end.microseconds == SpanFixture.time)
        #expect(span.start.microseconds == SpanFixture.time - 2_500)
        #expect(span.identity.trace == RunID(SpanFixture.run)?.packed)
        #expect(span.identity.span == [0, 0, 0, 0, 0, 0, 0, 1])
    }

    @Test func `people's no ends the span of the intent`() throws {
        let steps = try steps([
            SpanFixture.intent(dec: "approve"),
            denied([
                "run": .string(SpanFixture.run), "call": .string(SpanFixture.call().text),
                "intent": .string(SpanFixture.digest(1).base64), "code": "approval.denied",
            ]),
        ])
        let span = try span(steps.last)
        #expect(span.facts.verdict == .approve)
        #expect(span.outcome == .denied(code: "approval.denied"))
        #expect(span.start.microseconds == SpanFixture.time - 10_000)
    }

    @Test func `a refusal without an intent is a span of its own, also without a run`() throws {
        let step = try steps([denied(["call": .string(SpanFixture.call(7).text)])]).last
        let span = try span(step)
        #expect(span.facts.verdict == .deny && span.facts.intent == nil && span.facts.tool == nil)
        #expect(span.identity.trace == SpanFixture.call(7).packed)
    }

    @Test func `an unknown outcome is a span, and its later end makes no second one`() throws {
        let call: JSONObject = [
            "run": .string(SpanFixture.run), "call": .string(SpanFixture.call().text),
            "intent": .string(try SpanFixture.digest(1).base64), "why": "timeout",
            "last": "intent",
        ]
        let steps = try steps([
            SpanFixture.intent(), SpanFixture.record("call.unknown", call),
            SpanFixture.outcome(1, "ok", "0", ["late": true]),
        ])
        #expect(try span(steps[1]).outcome == .unknown(cause: "timeout"))
        #expect(steps[2] == .nothing)
    }

    @Test func `summaries and other records make none`() throws {
        #expect(
            try steps([
                denied(["agent": "refunds", "cnt": 40]), SpanFixture.record("log.tick", [:]),
                SpanFixture.record(
                    "approval.requested", ["call": .string(SpanFixture.call().text)]),
            ]) == [.nothing, .nothing, .nothing])
    }

    @Test func `an end whose beginning is missing is counted as lost`() throws {
        #expect(try steps([SpanFixture.outcome()]) == [.lost])
    }

    @Test func `a call that could only have an identifier of zeros is lost`() throws {
        let zero = CallID(
            milliseconds: SpanFixture.time / 1_000, random: [UInt8](repeating: 0, count: 10))
        #expect(try steps([denied(["call": .string(zero.text)])]) == [.lost])
        #expect(SpanIdentity(run: RunID(String(repeating: "0", count: 26)), call: zero) == nil)
    }

    @Test func `more open calls than there is room for are lost, and a closed one makes room`()
        throws
    {
        let steps = try steps(
            [
                SpanFixture.intent(1), SpanFixture.intent(2), SpanFixture.outcome(1),
                SpanFixture.intent(3), SpanFixture.outcome(3),
            ], capacity: 1)
        #expect(steps[1] == .lost && steps[3] == .nothing)
        #expect(try span(steps[4]).identity.call == SpanFixture.call(3))
    }

    @Test func `a clock that was set back makes no span that ends before it begins`() throws {
        let future = CallID(
            milliseconds: SpanFixture.time / 1_000 + 60_000,
            random: [UInt8](repeating: 1, count: 10))
        let span = try span(try steps([denied(["call": .string(future.text)])]).last)
        #expect(span.start == span.end)
    }
}
