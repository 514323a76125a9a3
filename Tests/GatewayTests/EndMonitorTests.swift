import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Alerts about what ends: credentials of servers, reviews of agents, keys of people and the certificate.
@Suite(.requirement("R015")) struct EndMonitorTests {
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
            .filter { $0.string?.hasPrefix("credential.") == true }
    }

    @Test func `one alert 14 days before, one on the last day, then one each day`() throws {
        let bench = try bench("\"2026-12-10\"")
        let monitor = EndMonitor(bench.gateway, people: AuthorizedKeysHolder(nil))
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
        let monitor = EndMonitor(bench.gateway, people: AuthorizedKeysHolder(nil))
        monitor.sweep()
        #expect(codes(bench) == ["credential.rotation_overdue"])
        try await bench.swap([])
        bench.clock.advance(.seconds(86_400))
        monitor.sweep()
        #expect(codes(bench).count == 1)
    }

    private func all(_ bench: Bench) -> [String] {
        bench.ledger.drafts(of: .alarmRaised).compactMap { record in
            guard let code = record.fields["code"]?.string else { return nil }
            return
                "\(code) \(record.fields["subject"]?.string ?? "") \(record.fields["agent"]?.string ?? "-")"
        }
    }

    /// The days on which this many days of a clock raise alerts.
    private func alerts(of monitor: EndMonitor, _ bench: Bench, days: Int) -> [Int: [String]] {
        var found: [Int: [String]] = [:]
        for day in 0..<days {
            let before = all(bench).count
            for _ in 0..<3 {
                monitor.sweep()
                bench.clock.advance(.seconds(8 * 3_600))
            }
            let new = Array(all(bench).dropFirst(before))
            if !new.isEmpty { found[day] = new }
        }
        return found
    }

    @Test
    func `a review that is due is an alert to the agent's owner, and an overdue one each day`()
        throws
    {
        let bench = try Bench(policy: [("review_by: \"2027-02-01\"", "review_by: \"2026-12-05\"")])
        let monitor = EndMonitor(bench.gateway, people: AuthorizedKeysHolder(nil))
        let found = alerts(of: monitor, bench, days: 18)
            .mapValues { $0.filter { $0.hasSuffix(" clerk clerk") } }
        let days = found.keys.sorted()
        #expect(days.count == 5, "\(found)")
        #expect(found[days[0]] == ["review.due clerk clerk"])
        #expect(found[days[1]] == ["review.due clerk clerk"])
        #expect(days.dropFirst(2).allSatisfy { found[$0] == ["review.overdue clerk clerk"] })
    }

    @Test func `a key that ends by itself is raised before and once after; a revoked one is not`()
        throws
    {
        let bench = try Bench()
        let now = bench.clock.now.wall
        let trust = try People.all.trust(added: now)
        let people = try trust.people.enumerated().map { number, person in
            let key = try #require(person.keys.first)
            let changed = EnrolledKey(
                key: key.key, added: key.added, founding: true,
                expires: number < 2 ? now + .seconds(3 * 86_400) : nil,
                revoked: number == 1 ? now : nil)
            return TrustedPerson(
                person: person.person, pseudonym: person.pseudonym, roles: person.roles,
                keys: [changed])
        }
        let changed = try AuthorizedKeys(org: trust.org, people: people, nodes: trust.nodes)
        let holder = AuthorizedKeysHolder(PeopleDirectory(trust: changed))
        let found = alerts(of: EndMonitor(bench.gateway, people: holder), bench, days: 8)
        let name = people[0].pseudonym.text
        #expect(
            found == [
                0: ["key.expiring \(name) -"], 2: ["key.expiring \(name) -"],
                3: ["key.expired \(name) -"],
            ])
    }

    @Test func `the end of a key that a later one of its holder replaces is not raised`() throws {
        let bench = try Bench()
        let now = bench.clock.now.wall
        let trust = try People.all.trust(added: now)
        let (holder, other) = (trust.people[0], trust.people[1])
        func changed(_ key: EnrolledKey?, ends days: Int) throws -> EnrolledKey {
            let key = try #require(key)
            return EnrolledKey(
                key: key.key, added: key.added, founding: true,
                expires: now + .seconds(days * 86_400))
        }
        let person = TrustedPerson(
            person: holder.person, pseudonym: holder.pseudonym, roles: holder.roles,
            keys: [
                try changed(holder.keys.first, ends: 3), try changed(other.keys.first, ends: 20),
            ])
        let directory = PeopleDirectory(
            trust: try AuthorizedKeys(org: trust.org, people: [person], nodes: trust.nodes))
        let monitor = EndMonitor(bench.gateway, people: AuthorizedKeysHolder(directory))
        let name = holder.pseudonym.text
        #expect(alerts(of: monitor, bench, days: 8) == [6: ["key.expiring \(name) -"]])
    }

    @Test func `the end of the served certificate is raised, and a renewed one ends the alerts`()
        throws
    {
        let bench = try Bench()
        let end = Mutex<Timestamp?>(bench.clock.now.wall + .seconds(20 * 86_400))
        let monitor = EndMonitor(bench.gateway, people: AuthorizedKeysHolder(nil))
        monitor.observe { end.withLock { $0 } }
        let found = alerts(of: monitor, bench, days: 8)
        #expect(found == [6: ["certificate.expiring tls -"]])
        end.withLock { $0 = bench.clock.now.wall + .seconds(90 * 86_400) }
        #expect(alerts(of: monitor, bench, days: 30).isEmpty)
    }
}
