import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockLedger

@Suite struct PayloadNameTests {
    private let run = RunID(
        milliseconds: 1_795_169_731_500, random: [UInt8](repeating: 7, count: 10))
    private let call = CallID(
        milliseconds: 1_795_169_731_600, random: [UInt8](repeating: 8, count: 10))

    private func name(_ field: String, inRun: Bool = true, _ fields: JSONObject) -> String? {
        PayloadName(field, run: inRun ? run : nil, fields: fields).map { $0.scope + " " + $0.field }
    }

    @Test func `a run's first day is in its id`() {
        #expect(run.milliseconds == 1_795_169_731_500)
        #expect(PayloadOwner.run(run).day.text == "2026-11-20")
        #expect(RunID("00000000000000000000000000").map(\.milliseconds) == 0)
        #expect(RunID("7zzzzzzzzzzzzzzzzzzzzzzzzz").map(\.milliseconds) == (1 << 48) - 1)
    }

    @Test func `a call's payloads are named after the call`() {
        let fields: JSONObject = ["call": .string(call.text)]
        #expect(name("args", fields) == "\(call.text) args")
        #expect(name("in", fields) == "\(call.text) in")
        let round: JSONObject = ["call": .string(call.text), "round": 2]
        #expect(name("answers", round) == "\(call.text) answers.2")
        #expect(name("again", round) == "\(call.text) again.2")
        #expect(name("again", fields) == "\(call.text) again")
        #expect(!PayloadName.needsSeal("res", run: run, fields: fields))
    }

    @Test
    func `votes are told apart by number, rejections have none, reissues have their revision`() {
        let call = JSONValue.string(call.text)
        let names = [
            name("bind", ["call": call, "rev": 1]), name("bind", ["call": call, "rev": 2]),
            name("proof", ["call": call, "i": 1]), name("proof", ["call": call, "i": 2]),
            name("proof", ["call": call]), name("proof", ["call": call, "i": 1, "rev": 2]),
            name("proof", ["call": call, "rev": 2]),
        ]
        #expect(names[0] == "\(self.call.text) bind")
        #expect(names[2] == "\(self.call.text) proof.1")
        #expect(Set(names).count == names.count)
    }

    @Test func `outside a call a name goes on with an epoch or a fresh seal`() {
        let seal = SealID(milliseconds: 1_795_169_731_500, random: [UInt8](repeating: 1, count: 10))
        #expect(name("why", ["kep": 41]) == "\(run.text) why.41")
        #expect(name("text", ["src": "user"]) == nil)
        #expect(PayloadName.needsSeal("text", run: run, fields: ["src": "user"]))
        #expect(name("text", ["seal": .string(seal.text)]) == "\(run.text) text.\(seal.text)")
        #expect(PayloadName.needsSeal("why", run: nil, fields: ["kep": 41]))
        #expect(
            name("why", inRun: false, ["kep": 41, "seal": .string(seal.text)])
                == "day:2026-11-20 why.41")
        #expect(
            name("load", inRun: false, ["seal": .string(seal.text)])
                == "day:2026-11-20 load.\(seal.text)")
    }

    @Test func `an owner has one spelling`() {
        #expect(PayloadOwner("day:2026-11-20").map(\.text) == "day:2026-11-20")
        #expect(PayloadOwner(run.text) == .run(run))
        #expect(PayloadOwner("day:2026-11-31") == nil)
        #expect(PayloadOwner("") == nil)
    }
}
