import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// Each finding of `interlock policy check` has a remedy: its own advice, or that of its code.
@Suite struct FindingRemedyTests {
    private static let place = PolicyLocation(file: "policy.yaml", line: 3, column: 5)

    @Test(arguments: FindingCode.allCases)
    func `a finding without advice has the remedy of its code`(_ code: FindingCode) {
        let finding = Finding(code, at: Self.place, "something is wrong")
        #expect(finding.help == nil && finding.remedy == code.meaning.remedy)
        #expect(finding.textWithRemedy == finding.text + "\n  help: " + code.meaning.remedy)
        #expect(finding.jsonWithRemedy["help"]?.string == code.meaning.remedy)
    }

    @Test func `advice of its own comes first, and what is waived needs none`() {
        var finding = Finding(.noEffects, at: Self.place, "it has none", help: "state `reversible`")
        #expect(finding.textWithRemedy == finding.text)
        #expect(finding.remedy == "state `reversible`")
        finding = Finding(.noEffects, at: Self.place, "it has none")
        finding.waived = true
        #expect(finding.remedy == nil && finding.textWithRemedy == finding.text)
        #expect(finding.jsonWithRemedy["help"] == JSONValue.null)
    }

    @Test func `no remedy only points to what a message says`() {
        for code in FindingCode.allCases {
            let remedy = code.meaning.remedy
            #expect(!remedy.hasSuffix(" is named") && !remedy.hasPrefix("see "), "\(code)")
        }
    }
}
