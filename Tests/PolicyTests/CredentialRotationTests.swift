import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

@Suite(.requirement("R015")) struct `Rotation of credentials` {
    private static let last = CivilDate("2026-11-30")

    @Test(
        arguments: [
            ("2026-11-16T23:59:59Z", nil), ("2026-11-17T00:00:00Z", .fortnight),
            ("2026-11-29T23:59:59Z", .fortnight), ("2026-11-30T00:00:00Z", .lastDay),
            ("2026-11-30T23:59:59Z", .lastDay), ("2026-12-01T00:00:00Z", .overdue(days: 0)),
            ("2026-12-01T23:59:59Z", .overdue(days: 0)),
            ("2026-12-02T00:00:00Z", .overdue(days: 1)),
        ] as [(String, EndNotice?)])
    func `alerts are due 14 days and one day before the end of the last day, and each day after`(
        now: String, expected: EndNotice?
    ) throws {
        let rotation = CredentialRotation(on: try #require(Self.last))
        #expect(rotation.notice(at: time(now)) == expected)
        #expect(!rotation.isRefused(at: time(now)), "a date alone refuses nothing")
    }

    @Test func `a credential is refused from the end of its last day on`() throws {
        let rotation = CredentialRotation(on: try #require(Self.last), after: .refuse)
        #expect(!rotation.isRefused(at: time("2026-11-30T23:59:59Z")))
        #expect(rotation.isRefused(at: time("2026-12-01T00:00:00Z")))
    }

    private func policy(_ rotation: String) throws -> PolicySnapshot {
        try snapshot(
            """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested monthly
            servers:
              desk:
                tools: {look: {class: read}}
                credentials:
                  helper: {header: Authorization, secret: one, rotate_by: \(rotation)}
            agents:
              helper: {owner: li@acme.example, mcp_scopes: {desk: [look]}}
            """)
    }

    @Test func `the long form with a date alone has the digest of the date`() throws {
        let short = try policy("\"2026-11-30\"")
        let long = try policy("{on: \"2026-11-30\"}")
        let refusing = try policy("{on: \"2026-11-30\", after: refuse}")
        #expect(short.digest == long.digest)
        #expect(short.digest != refusing.digest)
        let text = short.document.canonical().map {
            String(decoding: $0.serialized(), as: UTF8.self)
        }
        #expect(text?.contains(#""rotate_by":"2026-11-30""#) == true)
        let desk = try #require(refusing.servers.values.first)
        #expect(desk.credentials.values.first?.rotation?.after == .refuse)
    }
}
