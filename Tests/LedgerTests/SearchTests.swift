import InterlockCredentials
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockLedger

@Suite struct SearchTests {
    @Test(
        arguments: [
            ("0", RecordName.index(0)), ("53", .index(53)),
            ("01kag0qf1a2b3c4d5e6f7g8h9j", .id("01kag0qf1a2b3c4d5e6f7g8h9j")),
            ("dec_01kag0qf1a2b3c4d5e6f7g8h9j", .call("01kag0qf1a2b3c4d5e6f7g8h9j")),
            ("apr_01kag0qf1a2b3c4d5e6f7g8h9j", .approval("01kag0qf1a2b3c4d5e6f7g8h9j")),
            ("", nil), ("-1", nil), ("+1", nil), ("01", nil), ("18446744073709551616", nil),
            ("dec_", nil), ("dec_1", nil), ("record", nil),
            ("01KAG0QF1A2B3C4D5E6F7G8H9J", nil), ("zz", nil),
        ] as [(String, RecordName?)])
    func `a name is one of four kinds, in one spelling`(text: String, name: RecordName?) {
        #expect(RecordName(text) == name)
    }

    @Test func `a leaf hash is named in base64 or in hex`() {
        let hash = OpenSSLHashing().sha256([1])
        #expect(RecordName(hash.base64) == .hash(hash))
        #expect(RecordName(hash.hex) == .hash(hash))
        #expect(RecordName(hash.hex.uppercased()) == nil)
    }

    @Test func `a day's digest survives its record`() throws {
        let counts = (0..<100).map {
            DayDigest.Count(
                type: "type.\($0)", decision: $0 % 3 == 0 ? "" : "allow", count: Int64($0 + 1))
        }
        let digest = DayDigest(
            day: try #require(CivilDate("2026-11-20")), size: 9, counts: counts,
            hashes: OpenSSLHashing().sha256([2]))
        #expect(digest.counts.count == DayDigest.maximumCounts + 1)
        #expect(digest.counts.map(\.count).reduce(0, +) == counts.map(\.count).reduce(0, +))
        let leaf = try Leaf(
            RecordDraft(.indexDigest, run: nil, fields: digest.fields),
            at: Placement(
                moment: ClockReading(
                    wall: Timestamp(microseconds: 5), boot: BootTime(microseconds: 5)),
                boot: "9c1f04ab", node: "gw1", link: .start), hashing: OpenSSLHashing())
        #expect(DayDigest(try StoredRecord(parsing: leaf.bytes)) == digest)
    }

    @Test func `an id is its 128 bits`() throws {
        let random = (0..<10).map { UInt8($0 * 25) }
        let id = RunID(milliseconds: 0x0102_0304_0506, random: random)
        #expect(id.packed == [1, 2, 3, 4, 5, 6] + random)
        #expect(id.milliseconds == 0x0102_0304_0506)
    }
}
