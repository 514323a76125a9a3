import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGovernor

/// Alerts about credentials of servers whose last day is near or past.
@Suite(.requirement("R015")) struct `Alerts about rotation` {
    /// The clock of a bench begins on 2026-11-20.
    private func bench(_ rotation: String) throws -> Bench {
        try Bench(policy: [
            (
                "environment: staging\n",
                "environment: staging\n    credentials: {clerk: {header: A, secret: one, rotate_by: \(rotation)}}\n"
            )
        ])
    }

    private func codes(_ bench: Bench) -> [JSONValue] {
        bench.ledger.drafts(of: .alarmRaised).compactMap { $0.fields["code"] }
    }

    @Test func `one alert 14 days before, one on the last day, then one each day`() throws {
        let bench = try bench("\"2026-12-10\"")
        let monitor = CredentialRotationMonitor(bench.gateway)
        var seen: [(day: Int, codes: [JSONValue])] = []
        for day in 0..<23 {
            let before = codes(bench).count
            for _ in 0..<24 {
                monitor.sweep()
                bench.clock.advance(.seconds(3_600))
            }
            let new = Array(codes(bench).dropFirst(before))
            if !new.isEmpty { seen.append((day, new)) }
        }
        let due: [JSONValue] = ["credential.rotation_due"]
        let overdue: [JSONValue] = ["credential.rotation_overdue"]
        #expect(seen.count == 5)
        #expect(seen.prefix(2).allSatisfy { $0.codes == due })
        #expect(seen.dropFirst(2).allSatisfy { $0.codes == overdue })
        #expect(seen.prefix(3).map { $0.day - seen[0].day } == [0, 13, 14])
        #expect(seen.suffix(3).map { $0.day - seen[2].day } == [0, 1, 2])
        let alert = try #require(bench.ledger.drafts(of: .alarmRaised).first)
        #expect(alert.fields["subject"] == "desk/clerk")
        #expect(alert.fields["agent"] == "clerk")
    }

    @Test func `a later date in a new policy ends the alerts`() async throws {
        let bench = try bench("\"2026-11-01\"")
        let monitor = CredentialRotationMonitor(bench.gateway)
        monitor.sweep()
        #expect(codes(bench) == ["credential.rotation_overdue"])
        try await bench.swap([])
        bench.clock.advance(.seconds(86_400))
        monitor.sweep()
        #expect(codes(bench).count == 1)
    }
}
