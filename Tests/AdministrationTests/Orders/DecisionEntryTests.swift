import InterlockAdministration
import InterlockApprovals
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Testing

@testable import InterlockGatewayBench

/// Elevations, people and tokens in the control log.
@Suite struct DecisionEntryTests {
    private func lines(_ drafts: [ControlDraft]) -> [String] {
        drafts.map { "\($0.kind.rawValue) \($0.subject)" }
    }

    @Test func `a granted elevation and its end leave one entry each; a request leaves none`()
        async throws
    {
        let office = try ElevationOffice()
        let order = try office.order()
        try await office.request(order)
        try await office.approve(order, by: "ines")
        #expect(office.store.entries.isEmpty)
        try await office.approve(order, by: "paul")
        #expect(lines(office.store.entries) == ["elevation \(order.id.text)"])
        try await office.service.end(order.id, try office.sign(.elevationEnd, order, by: "li"))
        #expect(
            lines(office.store.entries) == [
                "elevation \(order.id.text)", "elevation.end \(order.id.text)",
            ])
        let body = try JSONValue(parsing: office.store.entries[0].body, limits: .stored)
        #expect(body["approvals"]?.array?.count == 2, "an entry carries the signatures")
    }

    @Test func `an elevation that is denied leaves no entry`() async throws {
        let office = try ElevationOffice()
        let order = try office.order()
        try await office.request(order)
        try await office.service.end(order.id, try office.sign(.elevationEnd, order, by: "li"))
        #expect(office.store.entries.isEmpty)
    }

    @Test func `an enrolment, a role and a revocation leave an entry of the person`()
        async throws
    {
        let registry = try Registry()
        let token = try await registry.invite("rui")
        let pending = try await registry.enrol("rui", token)
        #expect(registry.store.entries.isEmpty, "what waits permits nothing")
        try await registry.confirm(pending, by: "dana")
        let rui = People.all["rui"].pseudonym.text
        #expect(lines(registry.store.entries) == ["person \(rui)"])
        let text = String(decoding: registry.store.entries[0].body, as: UTF8.self)
        #expect(text.contains(People.all["rui"].key.publicKey.base64))
        #expect(!text.contains("@"), "no name is in the control log")
        _ = try await registry.service.revoke(
            try registry.sign(.revoke(People.all["kim"].person), by: "eve"))
        #expect(
            lines(registry.store.entries) == [
                "person \(rui)", "person \(People.all["kim"].pseudonym.text)",
            ])
        #expect(
            String(decoding: registry.store.entries[1].body, as: UTF8.self).contains("revoked"))
    }

    @Test func `the end of a token leaves one entry, its issue none`() async throws {
        let registry = try Registry()
        let siem = try #require(ServiceAccountName("siem"))
        let service = try await registry.service.issueToken(
            try registry.sign(
                .issueToken(siem, role: .kill, until: registry.now + .seconds(3600)), by: "eve"))
        #expect(registry.store.entries.isEmpty)
        _ = try await registry.service.endToken(try registry.sign(.endToken(siem), by: "dana"))
        #expect(lines(registry.store.entries) == ["token.end \(service.service.id.text)"])
    }

    @Test func `a start appends who was decided and is not in the log, once`() async throws {
        let registry = try Registry()
        let log = MemoryControlLog()
        for _ in 0..<2 { try await registry.service.recordDecided(in: log) }
        #expect(Set(log.lines).count == registry.service.book.trust.people.count)
        #expect(log.lines.count == registry.service.book.trust.people.count)
        _ = try await registry.service.revoke(
            try registry.sign(.revoke(People.all["kim"].person), by: "eve"))
        try await registry.service.recordDecided(in: log)
        #expect(log.lines.last == "person \(People.all["kim"].pseudonym.text)")
        #expect(log.lines.count == registry.service.book.trust.people.count + 1)
    }
}
