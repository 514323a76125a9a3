import InterlockAdministration
import InterlockMarkup
import InterlockModel

@testable import InterlockAPI
@testable import InterlockConsole

/// Controls that people fill in, choose and sign.
struct DesignForms {
    let viewer: PersonSession

    var filters: [DesignPage.Specimen] {
        [
            DesignPage.Specimen(
                "Chips with counts, one chosen", "FilterChips(label:all:chips:)"
            ) {
                FilterChips(
                    label: "State of the specimen", all: Link("agents"),
                    chips: [
                        FilterChips.Chip("Attention", 2, Link("runs"), isChosen: true),
                        FilterChips.Chip("Stopped", 0, Link("halt")),
                        FilterChips.Chip("All", 1_234, Link("agents")),
                    ]
                ).html
            },
            DesignPage.Specimen("Filters, one chosen", "FilterForm(list:isEmpty:)") {
                FilterForm(list: Link("agents"), isEmpty: false) {
                    FilterForm.text("Owner", "owner", Anchor("specimen-owner"), "ines")
                    FilterForm.choice(
                        "Tier", "tier", Anchor("specimen-tier"),
                        [("low", "low"), ("high", "high")], chosen: "high")
                }.html
            },
        ]
    }

    var forms: [DesignPage.Specimen] {
        [
            DesignPage.Specimen("Fields", "Form.field, Form.line, Form.select") {
                Form.field(
                    "Reason", Anchor("specimen-reason"),
                    Form.line("reason", Anchor("specimen-reason"), nil))
                Form.select(
                    "Severity", "severity", Anchor("specimen-severity"),
                    [("low", "low"), ("high", "high")], chosen: "low")
                Form.field(
                    "Comment (required for Other)", Anchor("specimen-comment"),
                    element(
                        .textarea, .word(.name, "text"), .id(Anchor("specimen-comment")),
                        .number(.rows, 3)))
            },
            DesignPage.Specimen("Field with an error") {
                notice(.bad) {
                    element(.strong) { "There is a problem: " }
                    hyperlink(.to(Anchor("specimen-wrong"))) { "the comment is missing" }
                }
                Form.field(
                    "Comment", Anchor("specimen-wrong"),
                    Form.line("wrong", Anchor("specimen-wrong"), ""))
            },
            DesignPage.Specimen("Buttons", ".style(.approve), .style(.deny), .style(.quiet)") {
                element(.div, .style(.row)) {
                    button("Save")
                    button("Approve this call", .style(.approve))
                    button("Deny this call", .style(.deny))
                    button("Sign out", .style(.quiet))
                    button("Approve this call", .style(.approve), .flag(.disabled))
                }
            },
        ]
    }

    private func button(_ words: String, _ attributes: Attribute...) -> HTML {
        .element(.button, [.word(.type, "button")] + attributes, [.text(words)])
    }

    var acts: [DesignPage.Specimen] {
        func form(_ roles: Set<Role>, _ way: ApprovalMethod, _ number: Int) -> HTML {
            OrderSigner(session: viewer, roles: roles, way: way).form(.halt(.org), number)
        }
        return [
            DesignPage.Specimen("Stop, by passkey", "signer.form(.halt(.org))") {
                form([.kill], .page, 1)
            },
            DesignPage.Specimen("Stop, on the command line") { form([.kill], .command, 2) },
            DesignPage.Specimen("Without the role") { form([], .page, 3) },
        ]
    }

    /// The sentences of the states of signing, as scripts write them.
    private static let states = [
        ("Ready", "Ready."), ("Confirm on your device", "Confirm on your device."),
        ("Checking", "Checking."), ("Done", "Signed in."),
        (
            "Cancelled",
            "Cancelled on your device: no passkey was used. Press the button to try again."
        ),
        (
            "Timed out",
            "Timed out after 2 minutes: no passkey was used. Have the passkey ready, then press the button again."
        ),
        ("None here", "This browser has no passkeys."),
    ]

    static let passkeys = states.map { name, words in
        DesignPage.Specimen(name) {
            element(.div, .style(.actions)) {
                element(
                    .button, .style(.approve), .word(.type, "button"),
                    .flag(.disabled)
                ) { "Sign with a passkey" }
                element(.p, .style(.hint)) { words }
            }
        }
    }

    private static let dialog = Anchor("specimen-dialog")
    private static let dialogTitle = Anchor("specimen-dialog-title")

    static let dialogs = [
        DesignPage.Specimen("Dialog", ".flag(.popover), .anchor(.popovertarget, _)") {
            element(
                .button, .word(.type, "button"), .anchor(.popovertarget, dialog)
            ) { "Open dialog" }
            element(
                .div, .id(dialog), .flag(.popover), .word(.role, "dialog"),
                .anchor(.labelledBy, dialogTitle)
            ) {
                element(.h2, .id(dialogTitle)) { "A dialog" }
                element(.p) { "Escape closes it." }
                element(
                    .button, .style(.quiet), .word(.type, "button"),
                    .anchor(.popovertarget, dialog)
                ) { "Close" }
            }
        }
    ]
}
