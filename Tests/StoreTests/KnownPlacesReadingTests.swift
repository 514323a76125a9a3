import Glibc
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockStore

@Suite struct KnownPlacesReadingTests {
    static let types: [RecordType] = [.approvalGranted, .approvalRequested]

    @Test func `known places lead to what a reading of the whole log finds`() async throws {
        let log = try await PlacedLog()
        let found = try log.reader.knownPlaces(of: Self.types)
        #expect(try found.records.map(\.object) == log.read())
        #expect(found.known.next == log.size)
        #expect(found.known.newest?.index == log.written.last)
    }

    @Test func `what lies between the places is not read`() async throws {
        let log = try await PlacedLog()
        try log.damageSecondBundle()
        #expect(throws: LedgerFailure.self) { try log.read() }
        #expect(try log.reader.knownPlaces(of: Self.types).records.count == 6)
    }

    @Test func `places that lead to other records are not believed`() async throws {
        let log = try await PlacedLog { places in
            RecordPlaces(
                types: places.types, upTo: places.upTo, earlier: places.earlier,
                places: [.init(type: .approvalGranted, index: 1)])
        }
        let found = try log.reader.knownPlaces(of: Self.types)
        #expect(try found.records.map(\.object) == log.read())
        #expect(found.known.newest == nil)
    }

    @Test func `places that continue what is no record of places are not believed`() async throws {
        let log = try await PlacedLog { places in
            RecordPlaces(
                types: places.types, upTo: places.upTo, earlier: 2, places: places.places)
        }
        #expect(try log.reader.knownPlaces(of: Self.types).known.newest == nil)
    }

    @Test func `places of other types are not used`() async throws {
        let log = try await PlacedLog()
        let found = try log.reader.knownPlaces(of: Self.types + [.approvalDenied])
        #expect(found.known.newest == nil && found.records.count == 6)
    }

    @Test func `places that are followed are those of a later start`() async throws {
        let log = try await PlacedLog()
        var followed = KnownPlaces(of: Self.types)
        try log.reader.follow(&followed)
        let (read, _) = try log.reader.knownPlaces(of: Self.types)
        #expect(followed.next == read.next && followed.draft.places.count == 6)
        #expect(read.draft.places == followed.draft.places)
    }

    @Test func `the newest records of a type are found from the end of the log`() async throws {
        let log = try await PlacedLog()
        var windows: [Int] = []
        let newest = try log.reader.newest(of: [.approvalRequested], since: 0) { found in
            windows.append(found.count)
            return found.last?.index
        }
        #expect(newest == log.size - 1 && windows == [2])
        #expect(try log.reader.newest(of: [.killRefused], since: 0) { _ in 1 } == nil)
        let beyond = try log.reader.newest(of: [.approvalRequested], since: log.size) { _ in 1 }
        #expect(beyond == nil)
    }

    @Test func `a start reads back to a time, and the newest records at the least`() async throws {
        let log = try TestLog()
        try log.create()
        let open = try log.open()
        let written = open.status.size
        for more in 1...60 { try await log.fill(open, to: written + UInt64(more)) }
        open.close()
        let (reader, size) = (log.reader, try log.reader.size())
        let time = try #require(try reader.entry(at: 40)?.record?.time)
        let start = try reader.start(ofNewest: 10, since: time)
        #expect(start <= 40 && start > 0)
        let before = try #require(try reader.entry(at: start - 1)?.record?.time)
        #expect(before < time)
        #expect(try reader.start(ofNewest: 10, since: nil) == size - 10)
        #expect(try reader.start(ofNewest: 10, since: time + .seconds(86_400)) == size - 10)
        #expect(try reader.start(ofNewest: size + 1, since: time) == 0)
    }
}

/// A log of more than 5,000 records: four of the sought types at its beginning, places, two more at its end.
private struct PlacedLog {
    let log: TestLog
    let written: [UInt64]
    let size: UInt64
    var reader: LedgerReader { log.reader }

    /// - Parameter change: what is written instead of the true places.
    init(_ change: (RecordPlaces) -> RecordPlaces = { $0 }) async throws {
        let log = try TestLog()
        try log.create()
        let open = try log.open()
        for run in 0..<2 {
            _ = try await open.append(Draft.asked(run))
            _ = try await open.append(Draft.granted(run))
        }
        try await log.fill(open, to: 5_000)
        var known = KnownPlaces(of: KnownPlacesReadingTests.types)
        try log.reader.follow(&known)
        var written: [UInt64] = []
        while !known.isWritten {
            let places = change(known.draft)
            let receipt = try await open.append(places.draft)
            known.written(places, at: receipt.index)
            written.append(receipt.index)
        }
        for run in 2..<4 { _ = try await open.append(Draft.asked(run)) }
        size = open.status.size
        open.close()
        self.log = log
        self.written = written
    }

    /// All records of the types, by reading every record.
    @discardableResult
    func read() throws -> [JSONObject] {
        var found: [JSONObject] = []
        try reader.scan(of: KnownPlacesReadingTests.types) { _, record in
            found.append(record.object)
            return true
        }
        return found
    }

    func damageSecondBundle() throws {
        let path = log.configuration.log + "/tile/entries/001"
        let status = unsafe truncate(path, 10)
        #expect(status == 0)
    }
}
