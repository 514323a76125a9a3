import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// One order that waits for a second signature: everything that the signature covers, and the form.
struct SecondSignature {
    let one: PendingSecondSignature
    let digest: Digest
    let signer: OrderSigner
    let number: Int

    private var isEnrolment: Bool { if case .enrolment = one.one.change { true } else { false } }

    var html: HTML {
        card("Confirm: \(PersonLabels.kind(one).lowercased())") {
            facts
            if one.one.excluded.contains(signer.session.pseudonym) {
                element(.p, .style(.hint)) {
                    "Another person with the role security must confirm it: you requested it, or it is about you."
                }
            } else {
                signer.form(.confirm(digest: digest, isEnrolment: isEnrolment), number)
            }
        }
    }

    private var facts: HTML {
        let shown = one.one.shown
        var facts = Facts()
        facts.group("Change")
        facts.add("Id") { element(.code) { PersonLabels.id(one) } }
        facts.add("Person", text: PersonLabels.person(one))
        if let credential = shown["credential"] {
            facts.add("Credential") {
                element(.code) {
                    SafeLine.text((credential["id"] ?? credential["key"])?.string ?? "")
                }
            }
            facts.add("For", text: credential["rp"]?.string)
        }
        if let order = shown["order"] {
            facts.add("Gives", text: PersonLabels.roles(order["add"]))
            facts.add("Takes", text: PersonLabels.roles(order["remove"]))
            facts.add("Reason", text: order["reason"]?.string)
        }
        facts.add("Roles after it", text: PersonLabels.roles(after: one))
        facts.group("Request")
        facts.add("Requested by", text: one.by?.address)
        facts.add("Until") { Shape.time(one.one.expires) }
        facts.add("Digest") { element(.code) { digest.prefixed } }
        return facts.html
    }
}

extension PersonLabels {
    /// The id of what waits. That of an enrolment lacks its end, which its holder reads to the person who confirms: an
    /// enrolment by another person would not match.
    static func id(_ one: PendingSecondSignature) -> String {
        guard case .enrolment = one.one.change else { return one.one.id.text }
        return one.one.id.text.dropLast(6) + "......"
    }

    static func kind(_ one: PendingSecondSignature) -> String {
        switch one.one.shown["credential"]?["kind"]?.string {
        case "passkey": "New passkey"
        case "ed25519": "New key"
        default: "Change of roles"
        }
    }

    static func person(_ one: PendingSecondSignature) -> String {
        let shown = one.one.shown
        return (shown["person"] ?? shown["order"]?["person"])?.string ?? ""
    }

    static func roles(after one: PendingSecondSignature) -> String { roles(one.one.shown["roles"]) }

    static func roles(_ names: JSONValue?) -> String {
        let roles = (names?.array ?? []).compactMap(\.string)
        return roles.isEmpty ? "none" : roles.joined(separator: ", ")
    }
}
