import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The label indexes of runs: their bounds, and what a new one does not know.
@Suite(.requirement("R084")) struct LabelledRunsTests {
    private static func run(_ number: Int64) -> RunID {
        RunID(milliseconds: number, random: [UInt8](repeating: 1, count: 10))
    }
    private let entropy = SeededEntropy(seed: 7)

    private func unknown(_ runs: LabelledRuns, _ run: RunID) -> ValueLabel? {
        runs.read(run) {
            $0.labels(of: ["v": "nowhere"], schema: nil, LabelConstants(egress: [])).worst
        }
    }

    @Test func `an index that begins after a read is incomplete`() {
        let runs = LabelledRuns()
        #expect(runs.isEmpty)
        #expect(runs.begin(Self.run(1), entropy) { false })
        #expect(runs.begin(Self.run(2), entropy) { true })
        #expect(unknown(runs, Self.run(1)) == .made && unknown(runs, Self.run(2)) == .untrusted)
        // One that has begun stays as it is.
        #expect(runs.begin(Self.run(1), entropy) { true })
        #expect(unknown(runs, Self.run(1)) == .made)
        runs.remove(Self.run(1))
        runs.remove(Self.run(2))
        #expect(runs.isEmpty && unknown(runs, Self.run(1)) == nil)
    }

    @Test func `a run without room has no index`() {
        let runs = LabelledRuns(most: 1)
        #expect(runs.begin(Self.run(1), entropy) { false })
        #expect(!runs.begin(Self.run(2), entropy) { false })
        runs.remove(Self.run(1))
        #expect(runs.begin(Self.run(2), entropy) { false })
    }

    @Test func `long content is added to an index that there is, or makes it incomplete`() {
        let runs = LabelledRuns()
        for number in 1...2 as ClosedRange<Int64> {
            #expect(runs.begin(Self.run(number), entropy) { false })
        }
        let long = JSONValue.string(String(repeating: "a ", count: LabelIndex.longestContent))
        runs.add(long: ["v": "first"], to: Self.run(1), of: "a.b", isNamed: false)
        runs.add(long: long, to: Self.run(2), of: "a.b", isNamed: false)
        runs.add(long: long, to: Self.run(3), of: "a.b", isNamed: false)
        let label = runs.read(Self.run(1)) {
            $0.labels(of: ["v": "first"], schema: nil, LabelConstants(egress: [])).worst
        }
        #expect(label == .untrusted && unknown(runs, Self.run(1)) == .made)
        #expect(unknown(runs, Self.run(2)) == .untrusted && unknown(runs, Self.run(3)) == nil)
        // Trusted content that is too long is not added, and nothing is missing.
        runs.add(longTrusted: long, to: Self.run(1), answering: [:])
        #expect(unknown(runs, Self.run(1)) == .made)
    }

    @Test
    func `beyond the bytes of all indexes nothing is added, and what is unknown is untrusted`() {
        let runs = LabelledRuns(mostBytes: 1024)
        for number in 1...2 as ClosedRange<Int64> {
            #expect(runs.begin(Self.run(number), entropy) { false })
        }
        runs.update(Self.run(1)) {
            $0.add(untrusted: ["v": "first"], of: "a.b", isNamed: false)
        }
        #expect(unknown(runs, Self.run(1)) == .made)
        runs.update(Self.run(2)) {
            $0.add(untrusted: ["v": "second"], of: "a.b", isNamed: false)
        }
        #expect(unknown(runs, Self.run(2)) == .untrusted)
        runs.remove(Self.run(1))
        #expect(runs.begin(Self.run(3), entropy) { false })
        runs.update(Self.run(3)) {
            $0.add(untrusted: ["v": "third"], of: "a.b", isNamed: false)
        }
        #expect(unknown(runs, Self.run(3)) == .made)
    }
}
