import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockLedger

@Suite struct OpenCallsTests {
    private func intent(_ number: Int, agent: String = "refunds") throws -> OpenIntent {
        let id: CallID = Identifier(
            milliseconds: Int64(number), random: [UInt8](repeating: 7, count: 10))
        return OpenIntent(
            hash: hashing.sha256(Array("\(number)".utf8)),
            run: RunContext(
                run: RunID(milliseconds: Int64(number), random: [UInt8](repeating: 7, count: 10)),
                agent: try #require(AgentName(agent)), subject: nil),
            call: id.text, tool: "crm__pay", needsApproval: false, approvalUsed: false)
    }

    private func becomesUnknown(_ intent: OpenIntent, _ calls: inout OpenCalls, at time: Int) {
        let time = Timestamp(microseconds: Int64(time))
        calls.apply(.opens(intent), at: time)
        calls.apply(.closes(intent.hash, asUnknown: true), at: time)
    }

    @Test func `the oldest unchecked calls are forgotten, and stay unknown`() throws {
        var calls = OpenCalls()
        for number in 0...OpenCalls.mostUnchecked {
            becomesUnknown(try intent(number), &calls, at: number)
        }
        #expect(calls.unknown.count == OpenCalls.mostUnchecked + 1)
        #expect(calls.unchecked.count == OpenCalls.mostUnchecked * 9 / 10 + 1)
        let oldest = try intent(0).hash
        let newest = try intent(OpenCalls.mostUnchecked).hash
        #expect(calls.unchecked[oldest] == nil && calls.unchecked[newest] != nil)
    }

    @Test func `the calls of a drill are not remembered`() throws {
        var calls = OpenCalls()
        becomesUnknown(try intent(1, agent: "interlock-drill-http"), &calls, at: 1)
        #expect(calls.unchecked.isEmpty && calls.unknown.count == 1)
    }
}
