package import InterlockModel
package import InterlockSafety

/// The classes of values that the policy raises, and the values that it lets tools take
/// (docs/specs/output-safety.md, sections 4 and 8).
package struct SafetySpec: Sendable {
    /// The classes whose values are denied in arguments, also of a coding agent's own tools.
    package private(set) var denied: SecretClassSet = []
    /// The classes whose values are replaced in results, also of a coding agent's own tools.
    package private(set) var replaced: SecretClassSet = []
    /// The waivers, in the order of the file.
    package private(set) var waivers: [ValueWaiver] = []
    /// The place of `safety`; nil if the policy has none.
    package let place: PolicyLocation?

    static let mostWaivers = 200

    init(_ value: TypedValue?, _ findings: inout Findings) {
        place = value?.place
        for member in value?["classes"]?.members ?? [] {
            guard let secretClass = SecretClass(rawValue: member.key) else { continue }
            read(secretClass, member.value, &findings)
        }
        guard let stated = value?["waivers"] else { return }
        if stated.items.count > Self.mostWaivers {
            findings.add(.tooLarge, at: stated, "waivers: more than \(Self.mostWaivers) entries")
        }
        for item in stated.items.prefix(Self.mostWaivers) {
            if let waiver = ValueWaiver(item, &findings) { waivers.append(waiver) }
        }
    }

    private mutating func read(
        _ secretClass: SecretClass, _ value: TypedValue, _ findings: inout Findings
    ) {
        for (key, raised) in [("arguments", "deny"), ("results", "replace")] {
            guard let stated = value[key], let word = stated.text else { continue }
            if word == raised {
                if key == "arguments" {
                    denied.formUnion(SecretClassSet(secretClass))
                } else {
                    replaced.formUnion(SecretClassSet(secretClass))
                }
            } else if !SecretClassSet.marked.contains(secretClass) {
                findings.add(
                    .unfitSafety, at: stated,
                    "\(key): a policy cannot lower `\(secretClass.rawValue)` for all tools",
                    help: "state `accepts` or `returns` of the tool that needs it, or a waiver")
            }
        }
    }
}

/// A value that a tool takes by its purpose, such as the new key of a vault. It lowers one class at one argument until a
/// date, and a person answers for it.
package struct ValueWaiver: PolicyPart {
    /// The tool as written, `server.tool`.
    package let tool: Located<String>
    package let argument: FieldPath
    package let secretClass: SecretClass
    package let owner: Located<Person>
    /// The last day.
    package let until: CivilDate
    package let place: PolicyLocation
    let path: String

    /// The longest time for which a waiver counts, in days.
    static let mostDays = 365

    fileprivate init?(_ value: TypedValue, _ findings: inout Findings) {
        guard let tool = value["tool"]?.located(\.text), let argument = value["argument"],
            let path = argument.text, let name = value["class"], let word = name.text,
            let secretClass = SecretClass(rawValue: word),
            let owner = value["owner"]?.located(\.person), let until = value["until"]?.date,
            let reason = value["reason"], let words = reason.text
        else { return nil }
        let problem: (at: TypedValue, words: String)?
        if !SecretClassSet.waivable.contains(secretClass) {
            problem = (name, "class: values of class `\(word)` cannot be waived")
        } else if !isWrittenPath(path) {
            problem = (argument, "argument: invalid path `\(path)`")
        } else if !(8...500).contains(words.utf8.count) {
            problem = (reason, "reason: expected 8 to 500 bytes")
        } else {
            problem = nil
        }
        if let problem {
            findings.add(.unfitSafety, at: problem.at, problem.words)
            return nil
        }
        self.tool = tool
        self.argument = FieldPath(path)
        self.secretClass = secretClass
        self.owner = owner
        self.until = until
        place = value.place
        self.path = value.path
    }

    /// Returns true through the last day, which must be at most 365 days ahead.
    package func isLive(at now: Timestamp) -> Bool { problem(at: now) == nil }

    /// The reason why the waiver does not count, or nil if it does.
    func problem(at now: Timestamp) -> String? {
        until.waiverProblem(at: now, mostDays: Self.mostDays)
    }

    /// The waiver in words for people, as a clause about its tool.
    var words: String {
        "may have \(secretClass.rawValue) in \(argument.text), waived by \(owner.value) until "
            + until.text
    }

    func isOf(_ address: ToolAddress) -> Bool { ToolAddress(dotted: tool.value) == address }
}
