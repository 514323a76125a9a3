import InterlockJSON
import InterlockModel

// The items of a sign-off in its document.

extension RetireDecision {
    private static let itemBytes = 1...400
    static let reasonBytes = 1...400

    var json: JSONValue {
        var object: JSONObject = ["item": .string(item)]
        if let declined { object["declined"] = .string(declined) }
        return .object(object)
    }

    init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            json, at: "decisions", required: ["item"], optional: ["declined"])
        self.init(
            item: try fields.string("item", length: Self.itemBytes),
            declined: try fields.has("declined")
                ? fields.string("declined", length: Self.reasonBytes) : nil)
    }
}

extension ControlAnswer {
    var json: JSONValue {
        ["control": .string(control.rawValue), "ok": .bool(isInOrder)]
    }

    init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(json, at: "controls", required: ["control", "ok"])
        self.init(
            try fields.made("control", "a control") { ReviewControl(rawValue: $0) },
            isInOrder: try fields.bool("ok"))
    }
}

extension DriftItem {
    private static let subjectBytes = 1...200

    var json: JSONValue {
        var object: JSONObject = [
            "cause": .string(cause.rawValue), "leaf": .string(leaf.base64),
            "subject": .string(subject),
        ]
        if let outcome { object["outcome"] = .string(outcome.word) }
        if case .lower(let second)? = outcome { object["second"] = .string(second.address) }
        return .object(object)
    }

    init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            json, at: "drift", required: ["cause", "leaf", "outcome", "subject"],
            optional: ["second"])
        let word = try fields.string("outcome")
        let outcome: Outcome
        switch ExactText(word) {
        case "keep": outcome = .keep
        case "raise": outcome = .raise
        case "lower":
            outcome = .lower(
                second: try fields.made("second", "an e-mail address", Person.written))
        default: throw fields.bad("outcome", "`keep`, `raise` or `lower`")
        }
        guard fields.has("second") == sameBytes(word, "lower") else {
            throw fields.bad("second", "absent unless the outcome is `lower`")
        }
        self.init(
            try fields.made("cause", "a cause of drift") { Cause(rawValue: $0) },
            subject: try fields.string("subject", length: Self.subjectBytes),
            leaf: try fields.leaf("leaf"), outcome: outcome)
    }
}

extension ReviewFinding {
    var json: JSONValue {
        var object: JSONObject = [
            "due": .string(due.rfc3339(fractionDigits: 0)), "number": .integer(Int64(number)),
            "owner": .string(owner.address), "severity": .integer(Int64(severity.rawValue)),
            "text": .string(text),
        ]
        if let leaf { object["leaf"] = .string(leaf.base64) }
        if let control { object["control"] = .string(control.rawValue) }
        return .object(object)
    }

    init(json: JSONValue) throws(FormError) {
        self = try ReviewFinding(
            StrictFields(
                json, at: "findings", required: ["due", "number", "owner", "severity", "text"],
                optional: ["control", "leaf"]))
    }

    /// - Parameter fields: those of a finding, and perhaps others.
    init(_ fields: StrictFields) throws(FormError) {
        let most = Int64(ReviewSignOff.mostFindings)
        var control: ReviewControl?
        if fields.has("control") {
            let named: ReviewControl = try fields.made("control", "a control") {
                ReviewControl(rawValue: $0)
            }
            control = named
        }
        guard
            let severity = FindingSeverity(
                rawValue: Int(try fields.integer("severity", in: 1...3))),
            let finding = ReviewFinding(
                number: Int(try fields.integer("number", in: 1...most)), severity,
                try fields.string("text", length: Self.textBytes),
                owner: try fields.made("owner", "an e-mail address", Person.written),
                due: try fields.time("due", fractionDigits: 0),
                leaf: try fields.has("leaf") ? fields.leaf("leaf") : nil,
                control: control)
        else { throw fields.bad("text", "1 to 1000 bytes") }
        self = finding
    }
}
