import InterlockJSON
import Testing

@testable import InterlockTrust

/// The runs that incidents take from what an agent earned.
@Suite struct RunIncidentTests {
    @Test func `an incident about a run counts only with the agent of the run`() throws {
        var log = try TrustFixture.Log()
        for run in ["r1", "r2", "r3"] { try log.clean(run) }
        try log.add("incident.opened", ["sev": 1, "ofrun": "r1"])
        try log.add("incident.opened", ["sev": 1, "ofrun": "r1", "agent": "other"])
        try log.add("incident.opened", ["sev": 1, "ofrun": "r9", "agent": "refunds"])
        #expect(log.classes == [.clean, .clean, .clean])
        try log.add("incident.opened", ["sev": 1, "ofrun": "r2", "agent": "refunds"])
        #expect(log.classes == [.clean, .bad, .clean])
        // The gateway stated the run of the alarm.
        try log.add("alarm.raised", ["alarm": "a1", "ofrun": "r3"])
        try log.add("incident.opened", ["sev": 1, "alarm": "a1", "ofrun": "r3"])
        #expect(log.classes == [.clean, .bad, .bad])
    }
}
