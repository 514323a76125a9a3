import InterlockMarkup

/// `/sign-in`
struct SignInPage {
    /// The address to open after signing in.
    let next: Link

    var header: PageHeader {
        PageHeader(
            "Sign in", StatusBadge(.plain, "Signed out", from: "This page needs no session."))
    }

    @HTMLBuilder var content: [HTML] {
        element(.p) { "With the passkey that you enrolled here. Your device asks you to confirm." }
        element(.section, .id(Anchor("sign-in")), .style(.actions)) {
            Form.hidden("next", next.text)
            element(
                .button, .style(.approve), .word(.type, "button"), .id(Anchor("sign-in-button")),
                .flag(.disabled)
            ) { "Sign in with a passkey" }
            element(.p, .style(.hint), .id(Anchor("ceremony-hint")), .word(.role, "status")) {
                "Signing in needs the script of this page and a passkey."
            }
        }
    }
}
