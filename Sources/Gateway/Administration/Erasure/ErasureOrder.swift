import InterlockJSON
package import InterlockModel
import InterlockPorts

/// An operator's order to erase payloads, with its reason (docs/specs/ledger.md, section 17).
package struct ErasureOrder: Sendable {
    package enum Target: Sendable, Hashable {
        case run(RunID)
        /// Every run that acted on behalf of this person.
        case subject(Pseudonym)
        /// The keys of all days before this one.
        case before(CivilDate)
    }

    package let target: Target
    /// A stable code rather than free text, because it stays in the log for ever.
    package let reason: String
    package let ticket: String?

    /// - Parameter pseudonyms: translates a subject's e-mail address; a pseudonym as in the log is accepted as well.
    init(_ body: JSONValue, pseudonyms: any Pseudonyms) throws(FormError) {
        let fields = try StrictFields(
            body, required: ["reason", "confirm"], optional: ["run", "subject", "before", "ticket"])
        let named = ["run", "subject", "before"].filter(fields.has)
        guard named.count == 1, let name = named.first else {
            throw fields.bad("run", "one of run, subject and before")
        }
        let text = try fields.string(name)
        guard try fields.string("confirm") == text else {
            throw fields.bad("confirm", "`\(text)` again: what is erased cannot be brought back")
        }
        target =
            switch name {
            case "run": .run(try fields.made(name, "the id of a run", { RunID($0) }))
            case "before": .before(try fields.made(name, "a date", { CivilDate($0) }))
            default:
                .subject(
                    try fields.made(name, "an address or a pseudonym") { text in
                        Person(text).map(pseudonyms.pseudonym(of:)) ?? Self.pseudonym(text)
                    })
            }
        reason = try fields.made("reason", "a code such as `erasure.request`", Self.code)
        ticket =
            try fields.has("ticket") ? fields.made("ticket", "a ticket's name", Self.code) : nil
    }

    private static func pseudonym(_ text: String) -> Pseudonym? {
        Base64.decode(text)?.count == 16 ? Pseudonym(text: text) : nil
    }

    private static func code(_ text: String) -> String? {
        let isCode = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "#"):
                true
            default: false
            }
        }
        return isCode && (1...64).contains(text.utf8.count) ? text : nil
    }
}

/// The reason an erasure failed or is incomplete.
package enum ErasureRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// The log has no record of the run or of the person, or no keys are that old.
    case nothingFound
    /// The date is in the future.
    case notPast
    case unreadable(String)
    /// The log rejected the record; nothing was erased.
    case notRecorded(String)
    /// The erasure is recorded, but the keys still exist; the next start destroys them.
    case notDone(String)

    package var description: String {
        switch self {
        case .nothingFound: "nothing is kept of what you named"
        case .notPast: "the date is not past: the keys of days that go on cannot be destroyed"
        case .unreadable(let reason): "the log cannot be read: \(reason)"
        case .notRecorded(let code):
            "the erasure cannot be recorded, so nothing was erased: \(code)"
        case .notDone(let reason):
            "the erasure is recorded, and its keys are not destroyed yet: \(reason)"
        }
    }
}

extension Problem {
    package init(_ refusal: ErasureRefusal) {
        switch refusal {
        case .nothingFound: self.init(.noSuchName, "\(refusal)")
        case .notPast: self.init(.malformed, "\(refusal)")
        case .unreadable: self.init(.notRead, "\(refusal)")
        case .notRecorded: self.init(.notRecorded, "\(refusal)")
        case .notDone:
            self.init(
                .notKept, "\(refusal)", help: "ask again, or restart the gateway: it finishes this")
        }
    }
}
