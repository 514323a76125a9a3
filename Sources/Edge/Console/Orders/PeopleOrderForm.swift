import InterlockAdministration
import InterlockApprovals
import InterlockMarkup
import InterlockModel

/// A form for an order about a person or a service by passkey. Shown only to who may sign it; the page must be created
/// with `signsOrders`. Without a passkey the same page has the command.
struct PeopleOrderForm {
    enum Order {
        /// A person who is named in the form.
        case invite
        /// A further device of a person who is known.
        case inviteAgain(Person)
        case roles(TrustedPerson)
        case revoke(Person)
        /// The second signature. An enrolment is confirmed by the end of its id, which is not on the page.
        case confirm(digest: Digest, isEnrolment: Bool)
        case issueToken
        case endToken([ServiceAccountName])
    }

    let order: Order
    let signer: OrderSigner
    /// Distinguishes the forms of one page.
    let number: Int

    var html: HTML {
        switch signer.way {
        case .page: form
        case .command:
            element(.p, .style(.hint)) {
                "Signing by passkey is not configured here; the command does the same."
            }
        }
    }

    private var form: HTML {
        element(.form, .word(.order, "people")) {
            Form.hidden("form_token", signer.session.formToken)
            Form.hidden("deed", written)
            fields
            reason
            element(.button, style, .word(.type, "submit"), .flag(.disabled)) { action }
            element(.p, .style(.hint), .id(anchor(.hint)), .word(.role, "status")) {
                "This needs the script of this page and a passkey. The command does the same."
            }
        }
    }

    @HTMLBuilder private var fields: [HTML] {
        switch order {
        case .invite:
            line("Address of the person", .person, "person", 254)
            roles("Roles to give", [])
        case .inviteAgain(let person): Form.hidden("person", person.address)
        case .roles(let person):
            Form.hidden("person", person.person.address)
            roles("Roles of \(SafeLine.text(person.person.address))", person.roles)
        case .revoke(let person):
            Form.hidden("person", person.address)
            line("Type the address to revoke", .typed, "typed", 254)
        case .confirm(let digest, let isEnrolment):
            Form.hidden("digest", digest.prefixed)
            if isEnrolment {
                line("Last 6 characters of the id, as its holder reads them", .typed, "typed", 6)
            }
        case .issueToken:
            line("Name of the service", .service, "service", 64)
            Form.select(
                "Sees as a person with the role", "role", anchor(.role),
                Role.allCases.map { ($0.rawValue, PersonLabels.name($0)) },
                chosen: Role.security.rawValue)
            Form.field(
                "Days", anchor(.days),
                empty(
                    .input, .word(.type, "number"), .word(.name, "days"), .id(anchor(.days)),
                    .flag(.required), .number(.min, 1), .number(.max, 365), .text(.value, "90")))
        case .endToken(let services):
            Form.select(
                "Service whose token ends", "service", anchor(.service),
                services.map { ($0.text, $0.text) }, chosen: nil)
        }
    }

    private func roles(_ legend: String, _ chosen: Set<Role>) -> HTML {
        element(.fieldset, .style(.choices, .field)) {
            element(.legend) { legend }
            for role in Role.allCases {
                element(.label) {
                    HTML.empty(
                        .input,
                        [
                            .word(.type, "checkbox"), .word(.name, "roles"),
                            .text(.value, role.rawValue),
                        ] + (chosen.contains(role) ? [.flag(.checked)] : []))
                    PersonLabels.name(role)
                }
            }
        }
    }

    private func line(_ label: String, _ part: Part, _ name: StaticString, _ most: Int) -> HTML {
        let id = anchor(part)
        return Form.field(
            label, id,
            empty(
                .input, .word(.type, "text"), .word(.name, name), .id(id), .flag(.required),
                .number(.maxlength, most), .word(.autocomplete, "off"),
                .word(.autocapitalize, "none"), .word(.spellcheck, "false")))
    }

    private var reason: HTML {
        let id = anchor(.reason)
        var said = ""
        if case .confirm = order { said = "Seen and confirmed" }
        return Form.field(
            "Reason", id,
            empty(
                .input, .word(.type, "text"), .word(.name, "reason"), .id(id), .flag(.required),
                .number(.minlength, OrderLimits.reason.lowerBound),
                .number(.maxlength, OrderLimits.reason.upperBound), .word(.autocomplete, "off"),
                .text(.value, said), .anchor(.describedBy, anchor(.hint))))
    }

    private enum Part { case person, typed, service, role, days, reason, hint }

    private func anchor(_ part: Part) -> Anchor {
        switch part {
        case .person: Anchor("people-person", number)
        case .typed: Anchor("people-typed", number)
        case .service: Anchor("people-service", number)
        case .role: Anchor("people-role", number)
        case .days: Anchor("people-days", number)
        case .reason: Anchor("people-reason", number)
        case .hint: Anchor("people-hint", number)
        }
    }

    private var style: Attribute {
        switch order {
        case .revoke, .endToken: .style(.deny)
        case .invite, .inviteAgain, .roles, .confirm, .issueToken: .style(.approve)
        }
    }

    /// The name of its kind in the signed order.
    private var written: String {
        switch order {
        case .invite, .inviteAgain: "invite"
        case .roles: "role"
        case .revoke: "revoke"
        case .confirm: "confirm"
        case .issueToken: "issue_token"
        case .endToken: "end_token"
        }
    }

    private var action: String {
        switch order {
        case .invite: "Invite person"
        case .inviteAgain: "Invite again"
        case .roles: "Request change of roles"
        case .revoke(let person): "Revoke \(SafeLine.text(person.address))"
        case .confirm(_, isEnrolment: true): "Confirm credential"
        case .confirm: "Confirm roles"
        case .issueToken: "Issue token"
        case .endToken: "End token"
        }
    }
}

extension OrderSigner {
    func form(_ order: PeopleOrderForm.Order, _ number: Int = 0) -> HTML {
        PeopleOrderForm(order: order, signer: self, number: number).html
    }
}
