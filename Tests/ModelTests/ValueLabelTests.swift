import InterlockModel
import Testing

/// The words of labels for those who decide about a call.
@Suite struct ValueLabelTests {
    @Test(arguments: ValueLabel.allCases)
    func `a source follows the words, and none leaves them as they are`(_ label: ValueLabel) {
        #expect(label.words(from: nil) == label.words)
        #expect(label.words(from: "desk.look").hasSuffix(": desk.look"))
    }

    @Test func `no value is said to be in untrusted content alone`() {
        #expect(ValueLabel.untrusted.words(from: "desk.look") == "in untrusted content: desk.look")
        #expect(ValueLabel.untrusted.words.hasSuffix("unknown origin"))
        for label in ValueLabel.allCases { #expect(!label.words.contains("only")) }
    }
}
