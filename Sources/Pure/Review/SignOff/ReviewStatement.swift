package import InterlockJSON
package import InterlockModel

/// The statements of reviewers about the parts of a review besides its sample, kept until they sign. They have no authority:
/// the document that is made of them is checked as a whole, and its reviewers sign it.
package struct ReviewStatement: Sendable, Hashable {
    package private(set) var controls: [ControlAnswer] = []
    /// The items that have an outcome.
    package private(set) var drift: [DriftItem] = []
    /// Numbered from 1 on.
    package private(set) var findings: [ReviewFinding] = []
    /// The outcomes of findings of earlier reviews.
    package private(set) var earlier: [FindingOutcome] = []
    /// The policy of the matrix that was compared; nil before.
    package private(set) var policy: Digest?
    /// The digest of the patch that was proposed then.
    package private(set) var retire: Digest?
    /// The items that were proposed then.
    package private(set) var decisions: [RetireDecision] = []
    package private(set) var next: Timestamp?
    /// The reviewers besides the person who signs first.
    package private(set) var others: [Person] = []

    /// The largest document, in bytes.
    package static let largest = 256 << 10
    private static let mostOthers = 7

    package init() {}

    package mutating func answer(_ answers: [ControlAnswer]) { controls = answers }

    /// Takes a comparison of scopes with their use. Items that were declined before stay declined. If there are more than a
    /// sign-off holds, the last one is about all others and says how many they are.
    package mutating func compare(policy: Digest, retire: Digest?, items: [String]) {
        self.policy = policy
        self.retire = retire
        let most = ReviewSignOff.mostItems
        let kept = items.count > most ? Array(items.prefix(most - 1)) : items
        let before = decisions
        decisions = kept.map { item in
            RetireDecision(
                item: item, declined: before.first { sameBytes($0.item, item) }?.declined)
        }
        guard items.count > most else { return }
        decisions.append(
            RetireDecision(
                item: "\(items.count - kept.count) further items of the proposal", declined: nil))
    }

    /// - Parameter declined: the reason, 1 to 400 bytes; nil to accept the item.
    /// - Returns: false if there is no such item, or the reason has another length.
    package mutating func decide(_ item: String, declined: String?) -> Bool {
        guard let place = decisions.firstIndex(where: { sameBytes($0.item, item) }),
            declined.map({ RetireDecision.reasonBytes.contains($0.utf8.count) }) ?? true
        else { return false }
        decisions[place] = RetireDecision(item: item, declined: declined)
        return true
    }

    /// Takes the outcome of an item, in the place of an earlier one.
    package mutating func decide(_ item: DriftItem) {
        guard item.outcome != nil else { return }
        drift.removeAll { $0.isSame(as: item) }
        drift.append(item)
    }

    /// Takes the outcome of a finding of an earlier review, in the place of one before.
    ///
    /// - Returns: false if there are too many.
    package mutating func decide(_ outcome: FindingOutcome) -> Bool {
        let others = earlier.filter {
            $0.review != outcome.review || $0.number != outcome.number
        }
        guard others.count < ReviewSignOff.mostFindings else { return false }
        earlier = others + [outcome]
        return true
    }

    /// - Returns: false if the text has another length, or there are too many.
    package mutating func add(
        _ severity: FindingSeverity, _ text: String, owner: Person, due: Timestamp, leaf: Digest?,
        control: ReviewControl? = nil
    ) -> Bool {
        let finding = ReviewFinding(
            number: findings.count + 1, severity, text, owner: owner, due: due, leaf: leaf,
            control: control)
        guard let finding else { return false }
        findings.append(finding)
        return true
    }

    /// Takes a finding away. Those after it get the next lower numbers.
    package mutating func removeFinding(_ number: Int) {
        let left = findings.filter { $0.number != number }
        findings = []
        for one in left {
            _ = add(
                one.severity, one.text, owner: one.owner, due: one.due, leaf: one.leaf,
                control: one.control)
        }
    }

    /// - Returns: false if there are too many reviewers.
    package mutating func plan(next: Timestamp, others: [Person]) -> Bool {
        guard others.count <= Self.mostOthers, Set(others).count == others.count else {
            return false
        }
        self.next = next.wholeSecond
        self.others = others
        return true
    }

    /// The statement in the form that the gateway makes a document of.
    ///
    /// - Parameter next: the time of the next review if none is stated.
    package func stated(by person: Person, next latest: Timestamp) -> JSONObject {
        let reviewers = [person] + others.filter { $0 != person }
        // The items of drift and the questions are counted one by one.
        var parts = [SignOffPart.drift, .controls]
        if policy != nil { parts += [.scopes, .retire] }
        var object: JSONObject = [
            "controls": .array(controls.map(\.json)), "decisions": .array(decisions.map(\.json)),
            "drift": .array(drift.map(\.json)), "earlier": .array(earlier.map(\.json)),
            "findings": .array(findings.map(\.json)),
            "next": .string((next ?? latest).rfc3339(fractionDigits: 0)),
            "parts": .array(parts.map { .string($0.rawValue) }),
            "reviewers": .array(reviewers.map { .string($0.address) }),
        ]
        if let policy { object["policy"] = .string(policy.prefixed) }
        if let retire { object["retire"] = .string(retire.prefixed) }
        return object
    }
}

