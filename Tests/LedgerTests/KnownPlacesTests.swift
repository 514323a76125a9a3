import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockLedger

@Suite struct KnownPlacesTests {
    static let types: [RecordType] = [.approverEnrolled, .approverRevoked]

    @Test func `places survive their record, also the last ones of a long log`() throws {
        let first: UInt64 = 40_000_000_000
        let places = (0..<UInt64(RecordPlaces.most)).map {
            RecordPlaces.Position(type: Self.types[Int($0 % 3 / 2)], index: first + $0)
        }
        let written = RecordPlaces(
            types: Self.types, upTo: first + 1_000, earlier: first - 1, places: places)
        let record = try Self.record(written.draft)
        #expect(RecordPlaces(record, at: first + 1_000) == written)
        #expect(RecordPlaces(record, at: first + 999) == nil)
        #expect(RecordPlaces(record, at: first - 1) == nil)
    }

    @Test(
        arguments: [
            ["upto": -1, "items": []], ["upto": "9", "items": []], ["upto": 9],
            ["upto": 9, "items": [:]], ["upto": 9, "items": [3]],
            ["upto": 9, "earlier": 10, "items": []], ["upto": 9, "earlier": -1, "items": []],
            ["upto": 9, "items": [["type": "no.type", "at": []]]],
            ["upto": 9, "items": [["type": "people.role"]]],
            ["upto": 9, "items": [["type": "people.role", "at": [9]]]],
            ["upto": 9, "items": [["type": "people.role", "at": [-1]]]],
        ] as [JSONObject])
    func `other records are no places`(fields: JSONObject) throws {
        var object: JSONObject = ["t": "log.places", "v": 1, "ts": 1, "node": "gw1"]
        for (name, value) in fields.members { object[name] = value }
        let bytes = try JSONValue.object(object).canonical()
        #expect(RecordPlaces(try StoredRecord(parsing: bytes), at: 10) == nil)
    }

    @Test func `places of another type of record are none`() throws {
        let record = try Self.record(RecordDraft(.clockStep, run: nil, fields: ["step": 1]))
        #expect(RecordPlaces(record, at: 10) == nil)
    }

    /// A log as a list of what is in it, written to by a known that begins anew or continues at random moments.
    @Test func `from the newest record all places are found`() throws {
        var random = SeededGenerator("places of records")
        for _ in 0..<30 { try Self.grow(&random) }
    }

    private static func grow(_ random: inout SeededGenerator) throws {
        var log: [RecordPlaces?] = []
        var all: [RecordPlaces.Position] = []
        var known = KnownPlaces(of: types)
        for _ in 0..<20 {
            for _ in 0..<Int.random(in: 0...400, using: &random) {
                let index = UInt64(log.count)
                if let type = [RecordType?.none, types[0], types[1]]
                    .randomElement(using: &random) ?? nil
                {
                    known.take(type, at: index)
                    all.append(RecordPlaces.Position(type: type, index: index))
                }
                log.append(nil)
            }
            known.pass(upTo: UInt64(log.count))
            while !known.isWritten {
                let places = known.draft
                #expect(places.places.count <= RecordPlaces.most)
                known.written(places, at: UInt64(log.count))
                log.append(places)
            }
            guard let newest = log.lastIndex(where: { $0 != nil }), let places = log[newest] else {
                continue
            }
            #expect(chain(places, in: log) == all)
            known.pass(upTo: UInt64(log.count))
            if Bool.random(using: &random) {
                known = KnownPlaces(continuing: places, at: UInt64(newest))
            }
        }
    }

    private static func chain(
        _ newest: RecordPlaces, in log: [RecordPlaces?]
    ) -> [RecordPlaces.Position] {
        let before = newest.earlier.flatMap { log[Int($0)] }
        return (before.map { chain($0, in: log) } ?? []) + newest.places
    }

    private static func record(_ draft: RecordDraft) throws -> StoredRecord {
        let leaf = try Leaf(
            draft,
            at: Placement(
                moment: ClockReading(
                    wall: Timestamp(microseconds: 5), boot: BootTime(microseconds: 5)),
                boot: "9c1f04ab", node: "gw1", link: .start), hashing: OpenSSLHashing())
        return try StoredRecord(parsing: leaf.bytes)
    }
}
