import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockMarkup
import InterlockModel

/// A form for an order about a person, a service, a seat or a token of an agent by passkey. Shown only to who may sign it; the page must be created
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
        /// Passes the signer's seat in one of these groups.
        case delegate([String])
        case endDelegation([String])
        case issueAgentToken(AgentTokens.Offer)
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
            days(90, most: 365)
        case .delegate(let groups):
            group("Your seat in the group", groups)
            line("Address of the person who decides meanwhile", .person, "person", 254)
            days(7, most: 14)
        case .endDelegation(let groups): group("Group in which you decide again", groups)
        case .issueAgentToken(let offer):
            Form.hidden("agent", offer.agent.text)
            Form.select(
                "Valid for", "lasts_s", anchor(.days), AgentTokens.lifetimes, chosen: "28800")
            line(
                "Purpose of the run", .person, "purpose", AgentTokenRequest.purposes.upperBound,
                isRequired: offer.needsPurpose)
            if offer.only.count > 1 {
                choices(
                    "Only for (none chosen: all that the policy grants)", "only",
                    offer.only.map { ($0, .name($0), false) })
            }
        case .endToken(let services):
            Form.select(
                "Service whose token ends", "service", anchor(.service),
                services.map { ($0.text, $0.text) }, chosen: nil)
        }
    }

    private func roles(_ legend: String, _ chosen: Set<Role>) -> HTML {
        choices(
            legend, "roles",
            Role.allCases.map {
                ($0.rawValue, .text(PersonLabels.name($0)), chosen.contains($0))
            })
    }

    private func choices(
        _ legend: String, _ name: StaticString,
        _ values: [(value: String, words: HTML, isChosen: Bool)]
    ) -> HTML {
        element(.fieldset, .style(.choices, .field)) {
            element(.legend) { legend }
            for choice in values {
                element(.label) {
                    HTML.empty(
                        .input,
                        [
                            .word(.type, "checkbox"), .word(.name, name),
                            .text(.value, choice.value),
                        ] + (choice.isChosen ? [.flag(.checked)] : []))
                    choice.words
                }
            }
        }
    }

    private func group(_ label: String, _ groups: [String]) -> HTML {
        Form.select(label, "group", anchor(.group), groups.map { ($0, $0) }, chosen: nil)
    }

    private func days(_ usual: Int, most: Int) -> HTML {
        Form.field(
            "Days", anchor(.days),
            empty(
                .input, .word(.type, "number"), .word(.name, "days"), .id(anchor(.days)),
                .flag(.required), .number(.min, 1), .number(.max, most),
                .text(.value, "\(usual)")))
    }

    private func line(
        _ label: String, _ part: Part, _ name: StaticString, _ most: Int, isRequired: Bool = true
    ) -> HTML {
        let id = anchor(part)
        return Form.field(
            label, id,
            HTML.empty(
                .input,
                [
                    .word(.type, "text"), .word(.name, name), .id(id), .number(.maxlength, most),
                    .word(.autocomplete, "off"), .word(.autocapitalize, "none"),
                    .word(.spellcheck, "false"),
                ] + (isRequired ? [.flag(.required)] : [])))
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

    private enum Part { case person, typed, service, role, group, days, reason, hint }

    private func anchor(_ part: Part) -> Anchor {
        switch part {
        case .person: Anchor("people-person", number)
        case .typed: Anchor("people-typed", number)
        case .service: Anchor("people-service", number)
        case .role: Anchor("people-role", number)
        case .group: Anchor("people-group", number)
        case .days: Anchor("people-days", number)
        case .reason: Anchor("people-reason", number)
        case .hint: Anchor("people-hint", number)
        }
    }

    private var style: Attribute {
        switch order {
        case .revoke, .endToken, .endDelegation: .style(.deny)
        case .invite, .inviteAgain, .roles, .confirm, .issueToken, .delegate, .issueAgentToken:
            .style(.approve)
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
        case .delegate: "delegate"
        case .endDelegation: "end_delegation"
        case .issueAgentToken: "issue_agent_token"
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
        case .issueToken, .issueAgentToken: "Issue token"
        case .delegate: "Pass seat"
        case .endDelegation: "End delegation"
        case .endToken: "End token"
        }
    }
}

extension OrderSigner {
    func form(_ order: PeopleOrderForm.Order, _ number: Int = 0) -> HTML {
        PeopleOrderForm(order: order, signer: self, number: number).html
    }
}
