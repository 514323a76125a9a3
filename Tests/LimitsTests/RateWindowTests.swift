import InterlockLimits
import InterlockModel
import InterlockTesting
import Testing

@Suite struct `Windows of limits` {
    private static let start = Timestamp(microseconds: 1_795_169_731_500_000)

    @Test(arguments: [1, 60, 3_600, 86_400] as [Int64])
    func `so many and no more, and again once the window has passed`(_ seconds: Int64) {
        var window = RateWindow(seconds: seconds, at: Self.start)
        for _ in 0..<25 {
            let isHeld = window.hold(1, of: 25, at: Self.start)
            #expect(isHeld)
            window.use(1, at: Self.start)
        }
        let after = window.hold(1, of: 25, at: Self.start)
        #expect(!after)
        let whole = Self.start + .seconds(seconds)
        let late = window.hold(1, of: 25, at: whole - .microseconds(1))
        #expect(!late, "a window has not passed")
        #expect(window.used == 25)
        let slot = Duration.microseconds(seconds * 1_000_000 / 60 + 1)
        let again = window.hold(25, of: 25, at: whole + slot)
        #expect(again && window.used == 0 && window.held == 25)
    }

    /// Compares the window with a list of all uses: those less than a window apart never exceed the limit.
    @Test(arguments: 0..<20)
    func `no window of any start holds more than the number`(_ round: Int) {
        var random = SeededGenerator.announced()
        for _ in 0..<round { random = SeededGenerator(seed: random.next()) }
        let seconds = [1, 60, 3_600, 86_400].randomElement(using: &random) ?? 60
        let most = Int64.random(in: 1...50, using: &random)
        var window = RateWindow(seconds: Int64(seconds), at: Self.start)
        var (now, latest) = (Self.start, Self.start)
        var uses: [(at: Timestamp, amount: Int64)] = []
        var open: [Int64] = []
        for _ in 0..<3_000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let amount = Int64.random(in: 0...5, using: &random)
                if window.hold(amount, of: most, at: now) { open.append(amount) }
            case 6..<8:
                guard let amount = open.popLast() else { continue }
                window.use(amount, at: now)
                uses.append((now, amount))
            case 8:
                guard let amount = open.popLast() else { continue }
                window.giveBack(amount)
            default:
                // The clock may also go backwards, and jump far.
                let step =
                    Int64.random(in: -2...40, using: &random) * Int64(seconds) * 1_000_000 / 37
                now = now + .microseconds(step)
            }
            latest = max(latest, now)
            let counted = uses.filter { latest - $0.at < .seconds(seconds) }
            #expect(counted.reduce(0) { $0 + $1.amount } + window.held <= most)
        }
        #expect(!uses.isEmpty)
    }

    @Test func `a clock that is set back frees nothing`() {
        var window = RateWindow(seconds: 60, at: Self.start)
        let held = window.hold(10, of: 10, at: Self.start)
        window.use(10, at: Self.start)
        let back = window.hold(1, of: 10, at: Self.start - .seconds(3_600))
        let still = window.hold(1, of: 10, at: Self.start + .seconds(59))
        #expect(held && !back && !still)
    }

    @Test func `what is set aside stays until its end is known`() {
        var window = RateWindow(seconds: 60, at: Self.start)
        let held = window.hold(7, of: 10, at: Self.start)
        let later = Self.start + .seconds(7 * 86_400)
        let more = window.hold(4, of: 10, at: later)
        let rest = window.hold(3, of: 10, at: later)
        #expect(held && !more && rest)
        #expect(window.room(for: 1, of: 10) == nil, "time alone makes no room")
        window.giveBack(7)
        window.use(3, at: later)
        #expect(window.held == 0 && window.used == 3)
        window.giveBack(5)
        #expect(window.held == 0, "no more comes back than was set aside")
    }

    @Test func `numbers at their ends are refused, never wrapped`() {
        var window = RateWindow(seconds: 60, at: Self.start)
        let cases: [(amount: Int64, most: Int64, isAdmitted: Bool)] = [
            (0, 0, true), (1, 0, false), (-1, 10, false), (.min, .max, false),
            (1 << 53, 1_000_000_000_000, false), (.max, .max, true),
        ]
        for one in cases { #expect(window.admits(one.amount, of: one.most) == one.isAdmitted) }
        let held = window.hold(.max, of: .max, at: Self.start)
        #expect(held && !window.admits(1, of: .max))
        window.recall(.max, at: Self.start)
        #expect(window.taken == .max)
    }

    @Test func `room is told for when it is there, and not before`() throws {
        var window = RateWindow(seconds: 60, at: Self.start)
        for second in 0..<10 {
            let now = Self.start + .seconds(second)
            _ = window.hold(1, of: 10, at: now)
            window.use(1, at: now)
        }
        for amount in [1, 4, 10] as [Int64] {
            let free = try #require(window.room(for: amount, of: 10))
            var early = window
            let tooEarly = early.hold(amount, of: 10, at: free - .microseconds(1))
            var then = window
            let inTime = then.hold(amount, of: 10, at: free)
            #expect(!tooEarly && inTime)
        }
        #expect(window.room(for: 11, of: 10) == nil)
    }

    @Test func `what was used before is counted where it still is in the window`() {
        var window = RateWindow(seconds: 60, at: Self.start)
        window.recall(3, at: Self.start - .seconds(30))
        window.recall(4, at: Self.start - .seconds(3_600))
        window.recall(2, at: Self.start + .seconds(1))
        window.recall(-5, at: Self.start)
        #expect(window.used == 5)
        window.advance(to: Self.start + .seconds(40))
        #expect(window.used == 2)
    }
}
