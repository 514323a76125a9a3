import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockTracing

/// Spans in the JSON mapping of OTLP.
struct TraceRequestTests {
    private func spans(of spans: [CallSpan]) throws -> [JSONValue] {
        let body = TraceRequest(spans, origin: "audit.example/gw1/1", program: "1.0.0").body
        let request = try JSONValue(parsing: body, limits: JSONLimits(bytes: 1 << 20))
        let resource = try #require(request["resourceSpans"]?.array?.first)
        #expect(
            attribute("service.instance.id", of: resource["resource"]) == "audit.example/gw1/1")
        return try #require(resource["scopeSpans"]?.array?.first?["spans"]?.array)
    }

    private func attribute(_ name: String, of object: JSONValue?) -> String? {
        object?["attributes"]?.array?.first { $0["key"]?.string == name }?["value"]?["stringValue"]?
            .string
    }

    @Test func `identifiers are hexadecimal and times are strings of nanoseconds`() throws {
        let span = try #require(try spans(of: [SpanFixture.span()]).first)
        #expect(span["traceId"]?.string?.utf8.count == 32)
        #expect(span["spanId"] == "0000000000000001")
        #expect(span["endTimeUnixNano"] == "1800000000000000000")
        #expect(span["startTimeUnixNano"] == "1799999999997500000")
        #expect(span["kind"] == 1 && span["status"] == nil && span["name"] == "execute_tool")
        #expect(attribute("gen_ai.tool.name", of: span) == "crm__read_ticket")
        #expect(attribute("gen_ai.agent.id", of: span) == "refunds")
        #expect(attribute("mcp.method.name", of: span) == "tools/call")
        #expect(attribute("interlock.server", of: span) == "crm")
        #expect(attribute("interlock.run", of: span) == SpanFixture.run)
        #expect(
            attribute("interlock.decision_id", of: span) == SpanFixture.call().decisionID)
        #expect(attribute("interlock.outcome", of: span) == "ok")
        #expect(attribute("error.type", of: span) == nil)
    }

    @Test func `nothing of arguments and results is in it`() throws {
        let body = TraceRequest([try SpanFixture.span()], origin: "o", program: "1").body
        #expect(!String(decoding: body, as: UTF8.self).contains("c2VjcmV0"))
    }

    @Test(arguments: [
        ("tool_error", "0", "tool_error"), ("withheld", "5021", "5021"),
        ("cancelled", "4999", "4999"),
    ])
    func `a call that failed has an error`(_ status: String, _ code: String, _ type: String) throws
    {
        var assembler = CallSpanAssembler()
        _ = assembler.take(try SpanFixture.intent(), hash: try SpanFixture.digest(1))
        let step = assembler.take(
            try SpanFixture.outcome(1, status, code), hash: try SpanFixture.digest(2))
        guard case .span(let made) = step else { throw SpanFixture.Missing() }
        let span = try #require(try spans(of: [made]).first)
        #expect(span["status"]?["code"] == 2)
        #expect(attribute("error.type", of: span) == type)
    }

    @Test func `a tool of a coding agent itself has no method of MCP`() throws {
        var assembler = CallSpanAssembler()
        _ = assembler.take(
            try SpanFixture.intent(1, tool: "host__shell"), hash: try SpanFixture.digest(1))
        let step = assembler.take(try SpanFixture.outcome(), hash: try SpanFixture.digest(2))
        guard case .span(let made) = step else { throw SpanFixture.Missing() }
        let span = try #require(try spans(of: [made]).first)
        #expect(attribute("mcp.method.name", of: span) == nil)
        #expect(attribute("gen_ai.operation.name", of: span) == "execute_tool")
    }
}
