import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// `/enrol/TOKEN`
struct EnrolmentPage {
    let invited: InvitedPerson

    var header: PageHeader {
        PageHeader(
            "Enrol a passkey",
            StatusBadge(.plain, "Invited", from: "The link of the invitation, which is valid."))
    }

    @HTMLBuilder var content: [HTML] {
        facts.html
        element(.p) {
            "The passkey signs you in here, and signs what you approve. It stays on your device."
        }
        element(.section, .id(Anchor("enrol")), .style(.actions)) {
            element(
                .button, .style(.approve), .word(.type, "button"), .id(Anchor("enrol-button")),
                .flag(.disabled)
            ) { "Make a passkey" }
            element(.p, .style(.hint), .id(Anchor("ceremony-hint")), .word(.role, "status")) {
                "This needs the script of this page and a device with passkeys."
            }
        }
        element(.p) { hyperlink(Link("sign-in"), .style(.act)) { "Sign in" } }
    }

    private var facts: Facts {
        var facts = Facts()
        facts.add("Invited", text: invited.person.address)
        facts.add("Roles") {
            invited.roles.isEmpty
                ? "none: approving needs none"
                : invited.roles.map(\.rawValue).joined(separator: ", ")
        }
        return facts
    }
}
