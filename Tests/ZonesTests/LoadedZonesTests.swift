import InterlockModel
import InterlockZones
import Testing

/// The zones in memory.
struct LoadedZonesTests {
    @Test func `all zones that can be listed are there once they are loaded, and none before`()
        throws
    {
        let zones = LoadedZones(SystemZones())
        #expect(zones.names.isEmpty && zones.zone(named: "Europe/Oslo") == nil)
        zones.load()
        #expect(zones.names.count > 400 && zones.names == zones.names.sorted())
        let summer = try #require(Timestamp(rfc3339: "2026-07-01T12:00:00Z"))
        #expect(zones.zone(named: "Europe/Oslo")?.offset(at: summer.seconds) == 7200)
        #expect(zones.names.allSatisfy { zones.zone(named: $0) != nil })
        for name in ["Nowhere/City", "../zoneinfo/UTC", ""] {
            #expect(zones.zone(named: name) == nil)
        }
    }
}
