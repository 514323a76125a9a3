import InterlockCluster
import InterlockModel
import InterlockTesting
import Testing

/// The margins of leases, each at the moment at which it decides.
struct EscrowMarginTests {
    private let start = EscrowCase.start

    /// Returns true if a second node gets the only unit of a window in which the first one used it.
    ///
    /// - Parameters:
    ///   - use: the time of the use, after the unit was leased for 30 s.
    ///   - ask: the time at which the second node asks.
    ///   - isReported: whether the store has the use.
    private func isExceeded(
        _ margins: EscrowMargins, seconds: Int64, use: Duration, ask: Duration, isReported: Bool
    ) throws -> Bool {
        var store = EscrowStore(EscrowCase.first, margins: margins)
        try store.join(EscrowCase.node(1), .first)
        try store.join(EscrowCase.node(2), .first)
        // The clock of the first is slow, and those of the second and of the store are fast, as far as they may be.
        var slow = DirectEscrow(1, offset: .seconds(-1), margins: margins)
        var fast = DirectEscrow(2, offset: .seconds(1), margins: margins)
        let demand = EscrowCase.demand(of: 1, seconds: seconds, .exact)
        let held = slow.hold(1, demand, at: start, &store)
        try #require(held == [.admit(EscrowCase.call(1))])
        let sent = slow.send(1, at: start + use, &store)
        try #require(sent == [.send(EscrowCase.call(1))])
        if isReported { _ = slow.handle(.tick, at: start + use, &store) }
        try #require(ask - use < .seconds(seconds))
        let second = fast.hold(
            1, demand, at: start + ask, &store, storeOffset: .seconds(1))
        return second == [.admit(EscrowCase.call(1))]
    }

    private let last = Duration.seconds(30) - .microseconds(1)

    @Test func `a unit of the last moment of a lease counts for a window`() throws {
        let standard = EscrowMargins()
        #expect(
            try !isExceeded(
                standard, seconds: 1, use: last, ask: .milliseconds(30_050), isReported: false))
        #expect(
            try !isExceeded(
                standard, seconds: 60, use: last, ask: .seconds(89), isReported: false))
    }

    @Test func `without the time before its end it would not`() throws {
        var margins = EscrowMargins()
        margins.early = .zero
        #expect(
            try isExceeded(
                margins, seconds: 1, use: last, ask: .milliseconds(30_050), isReported: false))
    }

    @Test func `without the margin of clocks it would not`() throws {
        var margins = EscrowMargins()
        margins.clock = .zero
        #expect(
            try isExceeded(
                margins, seconds: 1, use: last, ask: .milliseconds(30_050), isReported: false))
    }

    @Test func `an ended lease counts in full until a window after its end`() throws {
        let standard = EscrowMargins()
        #expect(
            try !isExceeded(
                standard, seconds: 60, use: .seconds(25), ask: .seconds(50), isReported: false))
        var margins = EscrowMargins()
        margins.tail = 0
        #expect(
            try isExceeded(
                margins, seconds: 60, use: .seconds(25), ask: .seconds(50), isReported: false))
    }

    @Test func `a reported unit counts in the slot of the later clock`() throws {
        let standard = EscrowMargins()
        #expect(
            try !isExceeded(
                standard, seconds: 1, use: .zero, ask: .milliseconds(100), isReported: true))
        var margins = EscrowMargins()
        margins.clock = .zero
        #expect(
            try isExceeded(
                margins, seconds: 1, use: .zero, ask: .milliseconds(100), isReported: true))
    }

    @Test func `a reported unit counts for a whole window`() throws {
        let standard = EscrowMargins()
        #expect(
            try !isExceeded(
                standard, seconds: 3_600, use: .seconds(1), ask: .seconds(3_500),
                isReported: true))
        var margins = EscrowMargins()
        margins.useTail = 20
        #expect(
            try isExceeded(
                margins, seconds: 3_600, use: .seconds(1), ask: .seconds(3_500),
                isReported: true))
    }
}
