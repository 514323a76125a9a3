import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAlerts

/// Incidents as values and as rows of the store.
@Suite struct IncidentTests {
    private let id = IncidentID("01kag0q9m2c4e6g8j0k2n4p6r8").unwrapped
    private let time = Timestamp(microseconds: 1_700_000_000_000_000)
    private let by = Pseudonym(text: "AAAAAAAAAAAAAAAAAAAAAA==")

    private func incident(_ origin: IncidentOrigin) throws -> Incident {
        try #require(
            Incident(
                id: id, severity: 2, agent: AgentName("clerk"), origin: origin, opened: time))
    }

    @Test func `a row is read as it was written`() throws {
        for origin in [
            IncidentOrigin.person(by, reason: "it paid"), .gateway(.canary),
            .gateway(.brokeredValue), .earlier,
        ] {
            var incident = try incident(origin)
            #expect(Incident(incident.json) == incident)
            let isAdded = incident.add(
                IncidentAction(at: time, by: by, text: "revoked", evalCase: "incident-1"))
            let isClosed = incident.close(
                IncidentEnd(at: time, cause: .policy, by: by, reason: "a wide rule"))
            #expect(isAdded && isClosed)
            #expect(Incident(incident.json) == incident)
        }
    }

    @Test func `a row of an earlier version is read`() throws {
        let row: JSONValue = [
            "id": .string(id.text), "severity": 1, "alarm": .string(id.text),
            "opened": "2026-11-01T00:00:00.000000Z", "closed": "2026-11-02T00:00:00.000000Z",
        ]
        let incident = try #require(Incident(row))
        #expect(incident.origin == .earlier && !incident.isOpen && incident.end?.cause == nil)
    }

    @Test(arguments: ["alarm", "agent", "run", "trigger", "cause", "closed"])
    func `a row with a member of another form is not read`(_ member: String) throws {
        var incident = try incident(.earlier)
        let isClosed = incident.close(
            IncidentEnd(at: time, cause: .other, by: by, reason: "over"))
        #expect(isClosed)
        var row = try #require(incident.json.object)
        row[member] = "NOT one!"
        #expect(Incident(.object(row)) == nil)
    }

    @Test func `a closed incident takes nothing more, and a full one no action`()
        throws
    {
        let action = IncidentAction(at: time, by: by, text: "looked")
        let end = IncidentEnd(at: time, cause: .other, by: by, reason: "over")
        var full = try incident(.earlier)
        for _ in 0..<Incident.mostActions {
            let isAdded = full.add(action)
            #expect(isAdded)
        }
        let isAdded = full.add(action)
        #expect(!isAdded && full.actions.count == Incident.mostActions)
        let isClosed = full.close(end)
        let isClosedAgain = full.close(end)
        let isAddedLate = full.add(action)
        #expect(isClosed && !isClosedAgain && !isAddedLate)
    }
}
