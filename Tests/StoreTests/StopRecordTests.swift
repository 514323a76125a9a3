import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockStore

/// The record of a stop that comes after the end of the run that it stops.
@Suite(.requirement("R108")) struct StopRecordTests {
    @Test func `a stop of a run that has ended is on record outside of the run`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        let intent = try await log.append(try Draft.intent(1))
        _ = try await log.append(try Draft.outcome(of: intent, 1))
        let run = try Draft.run(1)
        _ = try await log.append(RecordDraft(.runEnd, run: run, fields: ["code": "done"]))
        let size = log.status.size
        let seal = SealID(milliseconds: 1, random: [UInt8](repeating: 3, count: 10))
        log.note(
            RecordDraft(
                .killRequested, run: run,
                fields: [
                    "scope": "run", "target": .string(run.run.text), "kep": 1,
                    "by": "qAtvNSliVAlAcLHGLhmnpA==", "src": "detector", "code": "detector",
                    PayloadName.sealField: .string(seal.text),
                ],
                payloads: [Draft.payload("why", 40)]))
        for _ in 0..<2000 where log.status.size == size {
            try await Task.sleep(for: .milliseconds(5))
        }
        log.close()
        let types = try test.types()
        #expect(types.contains("kill.requested") && !types.contains("alarm.raised"), "\(types)")
        #expect(try test.verify().faults == [])
    }
}
