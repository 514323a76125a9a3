import InterlockModel
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockGovernor

/// The parts of values that runs were about to send.
@Suite(.requirement("R082")) struct SentPartsTests {
    private func run(_ number: UInt64) -> RunID {
        RunID(milliseconds: Int64(number), random: [UInt8](repeating: 1, count: 10))
    }

    private func part(_ value: UInt64, _ parts: UInt64) -> ValuePart {
        ValuePart(value: value, parts: parts, known: 0xff)
    }

    @Test func `parts add up within one run, and not over two`() {
        let sent = SentParts()
        #expect(sent.add([part(1, 0b0011)], of: run(1)).isEmpty)
        #expect(sent.add([part(1, 0b0011)], of: run(1)).isEmpty)
        #expect(sent.add([part(1, 0b1100)], of: run(2)).isEmpty)
        #expect(sent.add([part(2, 0b1100)], of: run(1)).isEmpty)
        #expect(sent.add([part(1, 0b1100)], of: run(1)) == [part(1, 0b1100)])
        // Each further stretch is found, too.
        #expect(sent.add([part(1, 0b0001)], of: run(1)) == [part(1, 0b0001)])
        sent.remove(run(1))
        #expect(sent.add([part(1, 0b1100)], of: run(1)).isEmpty)
    }

    @Test func `parts for which there is no room count as found`() {
        let sent = SentParts(most: 2)
        for number in 1...2 { _ = sent.add([part(1, 1)], of: run(UInt64(number))) }
        #expect(sent.add([part(1, 1)], of: run(3)) == [part(1, 1)])
        #expect(sent.add([part(1, 2)], of: run(2)).isEmpty)
        for value in 2...UInt64(SentParts.mostValues) {
            #expect(sent.add([part(value, 1)], of: run(1)).isEmpty)
        }
        #expect(sent.add([part(100, 1)], of: run(1)) == [part(100, 1)])
        #expect(sent.add([part(1, 2)], of: run(1)).isEmpty)
    }
}
