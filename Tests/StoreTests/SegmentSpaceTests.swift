import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockStore

@Suite struct SegmentSpaceTests {
    private let closer = RecordRole.closer(TestLog.hashing.sha256([]))

    @Test func `an intent is let in only if its end has room`() throws {
        var room = SegmentSpace(current: 1 << 20, reserve: 3 * SegmentSpace.closingBytes)
        for open in 0..<3 {
            room.openIntents = open
            #expect(try room.admit(.intent, credit: 4096) == .segments)
        }
        room.openIntents = 3
        #expect(throws: SegmentSpace.Refused.self) { try room.admit(.intent, credit: 4096) }
    }

    @Test func `facts use the reserve, but never the room of open calls`() throws {
        var room = SegmentSpace(reserve: 4 * SegmentSpace.closingBytes, openIntents: 3)
        #expect(try room.admit(.fact, credit: SegmentSpace.closingBytes) == .reserve)
        #expect(throws: SegmentSpace.Refused.full) { try room.admit(.fact, credit: 4096) }
        for open in [2, 1, 0] {
            room.openIntents = open
            #expect(try room.admit(closer, credit: SegmentSpace.closingBytes) == .reserve)
        }
        #expect(room.reserveOwed == 4 * SegmentSpace.closingBytes)
    }

    @Test func `refusals leave a part of the reserve to facts that cannot be counted`() throws {
        var room = SegmentSpace(
            reserve: SegmentSpace.factBytes + 2 * SegmentSpace.closingBytes, openIntents: 1)
        #expect(
            try room.admit(.fact, credit: SegmentSpace.closingBytes, canWait: true) == .reserve)
        #expect(throws: SegmentSpace.Refused.full) {
            try room.admit(.fact, credit: 4096, canWait: true)
        }
        // A halt still has room, and so has the end of the open call after it.
        #expect(try room.admit(.fact, credit: SegmentSpace.factBytes) == .reserve)
        #expect(throws: SegmentSpace.Refused.full) { try room.admit(.fact, credit: 4096) }
        #expect(try room.admit(closer, credit: SegmentSpace.closingBytes) == .reserve)
    }

    @Test func `past the hard mark permits are refused although there is room`() throws {
        var room = SegmentSpace(current: 1 << 20, reserve: 1 << 20, isHard: true)
        #expect(throws: SegmentSpace.Refused.full) { try room.admit(.intent, credit: 4096) }
        #expect(throws: SegmentSpace.Refused.full) { try room.admit(.permit, credit: 4096) }
        #expect(try room.admit(.fact, credit: 4096) == .segments)
        #expect(try room.admit(closer, credit: 4096) == .segments)
    }

    @Test func `a closer with more payload than its reserved room must pack it`() throws {
        var room = SegmentSpace(reserve: 1 << 20, openIntents: 1)
        #expect(throws: SegmentSpace.Refused.tooLargeForReserve) {
            try room.admit(closer, credit: SegmentSpace.closingBytes + 4096)
        }
    }
}
