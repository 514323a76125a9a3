import InterlockCredentials
import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockYAML

extension Invariants {
    /// The input is the arguments of a recorded call, or the file of a case. A draft of a call states exactly its
    /// arguments or is no case, and it can be confirmed; no file makes an edit fail in another way than by a refusal.
    package static func caseDraft(_ bytes: [UInt8]) {
        if let value = try? JSONValue(parsing: bytes, limits: .upstream), value.object != nil {
            check(arguments: value)
        } else if let root = readYAML(bytes, file: "input.yaml").root {
            var text = String(decoding: bytes, as: UTF8.self)
            for _ in 0..<2 { text = edited(text, root) ?? text }
            precondition(!text.isEmpty, "an edit removes no file")
        }
    }

    private static let agent = AgentName("refunds")
    private static let person = Person("paul@acme.example")
    private static let policy = Digest(prefixed: "sha256:" + String(repeating: "ab", count: 32))
    private static let day = CivilDate("2026-11-29")
    private static let at = Timestamp(microseconds: 1_795_000_000_000_000)

    private static func origin(_ leaf: Int64) -> CaseOrigin? {
        guard let person, let policy else { return nil }
        return CaseOrigin(
            log: "acme.example/log", leaf: leaf, run: nil, capturedAt: at, by: person,
            under: policy)
    }

    private static func check(arguments: JSONValue) {
        guard let agent, let call = ToolAddress(itemWireName: "billing__refund"),
            let first = origin(7), let day, let person,
            let identity = CanonicalCall(
                of: agent, call, arguments, hashing: OpenSSLHashing())
        else { return }
        let captured = CapturedCall(
            agent: agent, call: call, arguments: arguments, at: at, verdict: .deny,
            rule: "no-grant", facts: .unknown)
        guard let draft = CaseDraft(captured, first, identity: identity) else {
            preconditionFailure("a tool has an id")
        }
        guard let one = Self.read(draft.text) else { return }
        precondition(one.isDraft && one.id == draft.id, "a draft is a draft")
        precondition(one.origins == [first], "an origin is read back")
        guard case .policy(let stated) = one.body else {
            preconditionFailure("a draft is a policy case")
        }
        precondition(
            stated.test.arguments == arguments && stated.test.expect == .deny,
            "arguments are read back, and nothing else")
        guard let root = readYAML(Array(draft.text.utf8), file: "input.yaml").root,
            let text = edited(draft.text, root), let confirmed = Self.read(text)
        else {
            // The edit can push a file over its limit.
            precondition(
                draft.text.utf8.count + 1024 > EvalLimits.caseBytes, "a draft is confirmed")
            return
        }
        precondition(
            !confirmed.isDraft && confirmed.reviews == [CaseReview(person, on: day)],
            "a confirmation is read back")
        precondition(confirmed.origins.count == 2, "an origin is added")
    }

    private static func read(_ text: String) -> EvalCase? {
        guard let agent else { return nil }
        let file = SuiteReader.File(path: "input.yaml", bytes: Array(text.utf8))
        return CaseReading(SuiteReader.parsed(file), of: agent).evalCase
    }

    /// The text after all edits, or nil if one is refused.
    private static func edited(_ text: String, _ root: YAMLNode) -> String? {
        guard let person, let day, let origin = origin(9) else { return nil }
        do throws(CaseEdit.Refusal) {
            var edit = try CaseEdit(text, root)
            try edit.expect(.approve(2))
            try edit.add(origin)
            try edit.confirm(by: person, on: day, regressionOf: policy)
            return edit.text
        } catch { return nil }
    }
}