extension DriftItem {
    /// True if both are about the same change, whatever their outcomes.
    package func isSame(as other: DriftItem) -> Bool {
        cause == other.cause && leaf == other.leaf && sameBytes(subject, other.subject)
    }
}

// The form in which it is kept.
extension ReviewStatement {
    package func canonical() throws(FormError) -> [UInt8] {
        var object: JSONObject = [
            "controls": .array(controls.map(\.json)), "decisions": .array(decisions.map(\.json)),
            "drift": .array(drift.map(\.json)), "findings": .array(findings.map(\.json)),
            "others": .array(others.map { .string($0.address) }), "v": 1,
        ]
        if let policy { object["policy"] = .string(policy.prefixed) }
        if let retire { object["retire"] = .string(retire.prefixed) }
        if let next { object["next"] = .string(next.rfc3339(fractionDigits: 0)) }
        if !earlier.isEmpty { object["earlier"] = .array(earlier.map(\.json)) }
        do throws(JSONError) { return try JSONValue.object(object).canonical() } catch {
            throw FormError.json(error)
        }
    }

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.value(bytes, limit: Self.largest),
            required: ["controls", "decisions", "drift", "findings", "others", "v"],
            optional: ["earlier", "next", "policy", "retire"])
        try fields.expectVersion1()
        let most = ReviewSignOff.mostItems
        for value in try fields.array("controls", count: 0...ReviewControl.allCases.count) {
            controls.append(try ControlAnswer(json: value))
        }
        for value in try fields.array("decisions", count: 0...most) {
            decisions.append(try RetireDecision(json: value))
        }
        for value in try fields.array("drift", count: 0...most) {
            drift.append(try DriftItem(json: value))
        }
        for value in try fields.array("findings", count: 0...ReviewSignOff.mostFindings) {
            findings.append(try ReviewFinding(json: value))
        }
        guard findings.enumerated().allSatisfy({ $0.offset + 1 == $0.element.number }) else {
            throw fields.bad("findings", "numbered from 1 on")
        }
        if fields.has("earlier") {
            for value in try fields.array("earlier", count: 1...ReviewSignOff.mostFindings) {
                earlier.append(try FindingOutcome(json: value))
            }
        }
        others = try fields.list(
            "others", count: 0...Self.mostOthers, "an e-mail address", Person.written)
        if fields.has("policy") { policy = try fields.digest("policy") }
        if fields.has("retire") { retire = try fields.digest("retire") }
        if fields.has("next") { next = try fields.time("next", fractionDigits: 0) }
    }
}
