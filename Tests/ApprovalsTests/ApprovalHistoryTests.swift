import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockApprovals

/// Derives the samples behind the approvers' metrics from the log's records.
@Suite struct ApprovalHistoryTests {
    private let office = Office()
    private func id(_ number: UInt8) -> ApprovalID {
        ApprovalID(milliseconds: 1, random: [UInt8](repeating: number, count: 10))
    }
    private func at(_ seconds: Int64) -> Timestamp { Office.start + .seconds(seconds) }

    @Test func `a decision is timed from when what is shown now was opened first`() {
        let (one, two) = (office.people[0].pseudonym, office.people[1].pseudonym)
        var history = ApprovalHistory()
        history.asked(id(1), isProbe: false, floor: .seconds(5))
        history.viewed(id(1), by: one, at: at(10))
        history.viewed(id(1), by: one, at: at(12))
        history.decided(id(1), .approve, by: one, at: at(14))
        history.decided(id(1), .deny, by: two, at: at(20))
        history.asked(id(2), isProbe: true, floor: .seconds(9))
        history.viewed(id(2), by: one, at: at(30))
        history.asked(id(2), isProbe: nil, floor: nil)
        history.decided(id(2), .deny, by: one, at: at(40))
        #expect(Set(history.people) == [one, two])
        #expect(
            history.marks(of: one) == [
                DecisionSample(
                    at: at(14), verdict: .approve, dwell: .seconds(4), floor: .seconds(5)),
                DecisionSample(
                    at: at(40), verdict: .deny, dwell: nil, floor: .seconds(9), isProbe: true),
            ])
        #expect(history.marks(of: two).map(\.dwell) == [nil])
        #expect(history.disagreements(of: one, since: at(0)) == 1)
        #expect(history.disagreements(of: two, since: at(0)) == 1)
        #expect(history.disagreements(of: one, since: at(15)) == 0)
        #expect(history.marks(of: office.people[2].pseudonym).isEmpty)
    }

    @Test func `the same verdict, and a clock that went back, are no disagreement and no time`() {
        let (one, two) = (office.people[0].pseudonym, office.people[1].pseudonym)
        var history = ApprovalHistory()
        history.asked(id(1), isProbe: false, floor: nil)
        history.viewed(id(1), by: one, at: at(10))
        history.decided(id(1), .approve, by: one, at: at(9))
        history.decided(id(1), .approve, by: two, at: at(11))
        history.decided(id(3), .approve, by: two, at: at(12))
        #expect(history.marks(of: one).map(\.dwell) == [.zero])
        #expect(history.disagreements(of: two, since: at(0)) == 0)
    }
}

extension ApprovalHistoryTests {
    @Test func `leaves of the log say who decided what, and which was a probe`() {
        let person = office.people[0].pseudonym
        var history = ApprovalHistory()
        func take(_ type: String, _ id: ApprovalID, _ second: Int64, _ more: JSONObject = [:]) {
            var leaf: JSONObject = [
                "t": .string(type), "appr": .string(id.text),
                "ts": .integer(at(second).microseconds), "by": .string(person.text),
            ]
            for (name, value) in more.members { leaf[name] = value }
            history.replay(.object(leaf))
        }
        take("approval.requested", id(1), 0, ["intent": "hash", "floor": 5_000_000])
        take("approval.viewed", id(1), 10)
        take("approval.granted", id(1), 14)
        take("approval.requested", id(2), 20, ["floor": 2_000_000])
        take("approval.probe", id(2), 30, ["verdict": "approve"])
        take("approval.probe", id(2), 31, ["verdict": "perhaps"])
        take("call.intent", id(1), 40)
        #expect(history.lastEnrolment(of: person) == nil)
        take("approver.enrolled", id(1), 50)
        #expect(history.lastEnrolment(of: person) == at(50))
        #expect(
            history.marks(of: person) == [
                DecisionSample(
                    at: at(14), verdict: .approve, dwell: .seconds(4), floor: .seconds(5)),
                DecisionSample(
                    at: at(30), verdict: .approve, dwell: nil, floor: .seconds(2), isProbe: true),
            ])
        #expect(history.dwell(id(1), of: person, at: at(60)) == .seconds(50))
        #expect(history.dwell(id(2), of: person, at: at(60)) == nil)
        history.forget(before: at(14))
        #expect(history.marks(of: person).count == 2)
        history.forget(before: at(15))
        #expect(history.marks(of: person).map(\.isProbe) == [true])
        #expect(history.dwell(id(1), of: person, at: at(60)) == nil)
    }
}
