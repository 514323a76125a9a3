import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockStore

@Suite struct RoomTests {
    private let closer = RecordRole.closer(TestLog.hashing.sha256([]))

    @Test func `an intent is let in only if its end has room`() throws {
        var room = Room(current: 1 << 20, reserve: 3 * Room.closingBytes)
        for open in 0..<3 {
            room.openIntents = open
            #expect(try room.admit(.intent, credit: 4096) == .segments)
        }
        room.openIntents = 3
        #expect(throws: Room.Refused.self) { try room.admit(.intent, credit: 4096) }
    }

    @Test func `facts use the reserve, but never the room of open calls`() throws {
        var room = Room(reserve: 4 * Room.closingBytes, openIntents: 3)
        #expect(try room.admit(.fact, credit: Room.closingBytes) == .reserve)
        #expect(throws: Room.Refused.full) { try room.admit(.fact, credit: 4096) }
        for open in [2, 1, 0] {
            room.openIntents = open
            #expect(try room.admit(closer, credit: Room.closingBytes) == .reserve)
        }
        #expect(room.reserveOwed == 4 * Room.closingBytes)
    }

    @Test func `past the hard mark permits are refused although there is room`() throws {
        var room = Room(current: 1 << 20, reserve: 1 << 20, isHard: true)
        #expect(throws: Room.Refused.full) { try room.admit(.intent, credit: 4096) }
        #expect(throws: Room.Refused.full) { try room.admit(.permit, credit: 4096) }
        #expect(try room.admit(.fact, credit: 4096) == .segments)
        #expect(try room.admit(closer, credit: 4096) == .segments)
    }

    @Test func `a closer with more payload than its reserved room must pack it`() throws {
        var room = Room(reserve: 1 << 20, openIntents: 1)
        #expect(throws: Room.Refused.tooLargeForReserve) {
            try room.admit(closer, credit: Room.closingBytes + 4096)
        }
    }
}
