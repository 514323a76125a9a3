import InterlockGovernor
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockLeasedLimits

/// The promises of the port of limits, which one node and one of many keep alike.
@Suite(.requirement("R110"), .timeLimit(.minutes(5))) struct LimitUnitsContractTests {
    enum Kind: CaseIterable { case oneNode, manyNodes }

    /// One of the implementations, with a clock that only the test moves.
    private struct Subject {
        let clock = SteppedClock(LimitedCase.start, runs: false)
        let units: any LimitUnits

        init(_ kind: Kind) throws {
            switch kind {
            case .oneNode: units = LimitService(clock: clock)
            case .manyNodes: units = try MemoryUnitStore(clock).join(1)
            }
        }

        func call(
            of most: Int64, _ amount: Int64 = 1, question: LimitQuestion? = nil
        ) -> LimitedCall {
            LimitedCase.call(of: most, amount, question: question, at: clock.boot)
        }

        func exceeded(_ call: LimitedCall) async throws -> Bool {
            if case .exceeded = try await units.hold(call) { true } else { false }
        }

        /// Waits until returned units are free for other calls.
        func settle() async {
            guard let leased = units as? LeasedLimits else { return }
            #expect(await leased.settle())
        }
    }

    @Test(arguments: Kind.allCases, [1, 8, 25] as [Int64])
    func `the number is held and no more, and what is returned can be held again`(
        _ kind: Kind, _ most: Int64
    ) async throws {
        let subject = try Subject(kind)
        var held: [LimitReservation] = []
        for _ in 0..<most {
            held.append(try #require(await subject.units.held(subject.call(of: most))))
        }
        #expect(try await subject.exceeded(subject.call(of: most)))
        let first = try #require(held.first)
        subject.units.giveBack(first)
        await subject.settle()
        _ = try #require(await subject.units.held(subject.call(of: most)))
        // It has ended: nothing is returned again.
        subject.units.giveBack(first)
        subject.units.use(first, since: subject.clock.boot)
        #expect(try await subject.exceeded(subject.call(of: most)))
    }

    @Test(arguments: Kind.allCases, [1, 8] as [Int64])
    func `used units count for a window and then no more`(
        _ kind: Kind, _ most: Int64
    ) async throws {
        let subject = try Subject(kind)
        for _ in 0..<most {
            let held = try #require(await subject.units.held(subject.call(of: most)))
            try subject.units.send(held)
            subject.units.use(held, since: subject.clock.boot)
        }
        #expect(try await subject.exceeded(subject.call(of: most)))
        await subject.settle()
        subject.clock.step(.seconds(50))
        #expect(try await subject.exceeded(subject.call(of: most)))
        subject.clock.step(.seconds(20))
        await subject.settle()
        for _ in 0..<most { _ = try #require(await subject.units.held(subject.call(of: most))) }
    }

    @Test(arguments: Kind.allCases)
    func `a call gets the units of all its limits or of none`(_ kind: Kind) async throws {
        let subject = try Subject(kind)
        let demands = [
            LimitedCase.demand(of: 8), LimitedCase.demand(of: 4, 5, limit: "spend:args.n"),
        ]
        #expect(
            try await subject.exceeded(LimitedCase.call(demands, at: subject.clock.boot)))
        for _ in 0..<8 { _ = try #require(await subject.units.held(subject.call(of: 8))) }
        #expect(try await subject.exceeded(subject.call(of: 8)))
    }

    @Test(arguments: Kind.allCases)
    func `a parked reservation is that of the same question with the same demands`(
        _ kind: Kind
    ) async throws {
        let subject = try Subject(kind)
        let units = subject.units
        let question = LimitedCase.question(1)
        let held = try #require(await units.held(subject.call(of: 3, question: question)))
        units.park(held, for: LimitedCase.request(1), question)
        let again = try #require(await units.held(subject.call(of: 3, question: question)))
        #expect(again === held)
        let other = subject.call(of: 3, 2, question: LimitedCase.question(2))
        #expect(await units.held(other) != nil)
        #expect(try await subject.exceeded(subject.call(of: 3)))
        // A repeated call with other demands takes units of its own, and the first ones are returned.
        units.park(held, for: LimitedCase.request(1), question)
        #expect(await units.held(subject.call(of: 5, 2, question: question)) != nil)
        await subject.settle()
        #expect(await units.held(subject.call(of: 5)) != nil)
        #expect(try await subject.exceeded(subject.call(of: 5)))
    }

    @Test(arguments: Kind.allCases, [1, 8, 25] as [Int64])
    func `of concurrent callers as many get their units as there are`(
        _ kind: Kind, _ most: Int64
    ) async throws {
        let subject = try Subject(kind)
        let units = subject.units
        let calls = (0..<60).map { _ in subject.call(of: most) }
        let held = await withTaskGroup(of: Bool.self) { group in
            for call in calls { group.addTask { await units.held(call) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(held == Int(most))
    }

    @Test(arguments: Kind.allCases)
    func `units at hand are held without waiting`(_ kind: Kind) async throws {
        let subject = try Subject(kind)
        let first = try #require(await subject.units.held(subject.call(of: 25)))
        let second = try #require(subject.units.holdAtHand(subject.call(of: 25))?.reservation)
        try subject.units.send(first)
        try subject.units.send(second)
        let none = LimitedCase.call([], at: subject.clock.boot)
        let empty = try #require(subject.units.holdAtHand(none)?.reservation)
        try subject.units.send(empty)
        subject.units.giveBack(empty)
    }
}
