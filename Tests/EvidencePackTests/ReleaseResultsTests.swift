import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvidencePack

/// The results of a release, as they are reported before they are signed (docs/evidence.md, "Results of a release").
@Suite(.requirement("R134")) struct ReleaseResultsTests {
    private static let build = "sha256:" + String(repeating: "90", count: 32)

    private func read(_ text: String) throws -> ReleaseResults {
        try ReleaseResults(report: Array(text.utf8))
    }

    @Test func `what is signed is what was reported, and only pass is passed`() throws {
        let words = ["pass", "fail", "skipped", "PASS", ""]
        let rows = words.map { #"{"id":"T\#($0)","result":"\#($0)"}"# }
        let results = try read(
            #"{ "tests": [\#(rows.joined(separator: ","))], "build": "\#(Self.build)" }"#)
        let again = try ReleaseResults(payload: results.payload.canonical())
        #expect(again == results)
        #expect(again.tests.results.filter(\.passed).map(\.id) == ["Tpass"])
        #expect(again.build.prefixed == Self.build)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"build":"BUILD"}"#, #"{"tests":[]}"#,
        #"{"build":"sha256:1","tests":[]}"#,
        #"{"build":1,"tests":[]}"#, #"{"build":"BUILD","tests":{}}"#,
        #"{"build":"BUILD","tests":[{"id":"A"}]}"#,
        #"{"build":"BUILD","tests":[{"id":"A","result":1}]}"#,
        #"{"build":"BUILD","tests":[],"more":1}"#,
        #"{"build":"BUILD","tests":[{"id":"A","result":"pass"},{"id":"A","result":"pass"}]}"#,
    ])
    func `anything else is refused`(_ text: String) {
        let parts = text.split(separator: "BUILD", omittingEmptySubsequences: false)
        #expect(throws: FormError.self) { try read(parts.joined(separator: Self.build)) }
    }
}
