import InterlockEvals
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockChangeGate

/// The bounds on what a host names of its run, each of which makes the run differ from every result.
@Suite(.requirement("R116")) struct NamedPartsTests {
    @Test(arguments: [(0, false), (1, true)])
    func `a longer name than is kept differs from every result`(_ more: Int, _ differs: Bool) {
        let name = ExactText(String(repeating: "n", count: NamedParts.longest + more))
        var shown = NamedParts(of: GateBench.clerk)
        shown.show(.model(name))
        shown.show(.instructions(name, in: nil, isAtStart: true))
        #expect((shown.otherModel(than: .empty) != nil) == differs)
        #expect((shown.otherFiles(than: .empty) != nil) == differs)
    }

    @Test func `more bytes of names than are kept differ from every result`() {
        var shown = NamedParts(of: GateBench.clerk)
        let start = String(repeating: "f", count: NamedParts.longest - 3)
        for number in 0..<NamedParts.mostBytes / NamedParts.longest {
            shown.show(
                .instructions(ExactText("\(start)\(100 + number)"), in: nil, isAtStart: true))
        }
        let within = shown.otherFiles(than: .empty)
        shown.show(.instructions("a", in: nil, isAtStart: true))
        let above = shown.otherFiles(than: .empty)
        #expect(within == nil && above != nil)
    }

    @Test func `the first folder counts, if it is no longer than a path`() {
        var shown = NamedParts(of: GateBench.clerk)
        let long = ExactText(String(repeating: "/", count: NamedParts.longest + 1))
        for folder in [long, "/workspace", "/workspace/sub"] { shown.show(.folder(folder)) }
        shown.show(
            .instructions("/workspace/sub/CLAUDE.md", in: "/workspace/sub", isAtStart: false))
        #expect(shown.otherFiles(than: FingerprintNames(prompt: ["sub/CLAUDE.md"])) == nil)
        #expect(shown.otherFiles(than: FingerprintNames(prompt: ["CLAUDE.md"])) != nil)
    }
}
