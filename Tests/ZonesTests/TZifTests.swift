import InterlockModel
import Testing

/// Compiled zones made by the tests, so that each malformation can be tested alone.
@Suite struct TZifTests {
    @Test func `a zone of each version is read`() {
        for version: UInt8 in [0, 0x32, 0x33] {
            let rules = Zone(version: version).rules
            #expect(rules?.offset(at: -1) == 600)
            #expect(rules?.offset(at: 0) == 3600)
            #expect(rules?.offset(at: 999) == 3600)
            #expect(rules?.offset(at: 1000) == 7200)
            #expect(rules?.offset(at: .max) == 7200)
            #expect(rules?.offset(at: .min) == 600)
        }
    }

    @Test func `a file cut short at any byte is refused`() {
        for version: UInt8 in [0, 0x32] {
            let bytes = Zone(version: version).bytes
            for count in bytes.indices { #expect(ZoneRules(tzif: Array(bytes[..<count])) == nil) }
            #expect(ZoneRules(tzif: bytes + [0]) == nil)
        }
    }

    @Test func `what the format forbids is refused`() {
        #expect(Zone(version: 0x34).rules == nil, "a version of its own")
        #expect(Zone(version: 1).rules == nil)
        #expect(Zone(times: [0, 0]).rules == nil, "times ascend")
        #expect(Zone(times: [1000, 0]).rules == nil)
        #expect(Zone(places: [1, 3]).rules == nil, "a kind that is not there")
        #expect(Zone(offsets: [600, 3600, 93_600]).rules == nil, "clocks too far from UTC")
        #expect(Zone(offsets: [600, 3600, -90_000]).rules == nil)
        #expect(Zone(times: [], places: [], offsets: [], footer: "").rules == nil, "no kind at all")
        #expect(Zone(isSummer: 2).rules == nil)
        #expect(Zone(nameAt: 4).rules == nil, "a name outside the names")
        #expect(Zone(names: "LMT").rules == nil, "a name without an end")
        #expect(Zone(leaps: 1).rules == nil, "leap seconds")
        #expect(Zone(standard: [1]).rules == nil, "one indicator for each kind, or none")
        #expect(Zone(standard: [0, 0, 2]).rules == nil)
        #expect(Zone(standard: [0, 0, 0], universal: [0, 0, 1]).rules == nil)
        #expect(Zone(standard: [0, 0, 1], universal: [0, 0, 1]).rules != nil)
        #expect(ZoneRules(tzif: Zone().bytes + [UInt8](repeating: 0, count: TZif.limit)) == nil)
    }

    @Test func `a count far beyond the file is refused`() {
        for field in 0..<6 {
            var bytes = Zone(version: 0).bytes
            bytes.replaceSubrange((20 + 4 * field)..<(24 + 4 * field), with: [255, 255, 255, 255])
            #expect(ZoneRules(tzif: bytes) == nil)
        }
    }

    @Test func `a footer that does not go on where the table ends is refused`() {
        #expect(Zone(footer: "<+02>-2").rules != nil)
        #expect(Zone(footer: "<+03>-3").rules == nil)
    }

    @Test func `a table without changes leaves all to the footer`() {
        let zone = Zone(times: [], places: [], footer: "CET-1CEST,M3.5.0,M10.5.0/3")
        #expect(zone.rules?.offset(at: 1_774_746_000 - 1) == 3600)
        #expect(zone.rules?.offset(at: 1_774_746_000) == 7200)
    }

    @Test func `a summer that never ends is read in both spellings`() {
        for footer in ["XXX3EDT4,0/0,J365/23", "EST5EDT,0/0,J365/25"] {
            let zone = Zone(
                version: 0x33, times: [], places: [], offsets: [0], footer: footer)
            let expected = footer.hasPrefix("X") ? -4 * 3600 : -4 * 3600
            for day in stride(from: Int64(0), through: 800, by: 1) {
                #expect(zone.rules?.offset(at: day * 86_400 + 20_000) == expected)
            }
        }
    }

    @Test(
        arguments: [
            "", "C-1", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,M10.5.0/3,",
            "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
            "CET-1CEST,J0,J365", "CET-1CEST,0,366", "CET-25", "CET-1:60", "CET-1:00:00:00",
            "<CET-1", "CET-1 ", "CET-0001", "CET-1CEST,M3.5.0/-1,M10.5.0", "CE1-1",
            "CET-1CEST,M3.5.0/25,M10.5.0",
        ])
    func `what is no rule of POSIX is refused`(footer: String) {
        let zone = Zone(times: [], places: [], footer: footer)
        #expect((zone.rules == nil) == !footer.isEmpty)
    }

    @Test(
        arguments: [
            ("UTC", 0), ("+11:00", 39_600), ("-02:30", -9000), ("02:00", 7200), ("-00:00", 0),
            ("-23:59", -86_340),
        ])
    func `an offset is a zone`(text: String, seconds: Int) {
        #expect(ZoneRules(offsetText: text) == ZoneRules(fixedSeconds: seconds))
    }

    @Test(arguments: [
        "", "Z", "utc", "+1:00", "+24:00", "11:60", "+1100", "++1:00", "11:0a", "1１:00",
    ])
    func `what is no offset is not read as one`(text: String) {
        #expect(ZoneRules(offsetText: text) == nil)
    }
}

/// A file with two changes: offsets east of UTC are 600 s, 3600 s from time 0 and 7200 s from time 1000.
private struct Zone {
    var version: UInt8 = 0x32
    var times: [Int64] = [0, 1000]
    var places: [UInt8] = [1, 2]
    var offsets: [Int] = [600, 3600, 7200]
    var isSummer: UInt8 = 0
    var nameAt: UInt8 = 0
    var names = "LMT\0"
    var leaps = 0
    var standard: [UInt8] = []
    var universal: [UInt8] = []
    var footer = "<+02>-2"

    var rules: ZoneRules? { ZoneRules(tzif: bytes) }

    var bytes: [UInt8] {
        version == 0
            ? block(timeSize: 4)
            : block(timeSize: 4) + block(timeSize: 8) + Array("\n\(footer)\n".utf8)
    }

    private func block(timeSize: Int) -> [UInt8] {
        let counts = [
            universal.count, standard.count, leaps, times.count, offsets.count, names.utf8.count,
        ]
        var bytes = Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
        for count in counts { bytes += bigEndian(Int64(count), 4) }
        for time in times { bytes += bigEndian(time, timeSize) }
        bytes += places
        for offset in offsets { bytes += bigEndian(Int64(offset), 4) + [isSummer, nameAt] }
        bytes += Array(names.utf8)
        bytes += [UInt8](repeating: 0, count: leaps * (timeSize + 4))
        return bytes + standard + universal
    }

    private func bigEndian(_ value: Int64, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> Int64(8 * $0)) }
    }
}
