import InterlockEvals
import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockEvalTrials

struct TrialCallsTests {
    private static func call(_ number: UInt8) -> CallID {
        CallID(
            milliseconds: 1_795_000_000_000, random: [UInt8](repeating: 0, count: 9) + [number])
    }

    private static func draft(
        _ type: RecordType, _ number: UInt8, _ more: JSONObject = [:]
    ) -> RecordDraft {
        var fields: JSONObject = ["call": .string(call(number).text)]
        for member in more.members { fields[member.key] = member.value }
        return RecordDraft(type, run: nil, fields: fields)
    }

    private static func intent(_ number: UInt8, _ more: JSONObject = [:]) -> RecordDraft {
        var fields: JSONObject = ["tool": "billing__refund", "dec": "allow"]
        for member in more.members { fields[member.key] = member.value }
        return draft(.callIntent, number, fields)
    }

    private static func read(
        _ drafts: [RecordDraft], received: Set<CallID> = []
    ) -> [TrialTrace.Call] {
        TrialCalls.read(drafts, arguments: { _ in ["n": 1] }, received: received)
    }

    private static let asked = intent(1, ["dec": "approve", "need": 2])
    private static let requested = draft(.approvalRequested, 1)
    private static let denied = draft(.callDenied, 1, ["intent": "x", "dec": "deny"])

    @Test func `calls are in the order of their first records, with what the policy said`() {
        let calls = Self.read(
            [
                Self.intent(2), Self.draft(.callDenied, 1, ["tool": "crm__send"]),
                Self.draft(.callOutcome, 2), Self.draft(.callDenied, 3),
            ], received: [Self.call(2)])
        #expect(calls.map { $0.tool?.description } == ["billing.refund", "crm.send", nil])
        #expect(calls.map(\.verdict) == [.allow, .deny, .deny])
        #expect(calls.map(\.reachedUpstream) == [true, false, false])
        let arguments: JSONObject = ["n": 1]
        #expect(calls.allSatisfy { $0.approval == nil && $0.arguments == arguments })
    }

    private static let approvals: [([RecordDraft], TrialTrace.Approval)] = [
        ([], .pending),
        ([draft(.approvalGranted, 1, ["i": 1, "need": 2])], .pending),
        (
            [
                draft(.approvalGranted, 1, ["i": 1, "need": 2]),
                draft(.approvalGranted, 1, ["i": 2, "need": 2]),
            ], .answered(.approve)
        ),
        ([draft(.approvalDenied, 1), denied], .answered(.reject)),
        ([draft(.approvalExpired, 1), denied], .answered(.expire)),
    ]

    @Test(arguments: approvals)
    func `an approval is what its records say`(
        _ more: [RecordDraft], _ expected: TrialTrace.Approval
    ) {
        let calls = Self.read([Self.asked, Self.requested] + more)
        #expect(calls.map(\.approval) == [expected])
        #expect(calls.map(\.verdict) == [.approve(2)])
    }

    @Test func `a call that no one could be asked about is a denied one`() {
        let calls = Self.read([Self.asked, Self.denied])
        #expect(calls.map(\.verdict) == [.deny] && calls.map(\.approval) == [nil])
    }

    @Test func `a call that people approved and the policy then denied is a denied one`() {
        let granted = Self.draft(.approvalGranted, 1, ["i": 2, "need": 2])
        let calls = Self.read([Self.asked, Self.requested, granted, Self.denied])
        #expect(calls.map(\.verdict) == [.deny])
        #expect(calls.map(\.approval) == [.answered(.approve)])
    }

    @Test func `a repeated call that uses an approval has it`() {
        let used = Self.draft(.approvalUsed, 1, ["use": .string(Self.call(2).text)])
        let calls = Self.read([
            Self.asked, Self.requested, Self.intent(2, ["dec": "approve", "need": 1]), used,
        ])
        #expect(calls.map(\.approval) == [.pending, .answered(.approve)])
    }

    @Test func `records without a call are no calls`() {
        #expect(Self.read([RecordDraft(.accessRefused, run: nil)]).isEmpty)
    }
}
