import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// `/people/waiting`: the invitations that can still be used, and what a second person has to sign.
struct WaitingPeoplePage {
    let tabs: PeopleTabs
    let unconfirmed: [PendingSecondSignature]
    let invitations: [OpenInvitation]
    let signer: OrderSigner
    let hashing: any Hashing

    /// The number of orders that can be confirmed on the page; the command confirms any other.
    static let most = 50

    var header: PageHeader {
        var header = PageHeader(
            "People: waiting",
            StatusBadge(
                unconfirmed.isEmpty ? .plain : .pending,
                unconfirmed.isEmpty ? "Nothing to confirm" : "\(unconfirmed.count) to confirm",
                from: "The orders about people that need a second signature."))
        header.fact("Invitations") { "\(invitations.count)" }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        tabs.html
        card("For a second signature") {
            element(.p, .style(.hint)) {
                "Have the person read the id to you. Where several people have the role security, neither the person who invited or requested nor the one whom it is about can confirm."
            }
            second.html(or: "Nothing waits for a second signature.")
            element(.h3) { "By key" }
            TypedCommand.list([
                TypedCommand(
                    "Confirm", "interlock", "people", "confirm", "ID", "--as",
                    signer.session.person.address)
            ])
        }
        for (number, one) in unconfirmed.prefix(Self.most).enumerated() {
            if let digest = one.one.digest(hashing) {
                SecondSignature(one: one, digest: digest, signer: signer, number: number).html
            }
        }
        card("Open invitations") { open.html(or: "No invitation is open.") }
    }

    private var second: Table {
        Table(
            Shape.count(unconfirmed.count, "order"),
            [
                .name("Id"), .state("What"), .name("Person"), .text("Roles after it"),
                .name("Requested by"), .time("Until"),
            ], unconfirmed, isBroad: true
        ) { one in
            [
                element(.code) { PersonLabels.id(one) }, .text(PersonLabels.kind(one)),
                .safe(PersonLabels.person(one)), .safe(PersonLabels.roles(after: one)),
                one.by.map { Shape.person($0) } ?? .text("–"), Shape.time(one.one.expires),
            ]
        }
    }

    private var open: Table {
        Table(
            Shape.count(invitations.count, "invitation"),
            [.name("Person"), .text("Roles after it"), .name("Invited by"), .time("Until")],
            invitations
        ) { one in
            [
                .safe(one.invitation.person.address), PersonLabels.roles(one.roles),
                one.by.map { Shape.person($0) } ?? .text("named at the start"),
                Shape.time(one.invitation.expires),
            ]
        }
    }
}
