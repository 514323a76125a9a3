import InterlockJSON
import InterlockLedger
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
        guard let pointer, !pointer.isEmpty, pointer.utf8.count <= ReportedFindings.longestPlace,
            pointer.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return name }
        return "\(name) at \(pointer)"
    }
}
