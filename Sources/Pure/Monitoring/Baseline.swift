/// Mean and deviation of the last 1,000 quiet windows, in blocks of 50: it counts between 1,000 and 1,049 windows and
/// stores none of them individually.
package struct Baseline: Sendable {
    private struct Block {
        var sum = 0.0
        var squares = 0.0
    }
    private var blocks: [Block]
    private var open = Block()
    private var openCount = 0
    private var oldest = 0
    private var full = 0
    private var sum = 0.0
    private var squares = 0.0

    static let blockSize = 50
    static let mostBlocks = 20
    /// The most windows that it covers.
    static let most = mostBlocks * blockSize + blockSize - 1
    /// A smaller deviation would let an almost constant series raise an alert at any change.
    static let leastDeviation = 0.5

    package init() { blocks = Array(repeating: Block(), count: Self.mostBlocks) }

    package var count: Int { full * Self.blockSize + openCount }
    package var mean: Double { count == 0 ? 0 : sum / Double(count) }

    package var deviation: Double {
        guard count > 1 else { return Self.leastDeviation }
        let variance = (squares - sum * sum / Double(count)) / Double(count - 1)
        return max(Self.leastDeviation, max(0, variance).squareRoot())
    }

    package mutating func learn(_ value: Double) {
        open.sum += value
        open.squares += value * value
        sum += value
        squares += value * value
        openCount += 1
        guard openCount == Self.blockSize else { return }
        if full == Self.mostBlocks {
            oldest = (oldest + 1) % Self.mostBlocks
            full -= 1
        }
        blocks[(oldest + full) % Self.mostBlocks] = open
        full += 1
        (open, openCount) = (Block(), 0)
        addUp()
    }

    /// Recomputes the sums once per block, so that rounding errors do not accumulate.
    private mutating func addUp() {
        (sum, squares) = (0, 0)
        for number in 0..<full {
            let block = blocks[(oldest + number) % Self.mostBlocks]
            sum += block.sum
            squares += block.squares
        }
    }
}

extension Baseline {
    func write(to state: inout MonitorBytes) {
        state.put(UInt8(full))
        for number in 0..<full {
            let block = blocks[(oldest + number) % Self.mostBlocks]
            state.put(block.sum)
            state.put(block.squares)
        }
        state.put(UInt8(openCount))
        state.put(open.sum)
        state.put(open.squares)
    }

    init(from state: inout MonitorReader) throws(MonitorUnreadable) {
        self.init()
        full = try state.small(UInt8(Self.mostBlocks))
        for number in 0..<full {
            blocks[number] = Block(sum: try state.double(), squares: try state.double())
        }
        addUp()
        openCount = try state.small(UInt8(Self.blockSize - 1))
        open = Block(sum: try state.double(), squares: try state.double())
        sum += open.sum
        squares += open.squares
    }
}
