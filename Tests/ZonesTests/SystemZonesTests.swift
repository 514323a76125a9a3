import InterlockModel
import InterlockTesting
import InterlockZones
import Testing

@Suite struct SystemZonesTests {
    private let zones = SystemZones()

    @Test(
        arguments: [
            ("Asia/Kathmandu", "2009-02-13T23:31:30Z", 20_700),
            ("Australia/Sydney", "2009-02-13T23:31:30Z", 39_600),
            ("US/Central", "2009-02-13T23:31:30Z", -21_600),
            ("America/St_Johns", "2009-02-13T02:00:00Z", -12_600),
            // A minute before the clocks change, and the change itself.
            ("Europe/Berlin", "2026-03-29T00:59:59Z", 3600),
            ("Europe/Berlin", "2026-03-29T01:00:00Z", 7200),
            ("Europe/Berlin", "2026-10-25T00:59:59Z", 7200),
            ("Europe/Berlin", "2026-10-25T01:00:00Z", 3600),
            // Times beyond every table use the final rule. Ireland's standard time is its summer time.
            ("Europe/Dublin", "2191-01-15T12:00:00Z", 0),
            ("Europe/Dublin", "2191-07-15T12:00:00Z", 3600),
            ("Australia/Sydney", "9999-12-31T23:59:59Z", 39_600),
            // The clocks change on the evening before.
            ("America/Nuuk", "2030-03-31T00:59:59Z", -7200),
            ("America/Nuuk", "2030-03-31T01:00:00Z", -3600),
            // Local mean time, and a country that once skipped a day.
            ("Europe/Berlin", "1800-01-01T00:00:00Z", 3208),
            ("Pacific/Apia", "2011-12-30T09:59:59Z", -36_000),
            ("Pacific/Apia", "2011-12-30T10:00:00Z", 50_400),
        ])
    func `clocks stand as people there remember`(zone: String, time: String, offset: Int) throws {
        let moment = try #require(Timestamp(rfc3339: time))
        let rules = try #require(zones.zone(named: zone))
        #expect(rules.offset(at: moment.microseconds / 1_000_000) == offset)
    }

    @Test(
        arguments: [
            "", "Nowhere/City", "Europe", "localtime", "../zoneinfo/UTC", "./UTC", "/UTC", "UTC/",
            "Europe//Berlin", "a/b/c/d", "tzdata.zi", "Europe/Berlin\0", "Europe/Bérlin",
            "+VERSION", "right/UTC",
        ])
    func `what is no zone has no rules`(name: String) {
        #expect(zones.zone(named: name) == nil)
    }

    @Test func `every zone of the database can be read`() throws {
        var count = 0
        let folder = "/usr/share/zoneinfo"
        for path in files(in: folder, depth: 0) {
            let bytes = try #require(TestFiles.read(path), "\(path)")
            guard bytes.starts(with: "TZif".utf8) else { continue }
            count += 1
            #expect(ZoneRules(tzif: bytes) != nil, "\(path)")
        }
        try #require(count > 300, "the tz database is not there")
    }

    @Test func `the database says its version`() {
        #expect(zones.version.wholeMatch(of: /20\d\d[a-z]+/) != nil, "\(zones.version)")
        #expect(SystemZones(folder: "/nonexistent").version == "unknown")
    }

    @Test func `without a database there are no zones`() {
        #expect(SystemZones(folder: "/nonexistent").zone(named: "UTC") == nil)
    }

    /// All paths except those that count leap seconds.
    private func files(in folder: String, depth: Int) -> [String] {
        TestFiles.list(folder).filter { !$0.hasSuffix("/right") }.flatMap { path in
            let below = depth < 3 ? files(in: path, depth: depth + 1) : []
            return below.isEmpty ? [path] : below
        }
    }
}
