import InterlockJSON
package import InterlockModel

/// A policy case of class `incident` that was made from a record, and counts once a reviewer has confirmed it
/// (docs/specs/evals.md, section 7).
package struct CaseDraft: Sendable {
    package let id: CaseID
    /// The text of the file.
    package let text: String

    /// - Parameter identity: the canonical call, or nil if the arguments were erased.
    package init?(_ captured: CapturedCall, _ origin: CaseOrigin, identity: CanonicalCall?) {
        let mark = identity.map { String($0.digest.hex.prefix(8)) } ?? "record-\(origin.leaf)"
        guard let id = Self.id(of: captured.call, mark) else { return nil }
        self.id = id
        text = Self.lines(captured, origin, id).joined(separator: "\n") + "\n"
    }

    private static let longestID = 63

    /// `incident-billing-refund-request-1f0a93cc`.
    private static func id(of call: ToolAddress, _ mark: String) -> CaseID? {
        let name = "incident-\(call)".lowercased().utf8.map { byte in
            isDigit(byte) || isLetter(byte) ? byte : UInt8(ascii: "-")
        }
        let room = longestID - mark.utf8.count - 1
        return CaseID(String(decoding: name.prefix(room), as: UTF8.self) + "-" + mark)
    }

    private static func lines(
        _ captured: CapturedCall, _ origin: CaseOrigin, _ id: CaseID
    ) -> [String] {
        let by = captured.rule.isEmpty ? "" : " by `\(FlowText.comment(captured.rule))`"
        var lines = [
            "# Recorded decision: \(captured.verdict)\(by). With `draft: true` the case does not count, until a",
            "# reviewer confirms what should have been decided by `interlock eval capture --confirm`.",
        ]
        let facts = captured.facts
        if !facts.unstated.isEmpty {
            let names = FlowText.comment(facts.unstated.joined(separator: ", "))
            lines.append("# Facts of that decision that a case does not state: \(names).")
        }
        lines += [
            "interlock_eval: 1", "id: \(id)", "kind: policy", "class: incident", "draft: true",
            "agent: \(captured.agent)", "call: \(FlowText.quoted(captured.call.description))",
        ]
        if let arguments = captured.arguments {
            lines.append("args: \(FlowText.text(arguments))")
        } else {
            lines += [
                "# The arguments were erased. State them, and remove `missing`.",
                "args: {}", "missing: [args]",
            ]
        }
        lines.append("at: \"\(captured.at.rfc3339(fractionDigits: 3))\"")
        if let stage = facts.stage { lines.append("stage: \(stage.rawValue)") }
        if facts.level > .clean { lines.append("level: \(facts.level.name)") }
        if let label = facts.label { lines.append("label: \(label.rawValue)") }
        if let task = facts.task { lines.append("purpose: \(FlowText.quoted(task))") }
        if let person = facts.onBehalfOf { lines.append("on_behalf_of: \(text(of: person))") }
        if !facts.counters.isEmpty {
            lines.append("counters: \(FlowText.text(.object(facts.counters)))")
        }
        lines += ["expect: \(captured.verdict)", "origin:", "  - \(origin.flow)"]
        return lines
    }

    private static func text(of person: Person) -> String { FlowText.quoted(person.address) }
}

extension CaseOrigin {
    /// - Parameter captured: kept in whole seconds, as it is written.
    package init(
        log: String, leaf: Int64, run: String?, capturedAt captured: Timestamp, by person: Person,
        under policy: Digest
    ) {
        self.init(
            log: log, leaf: leaf, run: run, captured: captured.wholeSecond, capturedBy: person,
            policy: policy)
    }

    /// Returns true if both name the same record.
    package func isSameRecord(as other: CaseOrigin) -> Bool {
        leaf == other.leaf && log == other.log
    }

    /// The origin as one line of YAML in flow style.
    package var flow: String {
        var members = [
            "log: \(FlowText.quoted(log))", "leaf: \(leaf)",
        ]
        if let run { members.append("run: \(FlowText.quoted(run))") }
        members += [
            "captured: \"\(captured.rfc3339(fractionDigits: 0))\"",
            "captured_by: \(FlowText.quoted(capturedBy.address))",
            "policy: \"\(policy.prefixed)\"",
        ]
        return "{" + members.joined(separator: ", ") + "}"
    }
}

extension CaseReview {
    package init(_ person: Person, on day: CivilDate) { self.init(by: person, on: day) }
}
