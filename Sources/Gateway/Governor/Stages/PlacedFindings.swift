import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSafety

/// The findings in what would be sent, with the values that they are in: a policy admits some classes at some places.
struct PlacedFindings: Sendable {
    private let values: JSONValue
    /// The findings that block unless they are admitted, and those that deny a call only if a policy raises their class.
    private let findings: [ResultFinding]
    /// The fact that something was not decoded, if it counts.
    let undecodable: DecisionFacts.ArgumentFinding?
    private let isOfHost: Bool
    /// True for what a caller answers to the server of its call, whose fields the server chose: a tool that accepts a class
    /// at some argument takes it in any answer.
    private let areAnswers: Bool

    init(
        _ values: JSONValue, _ findings: [ResultFinding] = [], marks: MarkedValues,
        undecodable: DecisionFacts.ArgumentFinding?, isOfHost: Bool, areAnswers: Bool
    ) {
        self.values = values
        self.areAnswers = areAnswers
        // A token that only marks denies no call.
        let raisable = marks.classes.intersection(.decided)
        self.findings = findings + raisable.classes.flatMap { marks.places(of: $0) }
        self.undecodable = undecodable
        self.isOfHost = isOfHost
    }

    /// The findings that the policy does not admit where they are. Canaries and values of the broker are admitted nowhere.
    func notAdmitted(
        by policy: PolicySnapshot, _ address: ToolAddress, at now: Timestamp
    ) -> [ResultFinding] {
        var texts: Set<Int> = []
        for finding in findings where policy.mayLower(finding.secretClass, of: address) {
            if case .part(let text, _) = finding.extent { texts.insert(text) }
        }
        guard !texts.isEmpty else { return findings }
        let names = values.names(toTexts: texts)
        let anywhere = areAnswers ? policy.acceptedNumbers(of: address) : []
        return findings.filter { finding in
            if anywhere.contains(finding.secretClass) { return false }
            guard policy.mayLower(finding.secretClass, of: address),
                case .part(let text, _) = finding.extent
            else { return true }
            return !policy.isLowered(
                finding.secretClass, at: names[text], of: address, on: now)
        }
    }

    /// Returns the finding that denies the call whatever the policy says of its class. A coding agent writes and runs tests
    /// whose tokens are examples, so those do not deny a call of its own tools unless the policy raises them.
    func worst(
        of findings: [ResultFinding], raising raised: SecretClassSet = []
    ) -> ResultFinding? {
        guard isOfHost else { return findings.worst }
        return findings.registered
            ?? findings.first {
                $0.secretClass == .privateKey || $0.secretClass == .token && raised.contains(.token)
            }
    }

    /// The longest JSON Pointer of a description, in bytes.
    private static let longestPointer = 160

    /// Returns the class and the place of a finding. A name in which something was found is not written.
    func described(_ finding: ResultFinding) -> String {
        let name = finding.secretClass.rawValue
        guard case .part(let text, _) = finding.extent else { return name }
        var hidden: Set<Int> = []
        for finding in findings {
            // The names in which this value is are not known.
            guard case .part(let text, _) = finding.extent else { return name }
            hidden.insert(text)
        }
        let pointer = values.pointer(toText: text, hiding: hidden)
        // The agent's side chose the names; the sentence may be shown to people.
        guard let pointer, !pointer.isEmpty, pointer.utf8.count <= Self.longestPointer,
            pointer.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return name }
        return "\(name) at \(pointer)"
    }
}

/// Finds the names that lead to texts, in one walk through the values.
private struct NameWalk {
    let texts: Set<Int>
    private var next = 0
    private var path: [String] = []
    private(set) var found: [Int: [String]] = [:]

    init(to texts: Set<Int>) { self.texts = texts }

    mutating func take(_ value: JSONValue) {
        switch value {
        case .null, .bool: break
        case .integer, .number, .string:
            if texts.contains(next) { found[next] = path }
            next += 1
        case .array(let items): for item in items { take(item) }
        case .object(let object):
            for (key, value) in object.members {
                next += 1
                path.append(key)
                take(value)
                path.removeLast()
            }
        }
    }
}

extension JSONValue {
    /// Returns the names of the members that lead to texts, which are counted as `ResultTexts` does; elements of lists
    /// have none. A text that is a name itself has no entry.
    func names(toTexts texts: Set<Int>) -> [Int: [String]] {
        var walk = NameWalk(to: texts)
        walk.take(self)
        return walk.found
    }
}

extension JSONValue {
    /// Returns the JSON Pointer of a text, counted as `ResultTexts` does. The pointer ends before a name that is
    /// hidden; a text that is a name has the pointer of its object.
    ///
    /// - Returns: nil if there is no such text.
    func pointer(toText text: Int, hiding hidden: Set<Int>) -> String? {
        var next = 0
        return steps(toText: text, hiding: hidden, &next)?.reversed().map { "/" + $0 }.joined()
    }

    /// The steps from the text to this value. They are made on the way back alone: of the other values, which may be
    /// many below a long name, nothing is copied.
    private func steps(toText text: Int, hiding hidden: Set<Int>, _ next: inout Int) -> [String]? {
        switch self {
        case .null, .bool: return nil
        case .integer, .number, .string:
            defer { next += 1 }
            return next == text ? [] : nil
        case .array(let items):
            for (index, item) in items.enumerated() {
                guard let steps = item.steps(toText: text, hiding: hidden, &next) else { continue }
                return steps + ["\(index)"]
            }
            return nil
        case .object(let object):
            for (key, value) in object.members {
                let name = next
                next += 1
                if name == text { return [] }
                guard let steps = value.steps(toText: text, hiding: hidden, &next) else { continue }
                return hidden.contains(name) ? [] : steps + [JSONPointer.escaped(key)]
            }
            return nil
        }
    }
}
