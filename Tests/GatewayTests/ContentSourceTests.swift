import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockGovernor

/// The authors of what a call brings (docs/specs/output-safety.md, section 7).
@Suite(.requirement("R084")) struct ContentSourceTests {
    private static let structured: JSONObject = [
        "content": [["type": "text", "text": "C-7 says hello"]],
        "structuredContent": ["id": "C-7", "notes": "hello"],
    ]

    private func source(
        _ isInternal: Bool, source: ToolFlow.Source? = nil, trusted: [String] = [],
        untrusted: [String] = []
    ) -> ContentSource {
        var flow = ToolFlow.none
        flow.source = source
        flow.trustedFields = trusted.map { FieldPath($0) }
        flow.untrustedFields = untrusted.map { FieldPath($0) }
        return ContentSource(flow, isInternal: isInternal)
    }

    @Test func `the review of the server decides, and a statement only makes it untrusted`() {
        let answer = JSONValue.object(Self.structured)
        for (made, isTrusted) in [
            (source(true), true), (source(false), false), (source(true, source: .internal), true),
            (source(true, source: .untrusted), false), (source(false, source: .internal), false),
            (source(false, source: .untrusted), false),
        ] {
            #expect(made.isTrustedWhole == isTrusted)
            for parts in [made.parts(ofAnswer: answer), made.parts(ofMessage: answer)] {
                #expect(parts.trusted == (isTrusted ? [answer] : []))
                #expect(parts.untrusted == (isTrusted ? [] : [answer]))
            }
        }
    }

    @Test func `a trusted field of an outside source is trusted, and its texts are not`() {
        let parts = source(false, trusted: ["id"]).parts(ofAnswer: .object(Self.structured))
        #expect(parts.trusted == ["C-7"])
        #expect(parts.untrusted.first == ["content": [["type": "text", "text": "C-7 says hello"]]])
        #expect(parts.untrusted.contains("hello") && !parts.untrusted.contains("C-7"))
    }

    @Test func `an untrusted field makes untrusted what may repeat it`() {
        let made = source(true, untrusted: ["notes"])
        #expect(!made.isTrustedWhole)
        let parts = made.parts(ofAnswer: .object(Self.structured))
        #expect(parts.trusted.contains("C-7") && !parts.trusted.contains("hello"))
        #expect(parts.untrusted.first == ["content": [["type": "text", "text": "C-7 says hello"]]])
        #expect(parts.untrusted.contains("hello"))
    }

    @Test func `without a structured result, in an error and in a message there is no field`() {
        var error = Self.structured
        error["isError"] = true
        let plain: JSONValue = ["content": [["type": "text", "text": "hello"]]]
        for made in [source(false, trusted: ["id"]), source(true, untrusted: ["notes"])] {
            for answer in [plain, .object(error), "an error"] {
                let parts = made.parts(ofAnswer: answer)
                #expect(parts.trusted.isEmpty && parts.untrusted == [answer])
            }
            let message = made.parts(ofMessage: .object(Self.structured))
            #expect(message.trusted.isEmpty)
        }
    }
}
